"""An attempt at a delivery, from the claim to what follows from the answer."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from services.notifier.entry import Entry
from services.notifier.retry import Answer, Verdict


@dataclass(frozen=True)
class NewDelivery:
    id: UUID
    subscription_id: UUID
    position: int
    entry: Entry


@dataclass(frozen=True)
class Claimed:
    """A delivery that this worker may attempt, and all that the attempt needs: no connection is held meanwhile."""

    id: UUID
    subscription_id: UUID
    attempt: int
    created_at: datetime
    target: str
    secrets: tuple[str, ...]
    is_test: bool
    entry: Entry | None  # a test is about none


@dataclass(frozen=True)
class Answered:
    claimed: Claimed
    answer: Answer
    seconds: float


@dataclass(frozen=True)
class Ended:
    """How an attempt ended and what follows."""

    claimed: Claimed
    answer: Answer
    seconds: float
    verdict: Verdict
