"""What is stated of a message to a subscriber, by webhook or by e-mail, once it has ended."""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from contracts.envelope import Message
from contracts.facts.notice import NoticeEnded
from contracts.notices import stated
from contracts.vocabulary import NoticeStatus

Channel = Literal["webhook", "email"]
Rows = Iterable[Mapping[str, Any]]
_STATED_AS_IT_IS = {NoticeStatus.DELIVERED, NoticeStatus.EXPIRED}


def notices_ended(rows: Rows, channel: Channel, *, at: datetime, new_id: Callable[[], UUID]) -> list[Message]:
    """One for each that has ended; tests and confirmations are about no case, so nothing is stated of them."""
    over = [row for row in rows if row["ended_at"] is not None and row["case_id"] is not None]
    return [_message(row, channel, event_id=new_id(), at=at) for row in over]


def _message(row: Mapping[str, Any], channel: Channel, *, event_id: UUID, at: datetime) -> Message:
    fact = NoticeEnded(
        notice_id=row["id"],
        subscription_id=row["subscription_id"],
        about_event=row["event_id"],
        about_type=row["event_type"],
        channel=channel,
        outcome=row["status"] if row["status"] in _STATED_AS_IT_IS else "permanent-failure",
        attempts=row["attempts"],
        unit=row["owner"],
    )
    return stated(fact, row, source="notifier", event_id=event_id, at=at)
