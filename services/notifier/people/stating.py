"""What is stated of a notice to a unit once it has ended."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from contracts.envelope import Message
from contracts.facts.notice import NoticeUnitTold
from contracts.notices import stated


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
    return stated(fact, row, source="notifier", event_id=event_id, at=at)
