"""A batch that is worked whole, rolled back, and worked again record by record: what is told of it twice shows."""

from collections.abc import Sequence
from typing import Any

from aiokafka import ConsumerRecord

from contracts.envelope import Envelope
from contracts.events import messages_of
from delivery.consumer import Consumer
from delivery.database import Connection


async def taken_apart(consumer: Consumer, *events: Envelope[Any]) -> None:
    work = consumer.handle

    async def work_and_fail_as_a_batch(connection: Connection, events: Sequence[Any]) -> None:
        await work(connection, list(events))
        if len(events) > 1:
            raise ValueError("one of them is at fault")

    consumer.handle = work_and_fail_as_a_batch
    await consumer.on_records([_record(event, offset) for offset, event in enumerate(events)])
    consumer.handle = work


def _record(event: Envelope[Any], offset: int) -> ConsumerRecord[bytes, bytes]:
    message = messages_of("tests", event)[0]
    headers = tuple(message.headers)
    return ConsumerRecord(message.topic, 0, offset, 0, 0, message.key, message.value, None, 0, 0, headers)
