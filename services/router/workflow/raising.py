"""An open case is as urgent as what is known of it now says; never less urgent than it was (domain §4.2, §11.2)."""

from contextlib import suppress
from typing import NamedTuple

from contracts.envelope import SYSTEM
from contracts.facts.reason import Reason
from contracts.vocabulary import Urgency
from services.router.decision.urgency import floors_that_hold
from services.router.workflow.case import Case
from services.router.workflow.commands.linking import RaisedData
from services.router.workflow.lifecycle import CaseEvent, Incomplete, decided_anew, perform
from services.router.workflow.situation import Around, Moment, Rules
from services.router.workflow.standing_in import placed_now
from services.router.workflow.table import transition

Changed = tuple[Case, list[CaseEvent]]


def raised(
    case: Case,
    least: Urgency,
    reason: str,
    around: Around,
    rules: Rules,
    moment: Moment,
    floors: tuple[str, ...] | None = None,
) -> Changed | None:
    """The case at `least` or at what is counted now, the higher; None when it stays, or rests."""
    if transition(case.state, "set_urgency") is None:
        return None
    case = placed_now(case, rules.directory)
    counted, reasons = _counted(case, around, rules, moment)
    wanted = max(least, counted, key=lambda urgency: urgency.level)
    if wanted.level <= case.urgency.level:
        return None
    data = RaisedData(urgency=wanted, reason=reason, reasons=reasons, floors=floors)
    return perform(case, "set_urgency", data, SYSTEM, rules, moment)


class Brought(NamedTuple):
    """What a report brings to the case that it joins: danger that nobody has judged there, and lines to call."""

    urgency: Urgency
    floors: tuple[str, ...] = ()
    lines: tuple[str, ...] = ()


def brought(merged: Case, master: Case, rules: Rules, moment: Moment) -> Brought:
    """By the rules; what was made of it by persons or points holds too, unless one has lowered the master."""
    decision = None
    with suppress(Incomplete):
        seen = merged.changed(lowered=master.lowered or merged.lowered)
        decision = decided_anew(seen, Around(grid=master.grid), rules, moment.at)
    if decision is None:
        return Brought(merged.urgency)
    judged = master.lowered is not None and decision.urgency.level < merged.urgency.level
    urgency = decision.urgency if judged else merged.urgency
    return Brought(urgency, floors_that_hold(decision.reasons, rules.ruleset), decision.call_lines)


def _counted(case: Case, around: Around, rules: Rules, moment: Moment) -> tuple[Urgency, tuple[Reason, ...]]:
    """The urgency with what is known now, and the soft points of it."""
    if case.category is not None:
        with suppress(Incomplete):
            if decision := decided_anew(case, around, rules, moment.at):
                counted = (reason for reason in decision.reasons if reason.points is not None)
                return decision.urgency, tuple(counted)
    return case.urgency, ()
