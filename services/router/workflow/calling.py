"""Which emergency lines are to be called over a case: those that the rules of danger name (domain §11.2, T38)."""

from collections.abc import Iterable

from contracts.vocabulary import CaseState
from services.router.decision.routing import Decision
from services.router.rulesets.ruleset import Ruleset
from services.router.workflow.case import Case
from services.router.workflow.commands.confirming import ConfirmData, feared_of
from services.router.workflow.situation import Data, Rules

_CALLED_IN = (CaseState.DISPATCHED, CaseState.DEFINING)


def lines_to_call(
    given: Data, before: Case, case: Case, decision: Decision | None, rules: Rules
) -> tuple[str, ...]:
    """By what was `given`: where danger was confirmed those of what was feared `before`, in whatever state; else those
    of the decision, once somebody has the case. The emergency beside an application calls them itself."""
    if isinstance(given, ConfirmData):
        beside = case.emergency != before.emergency
        return lines_of(feared_of(before, rules), rules.ruleset) if given.dangerous and not beside else ()
    if decision is None or case.state not in _CALLED_IN or case.emergency is not None:
        return ()
    return decision.call_lines


def lines_of(floors: Iterable[str], ruleset: Ruleset) -> tuple[str, ...]:
    known = ruleset.urgency.floors
    return tuple(dict.fromkeys(line for name in floors if name in known for line in known[name].call))
