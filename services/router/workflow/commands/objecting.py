"""What a reporter says of a closed case holds its archiving, so that a person can still open it again."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from uuid import UUID

from contracts.facts import closing as facts
from services.router.workflow.case import Case
from services.router.workflow.situation import Data, Lack, Said, Situation

REOPEN_WITHIN = timedelta(days=30)


class ObjectData(Data):
    report_id: UUID


def objected(at: Situation) -> Said:
    return Said(facts.CaseObjected(report_id=at.data.report_id))


def lacks_a_right_to_object(at: Situation) -> Iterator[Lack]:
    if at.data.report_id not in at.reports:
        yield Lack("/data/report_id", "not a report of this case")
    # later ones would put the archiving off for good
    if at.case.closed_at is not None and at.at > at.case.closed_at + REOPEN_WITHIN:
        yield Lack("/", "more than 30 days have passed since it was closed")


def rests_from(case: Case) -> datetime | None:
    """From when a closed case is opened no more, and archived: thirty days after it was closed, or after a reporter has
    objected: who will not open it again records nothing that could end the waiting sooner."""
    if case.closed_at is None:
        return None
    return max(case.closed_at, case.objected_at or case.closed_at) + REOPEN_WITHIN
