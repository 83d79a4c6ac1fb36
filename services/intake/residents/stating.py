"""What is stated of a message to a reporter once it has ended: never where it went."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from contracts.envelope import Message
from contracts.facts.notice import NoticeReporterTold
from contracts.notices import stated


def reporter_told(row: Mapping[str, Any], *, event_id: UUID, at: datetime) -> Message:
    """About the report's own case, also when the fact was one of the case that it was merged into."""
    fact = NoticeReporterTold(
        notice_id=row["id"],
        report_id=row["report_id"],
        message=row["kind"],
        medium=row["medium"],
        about_event=row["about_event"],
        about_type=row["about_type"],
        outcome=row["status"],
        attempts=row["attempts"],
    )
    return stated(fact, row, source="intake", event_id=event_id, at=at)
