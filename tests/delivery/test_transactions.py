"""One transaction at the edge: all or nothing, and the relay is told of what happened, not of what was tried."""

import asyncio
from contextlib import suppress
from functools import partial

import asyncpg
import pytest
import sqlalchemy as sa

from contracts.topics import REPORTS
from delivery import inbox, outbox
from delivery.database import Database, fetch, is_outage, once_committed
from tests.delivery.tiny_service import a_reminder, metadata


async def test_what_is_rolled_back_wakes_nobody(database: Database) -> None:
    told: list[int] = []
    database.after_commit = lambda: told.append(1)
    with suppress(ZeroDivisionError):
        async with database.transaction() as connection:
            await outbox.add(connection, [a_reminder()])
            raise ZeroDivisionError
    assert told == []
    assert await _outbox(database) == 0


async def test_who_is_told_of_a_commit_finds_it(database: Database) -> None:
    found: list[asyncio.Task[int]] = []
    database.after_commit = lambda: found.append(asyncio.ensure_future(_outbox(database)))
    async with database.transaction() as connection:
        await outbox.add(connection, [a_reminder()])
        assert await _outbox(database) == 0
        assert found == []
    assert await asyncio.gather(*found) == [1]


async def test_a_commit_that_fails_wakes_nobody(database: Database) -> None:
    told: list[int] = []
    database.after_commit = lambda: told.append(1)
    async with database.connection() as connection:
        await connection.execute("alter table worked add unique (event_id) deferrable initially deferred")
    with pytest.raises(asyncpg.UniqueViolationError):
        async with database.transaction() as connection:
            await connection.execute(
                "insert into worked (event_id, case_id) select $1, $1 from generate_series(1, 2)",
                "0192f000-0000-7000-8000-000000000001",
            )
    assert told == []


async def test_what_was_done_is_told_once_it_is_committed(database: Database) -> None:
    told: list[str] = []
    with suppress(ZeroDivisionError):
        async with database.transaction():
            once_committed(partial(told.append, "rolled back"))
            raise ZeroDivisionError
    async with database.transaction():
        once_committed(partial(told.append, "first"))
        async with database.transaction():
            once_committed(partial(told.append, "of another, which ends before"))
        once_committed(partial(told.append, "second"))
        assert told == ["of another, which ends before"]
    assert told[1:] == ["first", "second"]
    once_committed(partial(told.append, "outside"))
    assert told[-1] == "outside"


async def test_an_event_is_claimed_once_by_each_consumer(database: Database) -> None:
    events = [a_reminder() for _ in range(3)]
    ids = [dict(event.headers)["ce_id"].decode() for event in events]
    async with database.transaction() as connection:
        first = await inbox.claim(connection, "tiny", ids[:2] * 2)
        again = await inbox.claim(connection, "tiny", ids)
        other = await inbox.claim(connection, "other", ids)
    assert ({*map(str, first)}, {*map(str, again)}, {*map(str, other)}) == ({*ids[:2]}, {ids[2]}, {*ids})


async def test_the_inbox_forgets_only_what_is_old(database: Database) -> None:
    async with database.transaction() as connection:
        await connection.execute("""
            insert into inbox (consumer, event_id, seen_at)
            select 'tiny', gen_random_uuid(), now() - make_interval(days => age) from unnest(array[1, 29, 31]) age""")
        await inbox.forget(connection, 30)
        assert await connection.fetchval("select count(*) from inbox") == 2


async def test_headers_of_any_bytes_are_kept() -> None:
    headers = [
        ("bytes", bytes(range(256))),
        ("null", None),
        ("empty", b""),
        ("名", "件".encode()),
        ("twice", b"1"),
    ]
    headers.append(("twice", b"2"))
    assert outbox.unpack(outbox.pack(headers)) == headers


async def test_a_statement_whose_filters_vary_runs_with_its_parameters(database: Database) -> None:
    table = metadata.tables["outbox"]
    async with database.transaction() as connection:
        await outbox.add(connection, [a_reminder(), a_reminder()])
        statement = sa.select(table.c.topic).where(table.c.topic == REPORTS.name, table.c.id > 0).limit(1)
        rows = await fetch(connection, statement)
    assert [dict(row) for row in rows] == [{"topic": REPORTS.name}]


PASSING = [
    asyncpg.ConnectionDoesNotExistError("gone"),
    asyncpg.CannotConnectNowError("starting up"),
    asyncpg.AdminShutdownError("restart"),
    asyncpg.TooManyConnectionsError("full"),
    asyncpg.DiskFullError("full"),
    asyncpg.DeadlockDetectedError("undecided"),
    asyncpg.SerializationError("undecided"),
    asyncpg.QueryCanceledError("statement timeout"),
    asyncpg.InterfaceError("connection is closed"),
    asyncpg.ReadOnlySQLTransactionError("this is the standby now"),
    asyncpg.InvalidCachedStatementError("a migration ran"),
    asyncpg.InternalClientError("cannot switch to state 11"),
    ConnectionRefusedError("nobody there"),
    TimeoutError("slow"),
]
LASTING = [
    asyncpg.DataError("wrong type"),
    asyncpg.exceptions._base.DataError("wrong type"),  # an interface error to asyncpg
    asyncpg.UniqueViolationError("there already"),
    asyncpg.CharacterNotInRepertoireError("NUL"),
    asyncpg.UndefinedTableError("no such table"),
    asyncpg.NumericValueOutOfRangeError("too large"),
    ValueError("no rule"),
    KeyError("missing"),
]


@pytest.mark.parametrize("error", PASSING, ids=lambda error: type(error).__name__)
def test_passes(error: Exception) -> None:
    """The same work succeeds later: the batch comes again, and a caller is told 503."""
    assert is_outage(error)


@pytest.mark.parametrize("error", LASTING, ids=lambda error: type(error).__name__)
def test_lasts(error: Exception) -> None:
    """The same work fails for ever: without this the batch would come again for ever, and block its partition."""
    assert not is_outage(error)


async def test_a_value_of_the_wrong_type_is_no_outage(database: Database) -> None:
    async with database.connection() as connection:
        with pytest.raises(Exception, match="invalid input for query argument") as caught:
            await connection.fetchval("select $1::int", "not a number")
    assert not is_outage(caught.value)


async def test_a_connection_that_was_killed_is_an_outage_and_the_pool_recovers(database: Database) -> None:
    async with database.connection() as victim, database.connection() as killer:
        pid = await victim.fetchval("select pg_backend_pid()")
        await killer.execute("select pg_terminate_backend($1)", pid)
        with pytest.raises(Exception, match=r".") as caught:  # which one, depends on the moment
            await victim.fetchval("select 1")
    assert is_outage(caught.value)
    async with database.connection() as connection:
        assert await connection.fetchval("select 1") == 1


async def _outbox(database: Database) -> int:
    async with database.connection() as connection:
        return await connection.fetchval("select count(*) from outbox")
