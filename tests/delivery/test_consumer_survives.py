"""A database that restarts, replicas that come and go: each event is worked once, in order, and none is given up."""

import asyncio
from collections import defaultdict
from uuid import UUID, uuid4

import asyncpg

from contracts.facts.case import CaseReminded
from contracts.facts.report import ReportReminded
from contracts.topics import CASES, REPORTS
from delivery.consumer import Event
from delivery.database import Connection, Database
from delivery.service import Service
from delivery.settings import ServiceSettings
from tests.delivery.tiny_service import a_reminder, remember, running, tiny_service
from tests.delivery.wire import Wire
from tests.waiting import until

CASE_IDS = [uuid4() for _ in range(12)]


async def test_a_database_that_ends_every_connection_costs_no_event(
    settings: ServiceSettings, wire: Wire, database: Database, postgres_url: str
) -> None:
    """The connections that wait in the pool break each in its own way when they are next used."""
    service = tiny_service(settings, remember)
    async with running(service):
        for number in range(60):
            await wire.send(a_reminder(number, case_id=CASE_IDS[number % 12]))
            if number % 10 == 5:
                await _end_connections(settings, postgres_url)
        await until(lambda: _has_worked(settings, 60), limit=20)
        await until(lambda: not service.problems())
    assert await wire.records(REPORTS.dead) == []
    await _assert_in_order(settings, 60)


async def test_a_batch_that_takes_too_long_is_done_in_parts(
    settings: ServiceSettings, wire: Wire, database: Database
) -> None:
    """Else a database that has become slow would be asked for the same too much for ever."""
    tried = []

    async def take_long_for_many(connection: Connection, events: list[Event]) -> None:
        tried.append(len(events))
        if len(events) > 20:
            raise TimeoutError
        await remember(connection, events)

    await wire.create(REPORTS.name)
    await wire.send(*[a_reminder(number, case_id=CASE_IDS[number % 12]) for number in range(100)])
    async with running(tiny_service(settings, take_long_for_many)):
        await until(lambda: _has_worked(settings, 100), limit=20)
    assert max(tried) > 20, "they did come together"
    assert await wire.records(REPORTS.dead) == []
    await _assert_in_order(settings, 100)


async def test_replicas_come_and_go_and_each_event_is_worked_once(
    settings: ServiceSettings, wire: Wire, database: Database
) -> None:
    sending = asyncio.create_task(_send_steadily(wire, 600))
    async with running(tiny_service(settings, _with_pause)) as first:
        await until(lambda: _has_worked(settings, 50, at_least=True))
        async with running(tiny_service(settings, _with_pause)) as second:
            await until(lambda: len(_assigned(first)) == len(_assigned(second)) == 3)
            await until(lambda: _has_worked(settings, 300, at_least=True))
        await until(lambda: len(_assigned(first)) == 6)
        await sending
        await until(lambda: _has_worked(settings, 600), limit=30)
    await _assert_in_order(settings, 600)


async def test_a_service_reads_two_topics_as_one_group(
    settings: ServiceSettings, wire: Wire, database: Database
) -> None:
    seen: list[str] = []

    async def note(connection: Connection, events: list[Event]) -> None:
        seen.extend(event.type for event in events)

    service = Service("tiny", settings)
    service.consume(REPORTS, note, [ReportReminded])
    service.consume(CASES, note, [CaseReminded])
    async with running(service):
        await wire.send(a_reminder(), a_reminder(topic=CASES))
        await until(lambda: _committed_both(wire))
    assert seen == ["report.reminded"], "only the facts asked for, wherever they stand"


async def _with_pause(connection: Connection, events: list[Event]) -> None:
    await remember(connection, events)
    await asyncio.sleep(0.02)


async def _send_steadily(wire: Wire, count: int) -> None:
    for start in range(0, count, 10):
        batch = range(start, start + 10)
        await wire.send(*[a_reminder(number, case_id=CASE_IDS[number % 12]) for number in batch])
        await asyncio.sleep(0.02)


def _assigned(service: Service) -> set[object]:
    consumer = service.consumers[0].subscriber.consumer
    return consumer.assignment() if consumer else set()


async def _end_connections(settings: ServiceSettings, postgres_url: str) -> None:
    name = settings.database_of("tiny").rsplit("/", 1)[1]
    connection = await asyncpg.connect(f"{postgres_url}/postgres")
    await connection.execute(
        "select pg_terminate_backend(pid) from pg_stat_activity where datname = $1", name
    )
    await connection.close()


async def _worked(settings: ServiceSettings) -> list[asyncpg.Record]:
    connection = await asyncpg.connect(settings.database_of("tiny"))
    try:
        return await connection.fetch("select case_id, said::int from worked order by id")
    finally:
        await connection.close()


async def _has_worked(settings: ServiceSettings, number: int, *, at_least: bool = False) -> bool:
    try:
        count = len(await _worked(settings))
    except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError):
        return False
    return count == number or (at_least and count > number)


async def _committed_both(wire: Wire) -> bool:
    return await wire.committed(REPORTS.name) == await wire.committed(CASES.name) == 1


async def _assert_in_order(settings: ServiceSettings, count: int) -> None:
    rows = await _worked(settings)
    assert sorted(row["said"] for row in rows) == list(range(count)), "each once"
    by_case: dict[UUID, list[int]] = defaultdict(list)
    for row in rows:
        by_case[row["case_id"]].append(row["said"])
    assert all(numbers == sorted(numbers) for numbers in by_case.values())
