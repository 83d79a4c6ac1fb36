"""Plans are made once and kept: of a table that has grown far beyond what they were made for, they are made anew.
And none is made for a column of which nothing is known."""

import asyncio

from delivery.database import Connection, Database
from delivery.logs import log

LOOK_SECONDS = 1.0
# PostgreSQL's own look comes once a minute: a table that was empty then and takes two thousand rows a second is read
# from end to end until the next. Below forty pages no plan is slow
_GROWN = """
    select oid::regclass::text as name from pg_class
    where relkind = 'r' and relnamespace = current_schema()::regnamespace
    and pg_relation_size(oid) / current_setting('block_size')::int > 4 * greatest(relpages, 10)
    order by name"""
# one that a migration has added; PostgreSQL counts a table of ten million rows again when a million have changed, weeks
# later, and takes what it does not know for common
_UNKNOWN = """
    select oid::regclass::text as name from pg_class
    where relkind = 'r' and relnamespace = current_schema()::regnamespace
    and pg_relation_size(oid) / current_setting('block_size')::int > 40 and exists (
        select from pg_attribute where attrelid = pg_class.oid and attnum > 0 and not attisdropped and attname not in (
            select attname from pg_stats where schemaname = current_schema() and tablename = relname))
    order by name"""


async def look_for_growth(database: Database) -> None:
    """For a service to run alongside: a look, and the rest until the next."""
    await asyncio.sleep(LOOK_SECONDS)
    async with database.connection() as connection:
        await count_what_grew(connection)


async def count_what_grew(connection: Connection) -> list[str]:
    """The tables that were; the plans that use them go. Whoever counts one already is left to it."""
    grown = [row["name"] for row in await connection.fetch(_GROWN)]
    for name in grown:
        await connection.execute(f"analyze (skip_locked) {name}")
        log.info("table has grown: counted anew", table=name)
    return grown


async def count_what_is_unknown(connection: Connection) -> None:
    """Not while the service runs: of a table without a row nothing is ever known."""
    for row in await connection.fetch(_UNKNOWN):
        await connection.execute(f"analyze {row['name']}")
