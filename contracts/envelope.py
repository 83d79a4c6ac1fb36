"""The envelope of every fact: CloudEvents 1.0 over Kafka in binary mode, attributes in headers, JSON in the value."""

from datetime import datetime
from functools import cache
from typing import Any, Generic, NamedTuple, TypeVar
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict

from contracts.vocabulary import Clock, ClockAction, Role, Tier, Urgency

Header = tuple[str, bytes | None]


class Message(NamedTuple):
    """A Kafka record to be: what the outbox keeps and the relay sends."""

    topic: str
    key: bytes | None
    value: bytes | None
    headers: list[Header]


class Value(BaseModel):
    """Immutable, and blind to fields that a newer writer added."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class Fact(Value):
    """What happened, in the past tense; a subclass a fact, its name on the wire given as `type`."""

    def said(self, field: str, otherwise: Any = None) -> Any:
        """For who reads facts of every kind: asking a pydantic model for what it has not takes many times longer."""
        return self.__dict__.get(field, otherwise)


class Actor(Value):
    """Who did it: never a name, `person` is the directory's opaque reference."""

    role: Role
    unit: str | None = None
    person: str | None = None


SYSTEM = Actor(role=Role.SYSTEM)


class ClockChange(Value):
    name: Clock
    action: ClockAction
    limit: str | None = None
    limit_at: AwareDatetime | None = None


F = TypeVar("F", bound=Fact)


class Envelope(Value, Generic[F]):
    """What each fact carries, whatever it is about."""

    event_id: UUID
    type: str
    schema_version: int = 1
    occurred_at: AwareDatetime
    recorded_at: AwareDatetime
    actor: Actor
    causation_id: UUID | None = None
    correlation_id: UUID
    data: F

    @property
    def key(self) -> str:
        """What Kafka orders by."""
        raise NotImplementedError  # the envelopes below say it


class ReportEnvelope(Envelope[F], Generic[F]):
    """A fact about a report, or about a notice: it knows its case and no more."""

    case_id: UUID

    @property
    def key(self) -> str:
        return str(self.case_id)


class CaseEnvelope(Envelope[F], Generic[F]):
    """A fact of a case's life; `case_version` grows by one, so that a consumer can tell a gap."""

    case_id: UUID
    case_version: int
    tier: Tier | None = None
    grid: str | None = None
    category: str | None = None
    urgency: Urgency | None = None
    clocks: tuple[ClockChange, ...] = ()
    rule_set_version: str | None = None
    calendar_version: str | None = None

    @property
    def key(self) -> str:
        return str(self.case_id)


class SubjectEnvelope(Envelope[F], Generic[F]):
    """A fact about an area, a unit or a score: keyed by whom it is about."""

    subject: str

    @property
    def key(self) -> str:
        return self.subject


class Removed(Value):
    """What a tombstone of a compacted topic says: what was last stated of `subject` no longer holds."""

    event_id: UUID
    subject: str


def to_tombstone(topic: str, source: str, removed: Removed, at: datetime) -> Message:
    """The record that takes a key out of a compacted topic."""
    key = removed.subject.encode()
    headers: list[Header] = [
        ("ce_specversion", b"1.0"),
        ("ce_id", str(removed.event_id).encode()),
        ("ce_type", b"tombstone"),
        ("ce_source", f"/casegrid/{source}".encode()),
        ("ce_time", at.isoformat().encode()),
        ("ce_subject", key),
    ]
    return Message(topic, key, None, headers)


def to_message(topic: str, source: str, event: Envelope[Fact]) -> Message:
    """The record of an event; the trace id is the correlation id, so that one trace is one report's story."""
    key = event.key.encode()
    value = event.model_dump_json(exclude_none=True).encode()
    return Message(topic, key, value, _headers(source, event, key))


def _headers(source: str, event: Envelope[Fact], subject: bytes) -> list[Header]:
    event_id = event.event_id
    return [
        *_headers_of_all(source, event.type, event.schema_version),
        ("ce_id", str(event_id).encode()),
        ("ce_time", event.occurred_at.isoformat().encode()),
        ("ce_subject", subject),
        ("traceparent", f"00-{event.correlation_id.hex}-{event_id.hex[-16:]}-01".encode()),
    ]


@cache
def _headers_of_all(source: str, kind: str, version: int) -> tuple[Header, ...]:
    """Of every event of that type."""
    return (
        ("ce_specversion", b"1.0"),
        ("ce_type", kind.encode()),
        ("ce_source", f"/casegrid/{source}".encode()),
        ("ce_dataschema", f"urn:casegrid:{kind}:v{version}".encode()),
        ("content-type", b"application/json"),
    )
