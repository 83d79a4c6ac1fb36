"""Promise 2: an event that comes again changes nothing, and the events of a key are worked in their order."""

import time

import pytest

from contracts.topics import REPORTS
from delivery.consumer import Event
from delivery.database import Connection, Database
from delivery.settings import ServiceSettings
from tests.delivery.tiny_service import a_reminder, has_worked, remember, running, tiny_service
from tests.delivery.wire import Wire
from tests.waiting import until


async def test_an_event_comes_twice_in_a_batch_and_again_and_is_worked_once(
    settings: ServiceSettings, wire: Wire, database: Database
) -> None:
    batches: list[int] = []

    async def note(connection: Connection, events: list[Event]) -> None:
        batches.append(len(events))
        await remember(connection, events)

    twice, once = a_reminder("twice"), a_reminder("once")
    await wire.create(REPORTS.name)
    await wire.send(twice, once, twice)
    async with running(tiny_service(settings, note)):
        await until(lambda: wire.has_committed(3))
        assert batches == [2], "both copies were in one batch"
        await wire.send(twice)
        await until(lambda: wire.has_committed(4))
    assert await has_worked(database, 2)
    assert batches == [2], "nothing fresh: the handler is not even called"


async def test_a_failed_transaction_forgets_that_the_event_was_seen(
    settings: ServiceSettings, wire: Wire, database: Database
) -> None:
    calls: list[int] = []

    async def fail_after_writing(connection: Connection, events: list[Event]) -> None:
        calls.append(len(events))
        await remember(connection, events)
        if len(calls) == 1:
            raise ConnectionResetError("the database went away")

    async with running(tiny_service(settings, fail_after_writing)):
        await wire.send(a_reminder("once in effect"))
        await until(lambda: wire.has_committed(1))
    assert await has_worked(database, 1)
    assert calls == [1, 1]


@pytest.mark.parametrize("partitions", [1, 6])
async def test_a_key_is_worked_in_its_order(
    settings: ServiceSettings, wire: Wire, database: Database, partitions: int
) -> None:
    await wire.create(REPORTS.name, partitions=partitions)
    cases = [a_reminder().key for _ in range(7)]
    sent = [a_reminder(number)._replace(key=cases[number % 7]) for number in range(700)]
    await wire.send(*sent)
    async with running(tiny_service(settings, remember)):
        await until(lambda: has_worked(database, 700))
    async with database.connection() as connection:
        rows = await connection.fetch("select said::int from worked order by id")
    numbers = [row["said"] for row in rows]
    for rest in range(7):
        assert [number for number in numbers if number % 7 == rest] == list(range(rest, 700, 7))


async def test_who_gathers_for_a_while_does_not_while_a_backlog_waits(
    settings: ServiceSettings, wire: Wire, database: Database
) -> None:
    batches: list[tuple[int, float]] = []

    async def note(connection: Connection, events: list[Event]) -> None:
        batches.append((len(events), time.monotonic()))
        await remember(connection, events)

    of_ten = settings.model_copy(update={"batch_size": 10})
    await wire.create(REPORTS.name)
    await wire.send(*[a_reminder(number) for number in range(45)])
    async with running(tiny_service(of_ten, note, every=4.0)):
        await until(lambda: has_worked(database, 45))
    sizes, moments = zip(*batches, strict=True)
    assert sizes == (10, 10, 10, 10, 5)
    assert moments[3] - moments[0] < 4.0, "with a batch or more waiting it goes on at once"
    assert moments[4] - moments[3] > 3.0, "with less it gathers"
