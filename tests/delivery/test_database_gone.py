"""PostgreSQL frozen: stopping never hangs. Closed to us: it is not the fault of what we were to do."""

import asyncio
import time
from collections.abc import Iterator
from contextlib import contextmanager

import asyncpg
import psutil
import pytest

from delivery import database as database_module
from delivery import stopping
from delivery.database import Database, is_outage
from deploy.local.ports import free_port
from deploy.local.postgres_server import PostgresServer
from tests.databases import execute
from tests.infrastructure import server_directory


@pytest.fixture
def server() -> Iterator[PostgresServer]:
    """One of our own, because we are going to hurt it."""
    with server_directory() as directory:
        server = PostgresServer(directory, free_port(), durable=False)
        server.start()
        yield server
        server.stop()


async def test_a_service_stops_in_seconds_though_the_database_is_frozen(
    server: PostgresServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stopping, "STOP_SECONDS", 1.0)
    database = Database(f"{server.url}/postgres")
    await database.open()
    with _frozen(server):
        began = time.monotonic()
        await asyncio.wait_for(database.close(), 30)
        assert time.monotonic() - began < 5


async def test_a_server_that_says_nothing_is_not_waited_for_long(monkeypatch: pytest.MonkeyPatch) -> None:
    """A service that is told to stop while it begins would stand there for a minute."""
    monkeypatch.setattr(database_module, "CONNECT_SECONDS", 0.2)

    async def say_nothing(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()

    port, began = free_port(), time.monotonic()
    async with await asyncio.start_server(say_nothing, "127.0.0.1", port):
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(Database(f"postgresql://127.0.0.1:{port}/any").open(), 10)
    assert time.monotonic() - began < 5


@pytest.mark.parametrize(
    "closed",
    [
        "alter role us password 'another'",
        "alter role us nologin",
        "alter database ours rename to theirs",
        "alter role us connection limit 0",
    ],
)
async def test_a_database_that_is_closed_to_us_may_be_open_later(server: PostgresServer, closed: str) -> None:
    await execute(f"{server.url}/postgres", "create role us login password 'known'")
    await execute(f"{server.url}/postgres", "create database ours")
    await execute(f"{server.url}/postgres", closed)
    with pytest.raises(asyncpg.PostgresError) as refused:
        await Database(f"postgresql://us:known@127.0.0.1:{server.port}/ours").open()
    assert is_outage(refused.value), repr(refused.value)


@contextmanager
def _frozen(server: PostgresServer) -> Iterator[None]:
    """The processes that answer; the one that started them is asked to stop by the fixture."""
    workers = psutil.Process(server.pid).children(recursive=True)
    for worker in workers:
        worker.suspend()
    try:
        yield
    finally:
        for worker in workers:
            worker.resume()
