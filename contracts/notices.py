"""How a notice ended, as the message that says so: whoever sends notices states it alike."""

from datetime import datetime
from uuid import UUID

from contracts.envelope import SYSTEM, Message, to_message
from contracts.events import event_of
from contracts.facts.notice import NoticeEnded, NoticeReporterTold, NoticeUnitTold
from contracts.topics import NOTICES

Ended = NoticeEnded | NoticeReporterTold | NoticeUnitTold


def stated(
    ended: Ended, *, source: str, case_id: UUID, correlation_id: UUID, event_id: UUID, at: datetime
) -> Message:
    """Of the case in question, and caused by the event that the notice is about."""
    event = event_of(
        ended,
        event_id=event_id,
        case_id=case_id,
        occurred_at=at,
        recorded_at=at,
        actor=SYSTEM,
        causation_id=ended.about_event,
        correlation_id=correlation_id,
    )
    return to_message(NOTICES.name, source, event)
