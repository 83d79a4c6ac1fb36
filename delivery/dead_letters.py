"""Promise 4: one bad message blocks nobody. It is kept as it was, with the reason, and can be brought back."""

import asyncio
from collections.abc import AsyncIterator, Coroutine, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Annotated, Any, TypeVar

import typer
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, ConsumerRecord, TopicPartition

from contracts import topics
from contracts.envelope import Header, Message
from delivery.command_line import kafka_said_plainly
from delivery.outbox import LARGEST
from delivery.reading import TopicNotFound, partitions_of, until_end
from delivery.sending import COMPRESSION
from delivery.settings import ServiceSettings, as_told

_MARK = "casegrid-dead-"
_GROUP = "dead-letters"  # its offsets say what has been replayed
Answer = TypeVar("Answer")
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
    return str(dict(record.headers).get(_MARK + name, b"").decode(errors="replace"))


def _origin(record: ConsumerRecord) -> tuple[str, ...]:
    """Where the record stood that was given up on."""
    return tuple(_why(record, name) for name in ("topic", "partition", "offset"))


async def letters(kafka: str, topic: str) -> list[ConsumerRecord]:
    """Everything in the dead-letter topic of `topic`, replayed or not."""
    async with _consumer(kafka) as consumer:
        partitions = await _partitions(kafka, f"{topic}.dead")
        consumer.assign(partitions)
        await consumer.seek_to_beginning(*partitions)
        return [record async for records in until_end(consumer, partitions) for record in records]


async def replay(kafka: str, topic: str, *, offsets: set[tuple[int, int]] | None = None) -> int:
    """Send letters back to their topic: those at (partition, offset), or all since the last replay; gives their number.

    A record that several consumers gave up on goes back once, for all of them read it. Those that had done it drop
    it by their inbox; a letter that fails again comes back as a new one.
    """
    async with _consumer(kafka) as consumer, _producer(kafka) as producer:
        partitions = await _partitions(kafka, f"{topic}.dead")
        consumer.assign(partitions)
        if offsets is not None:
            await consumer.seek_to_beginning(*partitions)
        sent: set[tuple[str, ...]] = set()
        async for records in until_end(consumer, partitions):
            for record in records:
                wanted = offsets is None or (record.partition, record.offset) in offsets
                if wanted and (origin := _origin(record)) not in sent:
                    await producer.send_and_wait(
                        topic, record.value, key=record.key, headers=_original(record.headers)
                    )
                    sent.add(origin)
        if offsets is None:
            await consumer.commit()
        return len(sent)


async def _partitions(kafka: str, topic: str) -> list[TopicPartition]:
    try:
        return await partitions_of(kafka, topic)
    except TopicNotFound:
        raise typer.BadParameter(f"no topic {topic}") from None


@asynccontextmanager
async def _consumer(kafka: str) -> AsyncIterator[AIOKafkaConsumer]:
    consumer = AIOKafkaConsumer(
        bootstrap_servers=kafka, group_id=_GROUP, enable_auto_commit=False, auto_offset_reset="earliest"
    )
    try:
        await consumer.start()
        yield consumer
    finally:
        await consumer.stop()


@asynccontextmanager
async def _producer(kafka: str) -> AsyncIterator[AIOKafkaProducer]:
    producer = AIOKafkaProducer(
        bootstrap_servers=kafka, acks="all", compression_type=COMPRESSION, max_request_size=LARGEST
    )
    try:
        await producer.start()
        yield producer
    finally:
        await producer.stop()


Topic = Annotated[str, typer.Argument(help="the topic whose dead letters are meant, such as reports.v1")]


@cli.command("list")
def list_letters(topic: Topic) -> None:
    """Show what lies in a dead-letter topic: where it came from, who gave up on it and why; never its content."""
    found = _from_kafka(letters(as_told(ServiceSettings).kafka, _named(topic)))
    for record in found:
        typer.echo(_described(record))
    typer.echo(f"{len(found)} in {topic}.dead")


def _described(record: ConsumerRecord) -> str:
    """Two lines; what a stranger wrote into a header does nothing to the terminal."""
    kind = dict(record.headers).get("ce_type") or b"?"
    origin = "{} {}:{}".format(*_origin(record))
    who = f"{_why(record, 'consumer')} after {_why(record, 'attempts')} attempts, {_why(record, 'at')}"
    told = f"{kind.decode(errors='replace')} from {origin}, given up by {who}"
    lines = (f"{record.partition}:{record.offset}  {told}", f"    {_why(record, 'reason')}")
    return "\n".join("".join(sign if sign.isprintable() else " " for sign in line) for line in lines)


@cli.command("replay")
def replay_letters(
    topic: Topic,
    letter: Annotated[
        list[str], typer.Option(help="partition:offset as `list` shows it; without, all new ones")
    ] = [],  # noqa: B006
) -> None:
    """Bring letters back to their topic after the fault is mended."""
    chosen = set(map(_place, letter)) or None
    count = _from_kafka(replay(as_told(ServiceSettings).kafka, _named(topic), offsets=chosen))
    typer.echo(f"{count} sent back to {topic}")


def _place(letter: str) -> tuple[int, int]:
    try:
        partition, offset = map(int, letter.split(":"))
    except ValueError:
        raise typer.BadParameter(
            f"{letter} is not partition:offset, as `list` shows it", param_hint="--letter"
        ) from None
    return partition, offset


def _from_kafka(asked: Coroutine[Any, Any, Answer]) -> Answer:
    with kafka_said_plainly(as_told(ServiceSettings)):
        return asyncio.run(asked)


def _named(topic: str) -> str:
    return as_told(ServiceSettings).namespace + topic


if __name__ == "__main__":
    cli()
