"""Facts about notices: what was sent to whom, and how it ended."""

from typing import Literal
from uuid import UUID

from contracts.envelope import Fact
from contracts.vocabulary import Medium


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


class NoticeUnitTold(Fact):
    """A unit was told of a case, or could not be; `number` counts the repetitions until it signs."""

    notice_id: UUID
    unit: str
    post: str
    medium: Medium
    number: int
    about_event: UUID
    about_type: str
    outcome: Literal["delivered", "permanent-failure", "expired", "not-configured", "no-contact"]
    attempts: int


class NoticeReporterTold(Fact):
    """A reporter was told how far his report has come, or could not be; never where to."""

    notice_id: UUID
    report_id: UUID
    message: Literal["receipt", "progress", "feedback", "visit"]
    medium: Medium
    about_event: UUID
    about_type: str
    outcome: Literal["delivered", "permanent-failure", "expired", "not-configured"]
    attempts: int
