"""Sends many messages at once and in order: a batch for each partition, with the keys and headers of every message."""

import asyncio
from collections import defaultdict
from collections.abc import Sequence
from functools import lru_cache

from aiokafka import AIOKafkaProducer
from aiokafka.partitioner import DefaultPartitioner
from aiokafka.producer.message_accumulator import BatchBuilder

from contracts.envelope import Message

COMPRESSION = (
    "snappy"  # aiokafka packs lz4 at its highest level, which takes seven times as long for a third less
)
Place = tuple[str, int]
_partition_of_key = DefaultPartitioner()


@lru_cache(
    maxsize=4096
)  # a case's messages stand together, and the hash of a key takes longer than its message
def _partition_of(key: bytes | None, partitions: tuple[int, ...]) -> int:
    return int(_partition_of_key(key, partitions, partitions))


async def send_in_order(producer: AIOKafkaProducer, messages: Sequence[Message]) -> None:
    """All are acknowledged when it returns; of one key, none before those that stand before it."""
    partitions = {
        topic: tuple(sorted(await producer.partitions_for(topic)))
        for topic in {each.topic for each in messages}
    }
    batches: defaultdict[Place, list[BatchBuilder]] = defaultdict(list)
    for message in messages:
        known = partitions[message.topic]
        _append(producer, batches[message.topic, _partition_of(message.key, known)], message)
    await asyncio.gather(*(_send(producer, place, builders) for place, builders in batches.items()))


def _append(producer: AIOKafkaProducer, builders: list[BatchBuilder], message: Message) -> None:
    """To the last batch, or to a new one when that is full; a batch takes its first message whatever its size."""
    # aiokafka refuses a record without key and value, which Kafka takes: one in dead letters would block all
    value = b"" if message.key is None and message.value is None else message.value
    record = {"timestamp": None, "key": message.key, "value": value, "headers": message.headers}
    if not builders or builders[-1].append(**record) is None:
        builders.append(producer.create_batch())
        builders[-1].append(**record)


async def _send(producer: AIOKafkaProducer, place: Place, builders: list[BatchBuilder]) -> None:
    topic, partition = place
    for builder in builders:
        await (await producer.send_batch(builder, topic, partition=partition))
