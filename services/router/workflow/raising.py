"""An open case is as urgent as what is known of it now says; never less urgent than it was (domain §4.2, §11.2)."""

from contextlib import suppress

from contracts.envelope import SYSTEM
from contracts.facts.reason import Reason
from contracts.vocabulary import Urgency
from services.router.workflow.case import Case
from services.router.workflow.commands.linking import RaisedData
from services.router.workflow.lifecycle import CaseEvent, Incomplete, decided_anew, perform
from services.router.workflow.situation import Around, Moment, Rules
from services.router.workflow.standing_in import placed_now
from services.router.workflow.table import transition

Changed = tuple[Case, list[CaseEvent]]


def raised(
    case: Case, least: Urgency, reason: str, around: Around, rules: Rules, moment: Moment
) -> Changed | None:
    """The case at `least` or at what is counted now, the higher; None when it stays, or rests."""
    if transition(case.state, "set_urgency") is None:
        return None
    case = placed_now(case, rules.directory)
    counted, reasons = _counted(case, around, rules, moment)
    wanted = max(least, counted, key=lambda urgency: urgency.level)
    if wanted.level <= case.urgency.level:
        return None
    data = RaisedData(urgency=wanted, reason=reason, reasons=reasons)
    return perform(case, "set_urgency", data, SYSTEM, rules, moment)


def lines_named(case: Case, master: Case, rules: Rules, moment: Moment) -> tuple[str, ...]:
    """The emergency lines that the rules call over what is merged into an open `master`."""
    if transition(master.state, "call_line") is None:
        return ()
    with suppress(Incomplete):
        decision = decided_anew(case, Around(grid=master.grid), rules, moment.at)
        return decision.call_lines if decision else ()
    return ()


def _counted(case: Case, around: Around, rules: Rules, moment: Moment) -> tuple[Urgency, tuple[Reason, ...]]:
    """The urgency with what is known now, and the soft points of it."""
    if case.category is not None:
        with suppress(Incomplete):
            if decision := decided_anew(case, around, rules, moment.at):
                counted = (reason for reason in decision.reasons if reason.points is not None)
                return decision.urgency, tuple(counted)
    return case.urgency, ()
