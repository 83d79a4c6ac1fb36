"""What a merge does to the other cases: the master takes the higher urgency, and what was merged before moves along."""

from collections.abc import Iterable, Iterator

from contracts.envelope import SYSTEM
from services.router.workflow.case import Case
from services.router.workflow.commands.linking import SetUrgencyData
from services.router.workflow.lifecycle import CaseEvent, move, perform
from services.router.workflow.situation import Moment, Rules


def after_merge(
    merged: Case, master: Case, children: Iterable[Case], rules: Rules, moment: Moment
) -> Iterator[tuple[Case, list[CaseEvent]]]:
    """The master's and the children's changes; `children` are the cases that had been merged into `merged`."""
    if merged.urgency.level > master.urgency.level:
        raised = SetUrgencyData(urgency=merged.urgency, reason="merge: the higher urgency of both")
        yield perform(master, "set_urgency", raised, SYSTEM, rules, moment)
    for child in children:
        yield move(child, master, rules, moment)
