"""Promise 4: one bad message blocks nobody. It is kept as it was, with the reason, and can be brought back."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Annotated

import typer
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, ConsumerRecord, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from rich.console import Console
from rich.table import Table

from contracts import topics
from contracts.envelope import Header, Message
from delivery.outbox import LARGEST
from delivery.sending import COMPRESSION
from delivery.settings import ServiceSettings

_MARK = "casegrid-dead-"
_GROUP = "dead-letters"  # its offsets say what has been replayed
cli = typer.Typer(help=__doc__, no_args_is_help=True)


def dead_letter(
    topic: topics.Topic, record: ConsumerRecord, *, consumer: str, reason: str, attempts: int, at: datetime
) -> Message:
    """The record as it was, bytes and headers, and beside them who gave up on it, why and when."""
    why = {
        "reason": reason[:1000],
        "consumer": consumer,
        "topic": record.topic,
        "partition": str(record.partition),
        "offset": str(record.offset),
        "attempts": str(attempts),
        "at": at.isoformat(),
    }
    marks: list[Header] = [(_MARK + name, value.encode()) for name, value in why.items()]
    return Message(topic.dead, record.key, record.value, [*_original(record.headers), *marks])


def _original(headers: Sequence[Header]) -> list[Header]:
    return [(name, value) for name, value in headers if not name.startswith(_MARK)]


def _why(record: ConsumerRecord, name: str) -> str:
    return str(dict(record.headers).get(_MARK + name, b"").decode())


async def letters(kafka: str, topic: str) -> list[ConsumerRecord]:
    """Everything in the dead-letter topic of `topic`, replayed or not."""
    async with _consumer(kafka) as consumer:
        partitions = await _partitions(kafka, f"{topic}.dead")
        consumer.assign(partitions)
        await consumer.seek_to_beginning(*partitions)
        return [record async for record in _until_end(consumer, partitions)]


async def replay(kafka: str, topic: str, *, offsets: set[tuple[int, int]] | None = None) -> int:
    """Send letters back to their topic: those at (partition, offset), or all since the last replay; gives their number.

    Consumers that had done the record drop it by their inbox; a letter that fails again comes back as a new one.
    """
    async with _consumer(kafka) as consumer, _producer(kafka) as producer:
        partitions = await _partitions(kafka, f"{topic}.dead")
        consumer.assign(partitions)
        if offsets is not None:
            await consumer.seek_to_beginning(*partitions)
        count = 0
        async for record in _until_end(consumer, partitions):
            if offsets is None or (record.partition, record.offset) in offsets:
                await producer.send_and_wait(
                    topic, record.value, key=record.key, headers=_original(record.headers)
                )
                count += 1
        if offsets is None:
            await consumer.commit()
        return count


async def _until_end(
    consumer: AIOKafkaConsumer, partitions: list[TopicPartition]
) -> AsyncIterator[ConsumerRecord]:
    ends = await consumer.end_offsets(partitions)
    while any([await consumer.position(partition) < ends[partition] for partition in partitions]):
        for records in (await consumer.getmany(timeout_ms=500)).values():
            for record in records:
                yield record


async def _partitions(kafka: str, topic: str) -> list[TopicPartition]:
    """From the admin client: a consumer knows only the topics that it is assigned already."""
    admin = AIOKafkaAdminClient(bootstrap_servers=kafka)
    await admin.start()
    try:
        (described,) = await admin.describe_topics([topic])
    finally:
        await admin.close()
    if described["error_code"]:
        raise typer.BadParameter(f"no topic {topic}")
    return [TopicPartition(topic, found["partition"]) for found in described["partitions"]]


@asynccontextmanager
async def _consumer(kafka: str) -> AsyncIterator[AIOKafkaConsumer]:
    consumer = AIOKafkaConsumer(
        bootstrap_servers=kafka, group_id=_GROUP, enable_auto_commit=False, auto_offset_reset="earliest"
    )
    await consumer.start()
    try:
        yield consumer
    finally:
        await consumer.stop()


@asynccontextmanager
async def _producer(kafka: str) -> AsyncIterator[AIOKafkaProducer]:
    producer = AIOKafkaProducer(
        bootstrap_servers=kafka, acks="all", compression_type=COMPRESSION, max_request_size=LARGEST
    )
    await producer.start()
    try:
        yield producer
    finally:
        await producer.stop()


Topic = Annotated[str, typer.Argument(help="the topic whose dead letters are meant, such as reports.v1")]


@cli.command("list")
def list_letters(topic: Topic) -> None:
    """Show what lies in a dead-letter topic: where it came from, who gave up on it and why; never its content."""
    table = Table("letter", "from", "type", "consumer", "attempts", "at", "reason", title=f"{topic}.dead")
    for record in asyncio.run(letters(ServiceSettings().kafka, _named(topic))):
        kind = dict(record.headers).get("ce_type") or b"?"
        origin = f"{_why(record, 'topic')} {_why(record, 'partition')}:{_why(record, 'offset')}"
        told = [_why(record, name) for name in ("consumer", "attempts", "at", "reason")]
        table.add_row(f"{record.partition}:{record.offset}", origin, kind.decode(errors="replace"), *told)
    Console().print(table)


@cli.command("replay")
def replay_letters(
    topic: Topic,
    letter: Annotated[
        list[str], typer.Option(help="partition:offset as `list` shows it; without, all new ones")
    ] = [],  # noqa: B006
) -> None:
    """Bring letters back to their topic after the fault is mended."""
    chosen = {
        (int(part), int(offset)) for part, _, offset in (text.partition(":") for text in letter)
    } or None
    count = asyncio.run(replay(ServiceSettings().kafka, _named(topic), offsets=chosen))
    Console().print(f"{count} sent back to {topic}")


def _named(topic: str) -> str:
    return ServiceSettings().namespace + topic


if __name__ == "__main__":
    cli()
