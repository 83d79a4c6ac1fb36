"""What a plan was made for is far from what a table holds: it is made anew, and not only a minute later."""

import asyncio

from delivery import growth
from delivery.database import Connection, Database
from delivery.settings import ServiceSettings
from tests.delivery.tiny_service import remember, running, tiny_service

_LOOK = "select w.said from unnest($1::bigint[]) as asked (id) join worked w using (id)"
_FILL = """insert into worked (event_id, case_id, said)
    select gen_random_uuid(), gen_random_uuid(), repeat('x', 80) from generate_series(1, $1::int)"""


async def test_a_plan_for_an_empty_table_is_made_anew_once_it_is_full(database: Database) -> None:
    async with database.connection() as connection:
        await _plan_for_nothing(connection)
        await connection.execute(_FILL, 20_000)
        assert await _reads_all(connection), "the plan that was kept is the one this is about"
        assert await growth.count_what_grew(connection) == ["worked"]
        assert not await _reads_all(connection)
        assert await growth.count_what_grew(connection) == [], "what was counted is not counted again"


async def test_a_table_that_grows_a_little_is_left_alone(database: Database) -> None:
    async with database.connection() as connection:
        await connection.execute(_FILL, 500)
        assert await growth.count_what_grew(connection) == []
        await connection.execute(_FILL, 20_000)
        await connection.execute("analyze worked")
        await connection.execute(_FILL, 30_000)
        assert await growth.count_what_grew(connection) == []


async def test_a_running_service_looks_by_itself(tiny_url: str, settings: ServiceSettings) -> None:
    async with (
        running(tiny_service(settings, remember)) as service,
        service.database.connection() as connection,
    ):
        await _plan_for_nothing(connection)
        await connection.execute(_FILL, 20_000)
        async with asyncio.timeout(10):
            while await _reads_all(connection):
                await asyncio.sleep(0.05)


async def _plan_for_nothing(connection: Connection) -> None:
    await connection.execute("vacuum analyze worked")
    await connection.execute(f"prepare look (bigint[]) as {_LOOK}")
    assert await _reads_all(connection)


async def _reads_all(connection: Connection) -> bool:
    plan = "\n".join(row[0] for row in await connection.fetch("explain execute look ('{1,2}')"))
    return "Index Cond" not in plan
