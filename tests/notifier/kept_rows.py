"""Thousands of rows in each table that grows, and how many pages a piece of work reads of them."""

from collections.abc import Awaitable, Callable
from typing import Any

from delivery.database import Connection

ROWS = 12_000
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
_PAGES = """select coalesce(sum(pg_stat_get_xact_blocks_fetched(oid)), 0)::int from pg_class
    where relkind in ('r', 'i') and relnamespace = 'public'::regnamespace"""

Work = Callable[[Connection], Awaitable[Any]]


async def fill(connection: Connection, table: str, rows: int = ROWS, **other: str) -> None:
    row = TABLES[table] | other
    await connection.execute(
        f"insert into {table} ({', '.join(row)}) select {', '.join(row.values())} from generate_series(1, {rows}) n"
    )


async def pages_read(connection: Connection, work: Work) -> int:
    async with connection.transaction():
        before = await connection.fetchval(_PAGES)
        await work(connection)
        return int(await connection.fetchval(_PAGES)) - int(before)
