"""What is stated of a notice to a unit once it has ended."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from contracts import topics
from contracts.envelope import SYSTEM, Message, to_message
from contracts.events import event_of
from contracts.facts.notice import NoticeUnitTold


def unit_told(row: Mapping[str, Any], *, event_id: UUID, at: datetime) -> Message:
    fact = NoticeUnitTold(
        notice_id=row["id"],
        unit=row["unit"],
        post=row["post"],
        medium=row["medium"],
        number=row["number"],
        about_event=row["event_id"],
        about_type=row["event_type"],
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
        causation_id=row["event_id"],
        correlation_id=row["correlation_id"],
    )
    return to_message(topics.NOTICES.name, "notifier", event)
