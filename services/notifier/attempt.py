"""An attempt at a delivery, from the claim to what follows from the answer."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from services.notifier.entry import Entry
from services.notifier.privacy import View
from services.notifier.retry import Answer, Verdict
from services.notifier.scope import Relation


@dataclass(frozen=True)
class NewDelivery:
    id: UUID
    subscription_id: UUID
    position: int
    entry: Entry
    relation: Relation


@dataclass(frozen=True)
class Claimed:
    """A delivery that this worker may attempt, and all that the attempt needs: no connection is held meanwhile.

    `attempt` counts all there were, `tries` those since `renewed_at`, when it was created or asked for again;
    without a `view` the subscriber may no longer see what it is about.
    """

    id: UUID
    subscription_id: UUID
    attempt: int
    tries: int
    created_at: datetime
    renewed_at: datetime
    claimed_at: datetime
    target: str
    secrets: tuple[str, ...]
    is_test: bool
    entry: Entry | None  # a test is about none
    view: View | None
    is_probe: bool = False


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
