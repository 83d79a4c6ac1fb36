"""What a database holds from before is in the newest schema what it would be today."""

import asyncio

import asyncpg

from delivery.migrations import drift, migrate
from services.assessment import store
from tests.databases import execute

_WAS_KEPT = """insert into assignments (case_id, round, unit, limit_at, finished_at, exempt, cohort_at)
    select case_id::uuid, round, 'U1', now(), finished_at, false, now() from (values
        ('00000000-0000-0000-0000-000000000001', 1, null),
        ('00000000-0000-0000-0000-000000000001', 2, null),
        ('00000000-0000-0000-0000-000000000002', 1, now()),
        ('00000000-0000-0000-0000-000000000002', 2, null),
        ('00000000-0000-0000-0000-000000000003', 1, null),
        ('00000000-0000-0000-0000-000000000003', 3, now())) as was (case_id, round, finished_at)"""


def test_what_was_taken_over_before_that_was_noted_is_not_to_be_finished(empty_url: str) -> None:
    migrate(empty_url, "assessment", to="0005")
    asyncio.run(execute(empty_url, _WAS_KEPT))
    migrate(empty_url, "assessment")
    assert drift(empty_url, "assessment") == []
    assert asyncio.run(_to_finish(empty_url)) == 2


async def _to_finish(url: str) -> int:
    connection = await asyncpg.connect(url)
    try:
        return (await store.count_open(connection))[0]
    finally:
        await connection.close()
