"""What the notifier states: how a notice ended."""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from contracts.envelope import Message
from contracts.facts.notice import NoticeEnded
from contracts.notices import stated


def notices_of(
    deliveries: Iterable[Mapping[str, Any]], *, at: datetime, new_id: Callable[[], UUID]
) -> list[Message]:
    """One for each of the deliveries that has ended; tests are about no case, so nothing is stated of them."""
    told = (row for row in deliveries if row["ended_at"] is not None and row["case_id"] is not None)
    return [_notice(row, event_id=new_id(), at=at) for row in told]


def _notice(row: Mapping[str, Any], *, event_id: UUID, at: datetime) -> Message:
    fact = NoticeEnded(
        notice_id=row["id"],
        subscription_id=row["subscription_id"],
        about_event=row["event_id"],
        about_type=row["event_type"],
        channel="webhook",
        outcome=row["status"],
        attempts=row["attempts"],
        unit=row["owner"],
    )
    return stated(
        fact,
        source="notifier",
        case_id=row["case_id"],
        correlation_id=row["correlation_id"],
        event_id=event_id,
        at=at,
    )
