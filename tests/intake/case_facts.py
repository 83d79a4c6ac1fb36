"""What intake hears of the cases of its reports."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from uuid_utils.compat import uuid7

from contracts.envelope import SYSTEM, CaseEnvelope, ClockChange
from contracts.events import event_of
from contracts.facts import case as facts
from contracts.facts.report import Place

NOON = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)


def an_event(case_id: str, version: int, fact: Any, *, due: datetime | None = None) -> CaseEnvelope[Any]:
    clocks = (ClockChange(name="handle", action="start", limit="1 work_day", limit_at=due),) if due else ()
    event = event_of(
        fact,
        event_id=uuid7(),
        occurred_at=NOON + timedelta(minutes=version),
        recorded_at=NOON,
        actor=SYSTEM,
        correlation_id=uuid7(),
        case_id=UUID(case_id),
        case_version=version,
        clocks=clocks,
    )
    assert isinstance(event, CaseEnvelope)
    return event


def a_life(case_id: str) -> list[CaseEnvelope[Any]]:
    ordered = facts.CaseDispatched(round=1, lead="U1", procedure="coordinate", privacy="open")
    return [
        an_event(case_id, 1, facts.CaseAccepted(report_id=uuid7(), channel="web")),
        an_event(case_id, 2, ordered, due=NOON + timedelta(days=1)),
        an_event(case_id, 3, facts.CaseSigned(unit="U1", handler="p-1")),
    ]


def a_filing(report: dict[str, Any], **more: Any) -> Any:
    place = Place(lon=120.1, lat=30.2, component_id=more.pop("component_id", None))
    filed = {"procedure": "coordinate", "privacy": "open", "check": "none", "visit": False} | more
    fact = facts.CaseFiled(place=place, base_urgency="general", **filed)
    return an_event(report["case_id"], 2, fact).model_copy(update={"category": "C01-05"})
