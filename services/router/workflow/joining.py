"""What several reports of one matter do to its case: it is as urgent as all of them say, each is told how it
ended, and merges stay one level deep (domain §7)."""

from collections.abc import Iterable, Iterator
from uuid import UUID

from contracts.envelope import SYSTEM
from services.router.workflow.case import Case
from services.router.workflow.commands.confirming import JoinedDoubtData, new_doubts
from services.router.workflow.commands.linking import JoinData
from services.router.workflow.lifecycle import CaseEvent, called, move, perform
from services.router.workflow.raising import Changed, brought, raised
from services.router.workflow.situation import Around, Moment, Rules
from services.router.workflow.table import transition


def after_merge(
    merged: Case, master: Case, children: Iterable[Case], around: Around, rules: Rules, moment: Moment
) -> Iterator[Changed]:
    """The master's and the children's changes; `children` are the cases that had been merged into `merged`, `around`
    is what the master knows of its reporters with the new one."""
    events: list[CaseEvent] = []
    new = brought(merged, master, rules, moment)
    why = "merge: more people report it"
    if change := raised(master, new.urgency, why, around, rules, moment, new.floors):
        master, events = change
    if transition(master.state, "call_line"):
        master, more = called(master, (line for line in new.lines if line not in merged.lines), rules, moment)
        events = [*events, *more]
    if (doubts := new_doubts(merged, master, rules)) and transition(master.state, "request_confirm"):
        doubt = JoinedDoubtData(floors=doubts)
        master, more = perform(master, "request_confirm", doubt, SYSTEM, rules, moment)
        events = [*events, *more]
    if transition(master.state, "join"):
        joined = JoinData(report_id=merged.report_id)
        master, more = perform(master, "join", joined, SYSTEM, rules, moment)
        events = [*events, *more]
    if events:
        yield master, events
    for child in children:
        yield move(child, master, rules, moment)


def after_unmerge(
    master: Case, report_id: UUID, around: Around, rules: Rules, moment: Moment
) -> Changed | None:
    """The master, which waits for that reporter no more; `around` are those who stay with it."""
    if transition(master.state, "unjoin") is None:
        return None
    return perform(master, "unjoin", JoinData(report_id=report_id), SYSTEM, rules, moment, around)


def after_reminder(case: Case, around: Around, rules: Rules, moment: Moment) -> Changed | None:
    """One who says it again may make it more urgent (soft point S3, counted anew)."""
    return raised(case, case.urgency, "a reporter asked again", around, rules, moment)
