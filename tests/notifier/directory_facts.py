"""A small district for the notifier's tests, as `directory.v1` tells of it."""

from datetime import UTC, datetime
from typing import Any

from aiokafka import ConsumerRecord
from uuid_utils.compat import uuid7

from contracts import topics
from contracts.envelope import SYSTEM, Envelope, Fact, Message, Removed, to_message, to_tombstone
from contracts.events import event_of
from contracts.facts.directory import AreaDefined, DutyDefined, UnitDefined
from contracts.vocabulary import GENERAL_KIND, Tier
from services.notifier.directory import Area, Directory, Unit

# district D: towns D-1 (communities D-1-1, D-1-2 with a grid each) and D-2 (one of each)
AREAS = [
    (Tier.DISTRICT, "D", None),
    (Tier.TOWN, "D-1", "D"),
    (Tier.TOWN, "D-2", "D"),
    (Tier.COMMUNITY, "D-1-1", "D-1"),
    (Tier.COMMUNITY, "D-1-2", "D-1"),
    (Tier.COMMUNITY, "D-2-1", "D-2"),
    (Tier.GRID, "G-11", "D-1-1"),
    (Tier.GRID, "G-12", "D-1-2"),
    (Tier.GRID, "G-21", "D-2-1"),
]
# the general unit of area A is U-A; the professional ones report to the district's
UNITS = [
    *[
        (f"U-{code}", GENERAL_KIND[tier], tier, code, f"U-{parent}" if parent else None)
        for tier, code, parent in AREAS
    ],
    ("LIGHTS", "lighting", Tier.DISTRICT, "D", "U-D"),
    ("LIGHTS-NORTH", "lighting_crew", Tier.DISTRICT, "D", "LIGHTS"),
    ("WATER", "water", Tier.DISTRICT, "D", "U-D"),
]

DISTRICT = Directory(
    areas={code: Area(tier, parent) for tier, code, parent in AREAS},
    units={code: Unit(kind, tier, area, parent) for code, kind, tier, area, parent in UNITS},
)


def directory_events(version: int = 1) -> list[Envelope[Any]]:
    facts: list[Fact] = [
        AreaDefined(tier=tier, code=code, name=code, parent=parent, directory_version=version)
        for tier, code, parent in AREAS
    ]
    facts += [
        UnitDefined(
            code=code, name=code, kind=kind, tier=tier, area=area, parent=parent, directory_version=version
        )
        for code, kind, tier, area, parent in UNITS
    ]
    facts.append(DutyDefined(person="p-1", unit="LIGHTS", post="lead", directory_version=version))
    return [a_directory_event(fact) for fact in facts]


def a_directory_event(fact: Fact) -> Envelope[Any]:
    now, event_id = datetime.now(UTC), uuid7()
    return event_of(
        fact,
        event_id=event_id,
        occurred_at=now,
        recorded_at=now,
        actor=SYSTEM,
        correlation_id=event_id,
        subject=getattr(fact, "code", "duty:x"),
    )


def record_of(message: Message, offset: int = 0) -> ConsumerRecord:
    return ConsumerRecord(
        message.topic, 0, offset, 0, 0, message.key, message.value, None, 0, 0, tuple(message.headers)
    )


def directory_records(version: int = 1) -> list[ConsumerRecord]:
    messages = (to_message(topics.DIRECTORY.name, "router", event) for event in directory_events(version))
    return [record_of(message, offset) for offset, message in enumerate(messages)]


def tombstone(subject: str) -> ConsumerRecord:
    removed = Removed(event_id=uuid7(), subject=subject)
    return record_of(to_tombstone(topics.DIRECTORY.name, "router", removed, datetime.now(UTC)))
