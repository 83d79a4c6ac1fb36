"""Promises 2 and 4 on a real broker; beside each guard, what FastStream's default does without it."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from faststream import AckPolicy
from faststream.kafka import KafkaBroker

from contracts.envelope import Message
from contracts.topics import REPORTS
from delivery.consumer import Event
from delivery.database import Connection, Database
from delivery.settings import ServiceSettings
from tests.delivery.tiny_service import a_reminder, has_worked, remember, running, said_by, tiny_service
from tests.delivery.wire import Wire
from tests.waiting import until

DATABASE_AWAY = ConnectionResetError("the database went away")


async def test_a_batch_that_fails_is_worked_after_a_restart(
    settings: ServiceSettings, wire: Wire, database: Database
) -> None:
    failed = asyncio.Event()

    async def fail(connection: Connection, events: list[Event]) -> None:
        failed.set()
        raise DATABASE_AWAY

    async with running(tiny_service(settings, fail)):
        await wire.send(*map(a_reminder, range(10)))
        await until(failed.is_set)
    assert await wire.committed(REPORTS.name) == 0
    async with running(tiny_service(settings, remember)):
        await until(lambda: has_worked(database, 10))


async def test_a_commit_leaves_out_the_batch_in_hand(
    settings: ServiceSettings, wire: Wire, database: Database
) -> None:
    """Offsets are committed while the next batch is worked: it has been fetched, and would be lost with a crash."""
    in_hand, let_go = asyncio.Event(), asyncio.Event()

    async def stop_at_the_second(connection: Connection, events: list[Event]) -> None:
        if events[0].data.text == "second":
            in_hand.set()
            await let_go.wait()
        await remember(connection, events)

    await wire.create(REPORTS.name)
    await wire.send(a_reminder("first"), a_reminder("second"))
    async with running(tiny_service(settings.model_copy(update={"batch_size": 1}), stop_at_the_second)):
        await until(in_hand.is_set)
        assert await until(lambda: wire.committed(REPORTS.name)) == 1
        let_go.set()
        await until(lambda: wire.has_committed(2))


async def test_by_default_a_record_that_fails_is_lost(settings: ServiceSettings, wire: Wire) -> None:
    await wire.create(REPORTS.name)
    seen: list[Any] = []

    async def fail(body: Any) -> None:
        seen.append(body)
        raise DATABASE_AWAY

    await wire.send(a_reminder("lost"))
    async with _plain(settings, fail, auto_offset_reset="earliest"):
        await until(lambda: seen)
    assert await wire.committed(REPORTS.name) == 1
    async with _plain(settings, fail, auto_offset_reset="earliest"):
        await wire.send(a_reminder("next"))
        await until(lambda: len(seen) == 2)
    assert [body["data"]["text"] for body in seen] == ["lost", "next"], "never again"


async def test_no_header_makes_a_batch_vanish(
    settings: ServiceSettings, wire: Wire, database: Database
) -> None:
    sent = [a_reminder(number) for number in range(100)]
    sent[40] = _with_header(sent[40], "null", None)
    sent[41] = _with_header(sent[41], "not-utf-8", b"\xff\xfe")
    sent[42] = _with_header(sent[42], "", b"")
    async with running(tiny_service(settings, remember)):
        await wire.send(*sent)
        await until(lambda: has_worked(database, 100))
        await until(lambda: wire.has_committed(100))
    assert set(await said_by(database)) == set(map(str, range(100)))


async def test_by_default_one_null_header_loses_its_whole_batch(
    settings: ServiceSettings, wire: Wire
) -> None:
    await wire.create(REPORTS.name)
    seen: list[Any] = []

    async def see(bodies: list[Any]) -> None:
        seen.extend(bodies)

    lost = [_with_header(a_reminder("bad"), "null", None), *map(a_reminder, range(9))]
    await wire.send(*lost)
    careful: dict[str, Any] = {"ack_policy": AckPolicy.NACK_ON_ERROR, "auto_offset_reset": "earliest"}
    async with _plain(settings, see, batch=True, max_records=10, **careful) as subscriber:
        await until(lambda: subscriber.consumer.assignment())
        await until(lambda: _position(subscriber, 10))
        await wire.send(a_reminder("good"))
        await until(lambda: wire.has_committed(11))
    assert [body["data"]["text"] for body in seen] == ["good"]


async def test_what_was_sent_before_the_first_start_is_worked(
    settings: ServiceSettings, wire: Wire, database: Database
) -> None:
    await wire.create(REPORTS.name, partitions=6)
    await wire.send(*map(a_reminder, range(20)))
    async with running(tiny_service(settings, remember)):
        await until(lambda: has_worked(database, 20))


async def test_by_default_what_was_sent_before_the_first_start_is_skipped(
    settings: ServiceSettings, wire: Wire
) -> None:
    await wire.create(REPORTS.name)
    seen: list[Any] = []

    async def see(body: Any) -> None:
        seen.append(body)

    await wire.send(a_reminder("before"))
    async with _plain(settings, see) as subscriber:
        await until(lambda: subscriber.consumer.assignment())
        (partition,) = subscriber.consumer.assignment()
        await subscriber.consumer.position(partition)
        await wire.send(a_reminder("after"))
        await until(lambda: seen)
    assert [body["data"]["text"] for body in seen] == ["after"]


async def test_an_outage_is_met_with_patience(
    settings: ServiceSettings, wire: Wire, database: Database
) -> None:
    attempts: list[float] = []

    async def fail_then_work(connection: Connection, events: list[Event]) -> None:
        attempts.append(time.monotonic())
        if len(attempts) == 1:
            raise DATABASE_AWAY
        await remember(connection, events)

    service = tiny_service(settings, fail_then_work)
    service.consumers[0].failures = 4  # it has lasted for a while
    async with running(service):
        await wire.send(a_reminder("patience"))
        await until(lambda: attempts)
        await until(lambda: "keeps failing: ConnectionResetError" in str(service.problems()))
        await until(lambda: has_worked(database, 1))
        await until(lambda: not service.problems())
    assert attempts[1] - attempts[0] > 0.8, "the pause; fetching again takes half a second by itself"
    assert len(attempts) == 2


def test_pauses_grow_and_end_at_five_seconds(settings: ServiceSettings) -> None:
    consumer = tiny_service(settings, remember).consumers[0]
    for failures, longest in [(1, 0.1), (2, 0.2), (5, 1.6), (7, 5.0), (100_000, 5.0)]:
        consumer.failures = failures
        pauses = [consumer.pause() for _ in range(50)]
        assert longest / 2 <= min(pauses) < max(pauses) <= longest, (
            "spread, so that replicas do not come together"
        )


async def test_by_default_an_outage_is_met_with_a_storm(settings: ServiceSettings, wire: Wire) -> None:
    await wire.create(REPORTS.name)
    attempts: list[float] = []

    async def fail(body: Any) -> None:
        attempts.append(time.monotonic())
        raise DATABASE_AWAY

    await wire.send(a_reminder("storm"))
    async with _plain(settings, fail, ack_policy=AckPolicy.NACK_ON_ERROR, auto_offset_reset="earliest"):
        await until(lambda: len(attempts) >= 100)
    # half a second where nothing else runs; with the pauses above it would be minutes
    assert attempts[99] - attempts[0] < 10


@asynccontextmanager
async def _plain(settings: ServiceSettings, handle: Any, **options: Any) -> AsyncIterator[Any]:
    """FastStream as it comes."""
    broker = KafkaBroker(settings.kafka, logger=None, allow_auto_create_topics=False)
    name = settings.namespace + REPORTS.name
    subscriber = broker.subscriber(name, group_id=f"{settings.namespace}tiny", **options)
    subscriber(handle)
    await broker.start()
    try:
        yield subscriber
    finally:
        await broker.stop()


def _with_header(message: Message, name: str, value: bytes | None) -> Message:
    return message._replace(headers=[*message.headers, (name, value)])


async def _position(subscriber: Any, offset: int) -> bool:
    (partition,) = subscriber.consumer.assignment()
    return await subscriber.consumer.position(partition) == offset
