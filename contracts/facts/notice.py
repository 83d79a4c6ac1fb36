"""Facts about notices: what was sent to whom, and how it ended."""

from typing import Literal
from uuid import UUID

from contracts.envelope import Fact


class NoticeEnded(Fact):
    """A notice reached its subscriber, or never will; `unit` owns the subscription."""

    notice_id: UUID
    subscription_id: UUID
    about_event: UUID
    about_type: str
    channel: Literal["webhook", "email", "stream"]
    outcome: Literal["delivered", "permanent-failure", "expired"]
    attempts: int
    unit: str | None = None
