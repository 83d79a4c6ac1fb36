"""What a test sees of Kafka from outside: it sends records, reads topics whole, and asks where a group stands."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, ConsumerRecord, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.record.default_records import _DefaultRecordBatchBuilderPy as RecordBatchInPython

from contracts.envelope import Message
from contracts.topics import REPORTS
from delivery.settings import ServiceSettings
from tests.waiting import until


class Wire:
    def __init__(
        self, settings: ServiceSettings, producer: AIOKafkaProducer, admin: AIOKafkaAdminClient
    ) -> None:
        self.kafka = settings.kafka
        self.namespace = settings.namespace
        self._producer = producer
        self._admin = admin

    async def create(self, *topics: str, partitions: int = 1) -> None:
        await self._admin.create_topics([NewTopic(self.namespace + name, partitions, 1) for name in topics])

    async def send(self, *messages: Message) -> None:
        """Together, so that a consumer may meet them in one batch."""
        await asyncio.gather(*[await self._send(message) for message in messages])

    async def _send(self, message: Message) -> "asyncio.Future[Any]":
        topic = self.namespace + message.topic
        if message.key is None and message.value is None:  # legal, though `send` refuses it
            batch = self._producer.create_batch()
            batch.append(key=None, value=None, timestamp=None, headers=message.headers)
            return await self._producer.send_batch(batch, topic, partition=0)
        return await self._producer.send(topic, message.value, key=message.key, headers=message.headers)

    async def send_with_a_header_name_of(self, name: bytes, message: Message) -> None:
        """What a client that breaks the protocol can write: the broker looks into no header."""
        batch = self._producer.create_batch()
        batch._builder = RecordBatchInPython(
            2, 0, is_transactional=0, producer_id=-1, producer_epoch=-1, base_sequence=0, batch_size=16384
        )
        headers = [*message.headers, (_NameOfBytes(name, "latin-1"), b"")]
        batch.append(key=message.key, value=message.value, timestamp=None, headers=headers)
        await (await self._producer.send_batch(batch, self.namespace + message.topic, partition=0))

    async def records(self, topic: str) -> list[ConsumerRecord]:
        """All that a topic holds now."""
        consumer = AIOKafkaConsumer(bootstrap_servers=self.kafka, auto_offset_reset="earliest")
        await consumer.start()
        try:
            partitions = await self._partitions(topic)
            consumer.assign(partitions)
            ends, found = await consumer.end_offsets(partitions), []
            while any([await consumer.position(partition) < ends[partition] for partition in partitions]):
                for records in (await consumer.getmany(timeout_ms=200)).values():
                    found += records
            return found
        finally:
            await consumer.stop()

    async def committed(self, topic: str, group: str = "tiny") -> int:
        """Records that the group has acknowledged, over all partitions."""
        offsets = await self._admin.list_consumer_group_offsets(self.namespace + group)
        wanted = self.namespace + topic
        return sum(
            meta.offset
            for partition, meta in offsets.items()
            if partition.topic == wanted and meta.offset > 0
        )

    async def has_committed(self, number: int, group: str = "tiny") -> bool:
        """Of the reports, that many and no more."""
        return await self.committed(REPORTS.name, group) == number

    async def settings_of(self, topic: str) -> dict[str, str]:
        """As the broker has them; it hears of a new topic a moment after it is made."""
        asked = ConfigResource(ConfigResourceType.TOPIC, self.namespace + topic)

        async def settings() -> dict[str, str]:
            (answer,) = await self._admin.describe_configs([asked])
            ((_, _, _, _, entries),) = answer.resources
            return {name: value for name, value, *_ in entries}

        return dict(await until(settings))

    async def _partitions(self, topic: str) -> list[TopicPartition]:
        name = self.namespace + topic
        (described,) = await self._admin.describe_topics([name])
        return [TopicPartition(name, part["partition"]) for part in described["partitions"]]


@pytest.fixture
async def wire(settings: ServiceSettings) -> AsyncIterator[Wire]:
    producer = AIOKafkaProducer(bootstrap_servers=settings.kafka, acks="all", linger_ms=2)
    admin = AIOKafkaAdminClient(bootstrap_servers=settings.kafka)
    await producer.start()
    await admin.start()
    yield Wire(settings, producer, admin)
    await admin.close()
    await producer.stop()


class _NameOfBytes(str):
    def encode(self, encoding: str = "", errors: str = "") -> bytes:
        return super().encode("latin-1")
