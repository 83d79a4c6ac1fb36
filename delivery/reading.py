"""A topic read to its present end, in no group: nobody's place in it changes."""

from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager, suppress
from datetime import datetime
from typing import Any

from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient

from contracts.envelope import Envelope
from contracts.events import NotAnEvent, decode
from contracts.topics import Topic
from delivery.settings import ServiceSettings


class TopicNotFound(LookupError):
    """Kafka has no topic of that name."""


async def events_since(
    settings: ServiceSettings, topic: Topic, since: datetime | None = None
) -> AsyncIterator[list[Any]]:
    """In batches, in order within each partition; without a time from the oldest record that is kept. What cannot be
    read was a dead letter then and is one again. Raises TopicNotFound."""
    partitions = await partitions_of(settings.kafka, settings.namespace + topic.name)
    consumer = AIOKafkaConsumer(bootstrap_servers=settings.kafka, auto_offset_reset="earliest")
    try:
        await consumer.start()
        consumer.assign(partitions)
        for place, offset in (await offsets_at(consumer, partitions, since)).items():
            consumer.seek(place, offset)
        async for records in until_end(consumer, partitions):
            yield [event for record in records if (event := _event_in(record)) is not None]
    finally:
        await consumer.stop()


def _event_in(record: ConsumerRecord) -> Envelope[Any] | None:
    kind = dict(record.headers).get("ce_type") or b""
    with suppress(NotAnEvent):
        return decode(kind.decode(errors="replace"), record.value)
    return None


async def offsets_at(
    consumer: AIOKafkaConsumer, partitions: Iterable[TopicPartition], since: datetime | None
) -> dict[TopicPartition, int]:
    """Of the first record of then or later, the end if there is none; without a time of the oldest."""
    places = [*partitions]
    if since is None:
        oldest: dict[TopicPartition, int] = await consumer.beginning_offsets(places)
        return oldest
    ends = await consumer.end_offsets(places)
    found = await consumer.offsets_for_times(dict.fromkeys(places, int(since.timestamp() * 1000)))
    return {place: first.offset if first else ends[place] for place, first in found.items()}


async def until_end(
    consumer: AIOKafkaConsumer, partitions: list[TopicPartition]
) -> AsyncIterator[list[ConsumerRecord]]:
    ends = await consumer.end_offsets(partitions)
    while any([await consumer.position(partition) < ends[partition] for partition in partitions]):
        for records in (await consumer.getmany(timeout_ms=500)).values():
            yield records


async def partitions_of(kafka: str, topic: str) -> list[TopicPartition]:
    """From the admin client: a consumer knows only the topics that it is assigned already."""
    async with admin_of(kafka) as admin:
        (described,) = await admin.describe_topics([topic])
    if described["error_code"]:
        raise TopicNotFound(topic)
    return [TopicPartition(topic, found["partition"]) for found in described["partitions"]]


@asynccontextmanager
async def admin_of(kafka: str) -> AsyncIterator[AIOKafkaAdminClient]:
    admin = AIOKafkaAdminClient(bootstrap_servers=kafka)
    try:
        await admin.start()
        yield admin
    finally:
        await admin.close()
