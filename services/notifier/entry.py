"""A line of the feed: an event as subscribers meet it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from contracts import topics
from contracts.envelope import CaseEnvelope
from contracts.vocabulary import Privacy, Tier, Urgency
from services.notifier.involved import Involved, units_named
from services.notifier.privacy import kept

SOURCE = f"/casegrid/{topics.CASES.writer}"


@dataclass(frozen=True, slots=True)
class Entry:
    """What filters and scopes ask of an event, and its body as it was on Kafka (less what privacy forbade everybody).

    `told` are those of the `units` that are only copied; `privacy` is today's level, by which the body is shown.
    """

    event_id: UUID
    event_type: str
    schema_version: int
    case_id: UUID
    correlation_id: UUID
    occurred_at: datetime
    recorded_at: datetime
    tier: Tier | None
    grid: str | None
    category: str | None
    urgency: Urgency | None
    units: frozenset[str]
    told: frozenset[str]
    privacy: Privacy | None
    body: bytes

    @property
    def acting(self) -> frozenset[str]:
        return self.units - self.told

    @property
    def concerns(self) -> tuple[frozenset[str], frozenset[str], str | None]:
        """Who acts, who is told and where: all that tells which units have to do with it."""
        return self.acting, self.told, self.grid


def entry_of(event: CaseEnvelope[Any], involved: Involved, privacy: Privacy | None) -> Entry:
    """`involved` as of this event; `privacy` as of now."""
    acting = units_named(event.data) | involved.acting
    return Entry(
        event_id=event.event_id,
        event_type=event.type,
        schema_version=event.schema_version,
        case_id=event.case_id,
        correlation_id=event.correlation_id,
        occurred_at=event.occurred_at,
        recorded_at=event.recorded_at,
        tier=event.tier,
        grid=event.grid,
        category=event.category,
        urgency=event.urgency,
        units=acting | involved.told,
        told=involved.told - acting,
        privacy=privacy,
        body=kept(event.model_dump_json(exclude_none=True).encode(), privacy),
    )
