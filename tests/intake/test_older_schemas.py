"""Every database that was ever in use comes to the newest schema."""

import asyncio

import asyncpg

from delivery.migrations import drift, migrate
from tests.databases import execute


def test_who_ran_0005_before_it_made_the_table_of_units_gets_it_later(empty_url: str) -> None:
    migrate(empty_url, "intake", to="0005")
    asyncio.run(execute(empty_url, "drop table units"))
    migrate(empty_url, "intake")
    assert drift(empty_url, "intake") == []


_WAS_SAID = """insert into case_progress (case_id, case_version, step, at, expected_by, reason) values
    ('00000000-0000-0000-0000-000000000001', 2, 'dispatched', now(), '2026-11-24T04:00Z', null),
    ('00000000-0000-0000-0000-000000000001', 3, 'handling', now(), null, null),
    ('00000000-0000-0000-0000-000000000002', 2, 'dispatched', now(), '2026-11-24T04:00Z', null),
    ('00000000-0000-0000-0000-000000000002', 3, 'dispatched', now(), null, null)"""


def test_what_was_promised_before_promises_were_kept_still_is_unless_it_was_taken_back(
    empty_url: str,
) -> None:
    migrate(empty_url, "intake", to="0010")
    asyncio.run(execute(empty_url, _WAS_SAID))
    migrate(empty_url, "intake")
    kept = "select expected_by is not null from promises order by case_id"
    assert asyncio.run(_fetch(empty_url, kept)) == [True, False]


async def _fetch(url: str, query: str) -> list[bool]:
    connection = await asyncpg.connect(url)
    try:
        return [row[0] for row in await connection.fetch(query)]
    finally:
        await connection.close()
