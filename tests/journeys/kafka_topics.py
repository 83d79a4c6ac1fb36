"""Whole topics, read from their beginning."""

from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient

from contracts.topics import Topic
from delivery.service import Service
from tests.waiting import until


async def read_topics(kafka: str, *names: str) -> list[ConsumerRecord]:
    """Every record there is now, in order within each partition."""
    partitions = await _partitions(kafka, names)
    consumer = AIOKafkaConsumer(bootstrap_servers=kafka, enable_auto_commit=False)
    await consumer.start()
    try:
        consumer.assign(partitions)
        await consumer.seek_to_beginning(*partitions)
        ends = await consumer.end_offsets(partitions)
        records: list[ConsumerRecord] = []
        while any([await consumer.position(partition) < ends[partition] for partition in partitions]):
            for some in (await consumer.getmany(timeout_ms=500)).values():
                records.extend(some)
        return records
    finally:
        await consumer.stop()


async def published_by(service: Service, *topics: Topic) -> list[ConsumerRecord]:
    """Every record there is on its topics, once its outbox is empty."""

    async def all_sent() -> bool:
        async with service.database.connection() as connection:
            return not await connection.fetchval("select exists (select from outbox)")

    await until(all_sent)
    names = [service.settings.namespace + topic.name for topic in topics]
    return await read_topics(service.settings.kafka, *names)


async def _partitions(kafka: str, names: tuple[str, ...]) -> list[TopicPartition]:
    admin = AIOKafkaAdminClient(bootstrap_servers=kafka)
    await admin.start()
    try:
        described = await admin.describe_topics(list(names))
    finally:
        await admin.close()
    return [
        TopicPartition(topic["topic"], each["partition"])
        for topic in described
        for each in topic["partitions"]
    ]
