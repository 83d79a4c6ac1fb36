"""Builders for the notifier's tests: facts of a case as the router states them, and what is made of them."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from aiokafka import ConsumerRecord
from uuid_utils.compat import uuid7

from contracts import topics
from contracts.envelope import SYSTEM, CaseEnvelope, Fact, to_message
from contracts.events import event_of
from contracts.facts.case import CaseDispatched, CaseProgress
from contracts.vocabulary import Privacy, Procedure, Tier, Urgency
from services.notifier.entry import Entry, entry_of
from services.notifier.involved import NOBODY, Involved, involve

WRITTEN = "路灯不亮 the street lamp is dark"


def a_dispatch(**changes: Any) -> CaseDispatched:
    return CaseDispatched(
        **{
            "round": 1,
            "lead": "LIGHTS",
            "co_handlers": ("ROADS",),
            "copies": ("TOWN-1",),
            "procedure": Procedure.COORDINATE,
            "privacy": Privacy.OPEN,
            "text": WRITTEN,
        }
        | changes
    )


def an_event(fact: Fact | None = None, **envelope: Any) -> CaseEnvelope[Any]:
    now = datetime.now(UTC)
    event = event_of(
        fact or CaseProgress(note="on the way"),
        **{
            "event_id": uuid7(),
            "case_id": uuid7(),
            "case_version": 1,
            "occurred_at": now,
            "recorded_at": now,
            "actor": SYSTEM,
            "correlation_id": uuid7(),
            "tier": Tier.TOWN,
            "grid": "G-7",
            "category": "C01-02",
            "urgency": Urgency.ELEVATED,
        }
        | envelope,
    )
    assert isinstance(event, CaseEnvelope)
    return event


def a_story(case_id: UUID, *facts: Fact, **envelope: Any) -> list[CaseEnvelope[Any]]:
    """The facts as one case's, in order."""
    return [
        an_event(fact, case_id=case_id, case_version=version, **envelope)
        for version, fact in enumerate(facts, start=1)
    ]


def an_entry(fact: Fact | None = None, *, involved: Involved = NOBODY, **envelope: Any) -> Entry:
    event = an_event(fact, **envelope)
    known = involve(involved, event)
    return entry_of(event, known, known.privacy)


def a_record(event: CaseEnvelope[Any]) -> ConsumerRecord:
    message = to_message(topics.CASES.name, "router", event)
    return ConsumerRecord(
        message.topic, 0, 0, 0, 0, message.key, message.value, None, 0, 0, tuple(message.headers)
    )
