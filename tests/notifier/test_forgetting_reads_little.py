"""A round that finds nothing to forget reads a few pages, however much is kept and however its space was used before."""

from typing import Any

import pytest

from delivery import idempotency, inbox
from delivery.database import Connection, Database
from services.notifier.mail import mail_store
from services.notifier.people import notices_store
from services.notifier.store import delivery_log, feed
from tests.notifier.kept_rows import ROWS, TABLES, Work, fill, pages_read

DAYS, SOME, FEW = 90, 5_000, 40
_WAITING = {"status": "'waiting'", "ended_at": "null::timestamptz"}
FORGETTING: dict[str, Work] = {
    "inbox": lambda connection: inbox.forget(connection, DAYS, most=SOME),
    "first_answers": idempotency.forget,
    "feed": lambda connection: feed.forget(connection, DAYS, SOME),
    "deliveries": lambda connection: delivery_log.forget(connection, DAYS, SOME),
    "notices": lambda connection: notices_store.forget(connection, DAYS, SOME),
    "mail_lines": lambda connection: mail_store.forget(connection, DAYS, SOME),
}


async def rows_of(connection: Connection, table: str) -> int:
    return int(await connection.fetchval(f"select count(*) from {table}"))


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


_SUBSCRIPTION = "lpad((n % 20)::text, 32, '0')::uuid"
_OPEN_LINES = 600


async def test_what_is_given_up_is_not_sought_in_all_that_was_sent(database: Database) -> None:
    async with database.connection() as connection:
        await connection.execute(
            f"""insert into subscriptions (id, name, channel, filter, created_by)
                select {_SUBSCRIPTION}, 'n', 'email', '{{}}', 'p' from generate_series(1, 20) n"""
        )
        await fill(connection, "mail_lines", subscription_id=_SUBSCRIPTION)
        await fill(connection, "mail_lines", _OPEN_LINES, subscription_id=_SUBSCRIPTION, **_WAITING)
        await connection.execute("vacuum analyze mail_lines, subscriptions")
        assert await give_up(connection) == []  # planned
        assert await pages_read(connection, give_up) < 2 * FEW


async def give_up(connection: Connection) -> list[Any]:
    return await mail_store.give_up(connection, 500)
