"""A round that finds nothing to forget reads a few pages, however much is kept and however its space was used before."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from delivery import idempotency, inbox
from delivery.database import Connection, Database
from services.notifier.mail import mail_store
from services.notifier.people import notices_store
from services.notifier.store import delivery_log, feed

ROWS, DAYS, SOME, FEW = 12_000, 90, 5_000, 40
# every second row is beyond any age: what comes after it was forgotten takes its place, page by page
AGE = "now() - case when n % 2 = 0 then interval '400 days' else interval '1 minute' end"
NEW = "gen_random_uuid()"

# columns of a row and their values
TABLES: dict[str, dict[str, str]] = {
    "inbox": {"consumer": "'cases'", "event_id": NEW, "seen_at": AGE},
    "first_answers": {
        "caller": "'p'", "key": "n::text", "asked_sha256": "''::bytea", "answer": "to_jsonb(repeat('x', 150))",
        "asked_at": AGE,
    },
    "feed": {
        "xid": "1", "event_id": NEW, "event_type": "'case.progress'", "schema_version": "1", "case_id": NEW,
        "correlation_id": NEW, "occurred_at": "now()", "recorded_at": AGE, "units": "'[]'", "body": "'{}'::bytea",
    },
    "deliveries": {
        "id": NEW, "subscription_id": NEW, "cause": "'event'", "event_type": "'case.progress'", "position": "n",
        "status": "'delivered'", "ended_at": AGE,
    },
    "notices": {
        "id": NEW, "event_id": NEW, "event_type": "'case.progress'", "case_id": NEW, "correlation_id": NEW,
        "unit": "'LIGHTS'", "post": "'lead'", "kind": "'news'", "urgency": "'general'", "rank": "0",
        "medium": "'app'", "number": "1", "digest": "true", "about": "'{}'", "status": "'delivered'",
        "first_due_at": "now()", "due_at": "now()", "ended_at": AGE,
    },
    "mail_lines": {
        "id": NEW, "subscription_id": NEW, "kind": "'event'", "event_id": NEW, "status": "'delivered'",
        "first_due_at": "now()", "due_at": "now()", "ended_at": AGE,
    },
}  # fmt: skip
_WAITING = {"status": "'waiting'", "ended_at": "null::timestamptz"}
_PAGES = """select coalesce(sum(pg_stat_get_xact_blocks_fetched(oid)), 0)::int from pg_class
    where relkind in ('r', 'i') and relnamespace = 'public'::regnamespace"""

Forget = Callable[[Connection], Awaitable[Any]]
FORGETTING: dict[str, Forget] = {
    "inbox": lambda connection: inbox.forget(connection, DAYS, most=SOME),
    "first_answers": idempotency.forget,
    "feed": lambda connection: feed.forget(connection, DAYS, SOME),
    "deliveries": lambda connection: delivery_log.forget(connection, DAYS, SOME),
    "notices": lambda connection: notices_store.forget(connection, DAYS, SOME),
    "mail_lines": lambda connection: mail_store.forget(connection, DAYS, SOME),
}


async def fill(connection: Connection, table: str, **other: str) -> None:
    row = TABLES[table] | other
    await connection.execute(
        f"insert into {table} ({', '.join(row)}) select {', '.join(row.values())} from generate_series(1, {ROWS}) n"
    )


async def rows_of(connection: Connection, table: str) -> int:
    return int(await connection.fetchval(f"select count(*) from {table}"))


async def pages_read(connection: Connection, forget: Forget) -> int:
    async with connection.transaction():
        before = await connection.fetchval(_PAGES)
        await forget(connection)
        return int(await connection.fetchval(_PAGES)) - int(before)


@pytest.mark.parametrize("table", TABLES)
async def test_what_is_kept_is_not_read(database: Database, table: str) -> None:
    forget = FORGETTING[table]
    async with database.connection() as connection:
        await fill(connection, table)
        left = ROWS
        while left != ROWS // 2:
            await forget(connection)
            before, left = left, await rows_of(connection, table)
            assert left < before, "what is old goes, in slices"
        await connection.execute(f"vacuum analyze {table}")
        whole = await connection.fetchval("select pg_relation_size($1::text::regclass) / 8192", table)
        assert whole > 2 * FEW
        await forget(connection)  # planned
        assert await pages_read(connection, forget) < FEW
        assert await rows_of(connection, table) == ROWS // 2


async def test_letters_that_wait_are_not_read(database: Database) -> None:
    """A day's digests, of subscriptions that all go on."""
    async with database.connection() as connection:
        await fill(connection, "mail_lines", **_WAITING)
        await connection.execute("vacuum analyze mail_lines")
        await FORGETTING["mail_lines"](connection)
        assert await pages_read(connection, FORGETTING["mail_lines"]) < FEW
