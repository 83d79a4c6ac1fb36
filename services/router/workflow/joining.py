"""What several reports of one matter do to its case: it is as urgent as all of them say, and merges stay one level
deep (domain §7)."""

from collections.abc import Iterable, Iterator
from contextlib import suppress

from contracts.envelope import SYSTEM
from contracts.facts.case import Reason
from contracts.vocabulary import Urgency
from services.router.workflow.case import Case
from services.router.workflow.commands.linking import RaisedData
from services.router.workflow.lifecycle import CaseEvent, Incomplete, decided_anew, move, perform
from services.router.workflow.situation import Around, Moment, Rules

Changed = tuple[Case, list[CaseEvent]]


def after_merge(
    merged: Case, master: Case, children: Iterable[Case], around: Around, rules: Rules, moment: Moment
) -> Iterator[Changed]:
    """The master's and the children's changes; `children` are the cases that had been merged into `merged`, `around`
    is what the master knows of its reporters with the new one."""
    if raised := _raised(master, merged.urgency, "merge: more people report it", around, rules, moment):
        yield raised
    for child in children:
        yield move(child, master, rules, moment)


def after_reminder(case: Case, around: Around, rules: Rules, moment: Moment) -> Changed | None:
    """One who says it again may make it more urgent (soft point S3, counted anew)."""
    return _raised(case, case.urgency, "a reporter asked again", around, rules, moment)


def _raised(
    case: Case, least: Urgency, reason: str, around: Around, rules: Rules, moment: Moment
) -> Changed | None:
    """Never lower than it is; None when it stays."""
    counted, reasons = _counted(case, around, rules)
    wanted = max(least, counted, key=lambda urgency: urgency.level)
    if wanted.level <= case.urgency.level:
        return None
    raised = RaisedData(urgency=wanted, reason=reason, reasons=reasons)
    return perform(case, "set_urgency", raised, SYSTEM, rules, moment)


def _counted(case: Case, around: Around, rules: Rules) -> tuple[Urgency, tuple[Reason, ...]]:
    """The urgency with what is known now, and the soft points of it."""
    if case.category is not None:
        with suppress(Incomplete):
            if decision := decided_anew(case, around, rules):
                counted = (reason for reason in decision.reasons if reason.points is not None)
                return decision.urgency, tuple(counted)
    return case.urgency, ()
