"""What cannot wait overtakes a backlog, and is worked once all the same."""

import asyncio

import pytest

from contracts.topics import REPORTS
from delivery.consumer import Event
from delivery.database import Connection, Database
from delivery.settings import ServiceSettings
from tests.delivery.tiny_service import a_reminder, remember, running, said_by, tiny_service
from tests.delivery.wire import Wire
from tests.waiting import until

_BACKLOG = 1300


def _is_urgent(record: bytes) -> bool:
    return b"urgent" in record


async def test_what_cannot_wait_is_worked_before_the_backlog_and_once(
    settings: ServiceSettings, wire: Wire, database: Database
) -> None:
    may_go_on = asyncio.Event()

    async def slowly(connection: Connection, events: list[Event]) -> None:
        if not any(event.data.text == "urgent" for event in events):
            await may_go_on.wait()
        await remember(connection, events)

    await wire.create(REPORTS.name)
    await wire.send(*(a_reminder(number) for number in range(_BACKLOG)))
    service = tiny_service(settings, slowly, cannot_wait=_is_urgent)
    async with running(service):
        await wire.send(a_reminder("urgent"))

        async def overtaken() -> bool:
            return await said_by(database) == ["urgent"]

        await until(overtaken)
        may_go_on.set()
        await until(lambda: wire.has_committed(_BACKLOG + 1))
    said = await said_by(database)
    assert sorted(said) == sorted([*map(str, range(_BACKLOG)), "urgent"])


async def test_without_a_backlog_nobody_looks(
    settings: ServiceSettings, wire: Wire, database: Database
) -> None:
    looked: list[bytes] = []

    def look(record: bytes) -> bool:
        looked.append(record)
        return True

    await wire.create(REPORTS.name)
    async with running(tiny_service(settings, remember, cannot_wait=look)):
        await wire.send(a_reminder("first"))  # until it is worked, nobody knows who reads the partition
        await until(lambda: wire.has_committed(1))
        looked.clear()
        await wire.send(*(a_reminder(number) for number in range(20)))
        await until(lambda: wire.has_committed(21))
    assert looked == []
    assert len(await said_by(database)) == 21


@pytest.mark.parametrize("fault", ["look", "work"])
async def test_a_fault_on_the_way_ahead_loses_nothing(
    settings: ServiceSettings, wire: Wire, database: Database, fault: str
) -> None:
    """The short cut fails, and the ordinary way brings every record."""
    calls = 0

    def look(record: bytes) -> bool:
        if fault == "look" and b"urgent" in record:
            raise RuntimeError("a look with a fault")
        return b"urgent" in record

    async def work(connection: Connection, events: list[Event]) -> None:
        nonlocal calls
        calls += 1
        if fault == "work" and len(events) == 1:
            raise RuntimeError("fails alone")
        await remember(connection, events)

    await wire.create(REPORTS.name)
    await wire.send(*(a_reminder(number) for number in range(_BACKLOG)), a_reminder("urgent"))
    async with running(tiny_service(settings, work, cannot_wait=look)):

        async def all_worked() -> bool:
            return len(await said_by(database)) == _BACKLOG + 1

        await until(all_worked)
    assert sorted(await said_by(database)) == sorted([*map(str, range(_BACKLOG)), "urgent"])
