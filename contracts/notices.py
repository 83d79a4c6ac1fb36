"""How a notice ended, as the message that says so: whoever sends notices states it alike."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from contracts.envelope import SYSTEM, Message, to_message
from contracts.events import event_of
from contracts.facts.notice import NoticeEnded, NoticeReporterTold, NoticeUnitTold
from contracts.topics import NOTICES

Ended = NoticeEnded | NoticeReporterTold | NoticeUnitTold


def stated(ended: Ended, notice: Mapping[str, Any], *, source: str, event_id: UUID, at: datetime) -> Message:
    """Caused by the event that it is about; `notice`, as it was kept, names the case and the correlation."""
    event = event_of(
        ended,
        event_id=event_id,
        case_id=notice["case_id"],
        occurred_at=at,
        recorded_at=at,
        actor=SYSTEM,
        causation_id=ended.about_event,
        correlation_id=notice["correlation_id"],
    )
    return to_message(NOTICES.name, source, event)
