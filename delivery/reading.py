"""A topic read to its present end, in no group: nobody's place in it changes."""

from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from datetime import datetime

from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient


class TopicNotFound(LookupError):
    """Kafka has no topic of that name."""


async def records_since(
    kafka: str, topic: str, since: datetime | None = None
) -> AsyncIterator[list[ConsumerRecord]]:
    """In batches, in order within each partition; without a time from the oldest record that is kept. Raises
    TopicNotFound."""
    partitions = await partitions_of(kafka, topic)
    consumer = AIOKafkaConsumer(bootstrap_servers=kafka, auto_offset_reset="earliest")
    try:
        await consumer.start()
        consumer.assign(partitions)
        for place, offset in (await offsets_at(consumer, partitions, since)).items():
            consumer.seek(place, offset)
        async for records in until_end(consumer, partitions):
            yield records
    finally:
        await consumer.stop()


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
