"""A round that finds nothing to forget reads a few pages, however much is kept and however its space was used before."""

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
