"""Lives of cases as their events tell them, and units as the directory does; times are hours after NOON."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from uuid_utils.compat import uuid7

from contracts.envelope import SYSTEM, CaseEnvelope, ClockChange, Envelope
from contracts.events import event_of
from contracts.facts import case as facts
from contracts.facts.directory import UnitDefined

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


def after(hours: float) -> datetime:
    return NOON + timedelta(hours=hours)


def an_event(
    case_id: UUID, version: int, fact: Any, *, at: float, due: float | None = None
) -> CaseEnvelope[Any]:
    start = ClockChange(name="handle", action="start", limit_at=after(due)) if due is not None else None
    event = event_of(
        fact,
        event_id=uuid7(),
        occurred_at=after(at),
        recorded_at=after(at),
        actor=SYSTEM,
        correlation_id=uuid7(),
        case_id=case_id,
        case_version=version,
        clocks=(start,) if start else (),
    )
    assert isinstance(event, CaseEnvelope)
    return event


def dispatched(unit: str = "U1", number: int = 1) -> facts.CaseDispatched:
    return facts.CaseDispatched(round=number, lead=unit, procedure="coordinate", privacy="open")


def handled(unit: str = "U1", number: int = 1) -> facts.CaseHandled:
    return facts.CaseHandled(round=number, unit=unit, result="done", evidence_method="photo")


def a_life(*said: tuple[Any, float] | tuple[Any, float, float]) -> list[CaseEnvelope[Any]]:
    """Facts with the hour of each and, where one starts the handle clock, the hour at which it is due."""
    case_id = uuid7()
    return [
        an_event(case_id, version, fact, at=when, due=rest[0] if rest else None)
        for version, (fact, when, *rest) in enumerate(said, 3)
    ]


def a_unit(code: str, area: str, parent: str | None, *, version: int = 1) -> Envelope[Any]:
    fact = UnitDefined(
        code=code, name=code, kind="k", tier="town", area=area, parent=parent, directory_version=version
    )
    event_id = uuid7()
    return event_of(
        fact,
        event_id=event_id,
        occurred_at=NOON,
        recorded_at=NOON,
        actor=SYSTEM,
        correlation_id=event_id,
        subject=code,
    )
