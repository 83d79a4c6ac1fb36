"""What is stated of a line that was mailed to a subscriber, or could not be."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from contracts.envelope import Message
from contracts.facts.notice import NoticeEnded
from contracts.notices import stated
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
    return stated(
        fact,
        source="notifier",
        case_id=row["case_id"],
        correlation_id=row["correlation_id"],
        event_id=event_id,
        at=at,
    )
