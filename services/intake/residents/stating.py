"""What is stated of a message to a reporter once it has ended: never where it went."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from contracts import topics
from contracts.envelope import SYSTEM, Message, to_message
from contracts.events import event_of
from contracts.facts.notice import NoticeReporterTold


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
    event = event_of(
        fact,
        event_id=event_id,
        case_id=row["case_id"],
        occurred_at=at,
        recorded_at=at,
        actor=SYSTEM,
        causation_id=row["about_event"],
        correlation_id=row["correlation_id"],
    )
    return to_message(topics.NOTICES.name, "intake", event)
