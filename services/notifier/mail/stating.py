"""What is stated of a line that was mailed to a subscriber, or could not be."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from contracts import topics
from contracts.envelope import SYSTEM, Message, to_message
from contracts.events import event_of
from contracts.facts.notice import NoticeEnded
from contracts.vocabulary import NoticeStatus

_STATED = {NoticeStatus.DELIVERED, NoticeStatus.EXPIRED}


def mailed(row: Mapping[str, Any], *, event_id: UUID, at: datetime) -> Message:
    fact = NoticeEnded(
        notice_id=row["id"],
        subscription_id=row["subscription_id"],
        about_event=row["event_id"],
        about_type=row["event_type"],
        channel="email",
        outcome=row["status"] if row["status"] in _STATED else "permanent-failure",
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
