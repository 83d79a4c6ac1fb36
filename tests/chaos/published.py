"""What a consumer finds on the topics from their beginning, after the de-duplication that every consumer does."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import orjson
from aiokafka import ConsumerRecord

from contracts.topics import CASES, DISPATCH, TOPICS
from tests.chaos.books import Course
from tests.journeys.kafka_topics import read_topics


@dataclass(frozen=True)
class Published:
    course: Course
    orders: list[str]
    """Case ids of first dispatches, one for each event."""
    dead: list[str]
    records: int
    repeated: int


async def read_published(kafka: str) -> Published:
    facts = await read_topics(kafka, CASES.name)
    orders = await read_topics(kafka, *(topic.name for topic in DISPATCH.values()))
    dead = await read_topics(kafka, *(topic.dead for topic in TOPICS))
    stated, ordered = _once(facts), _once(orders)
    records = len(facts) + len(orders)
    return Published(
        course=course_of(stated),
        orders=[event["case_id"] for event in ordered if _is_first_dispatch(event)],
        dead=[record.topic for record in dead],
        records=records,
        repeated=records - len(stated) - len(ordered),
    )


def course_of(events: Iterable[dict[str, Any]]) -> Course:
    """Of each case, in the order in which the events stand."""
    found: dict[str, list[tuple[int, str]]] = {}
    for event in events:
        found.setdefault(event["case_id"], []).append((event["case_version"], event["event_id"]))
    return found


def _once(records: Iterable[ConsumerRecord]) -> list[dict[str, Any]]:
    """Each `ce_id` of a topic where it first stands."""
    first: dict[tuple[str, bytes], ConsumerRecord] = {}
    for record in records:
        first.setdefault((record.topic, dict(record.headers)["ce_id"]), record)
    return [orjson.loads(record.value) for record in first.values()]


def _is_first_dispatch(event: dict[str, Any]) -> bool:
    return bool(event["type"] == "case.dispatched" and event["data"]["round"] == 1)
