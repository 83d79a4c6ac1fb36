"""What waits for a queue to be drained says how quickly it was, or that it was not."""

import os
from collections.abc import AsyncIterator

import pytest

from benchmarks.bare_loop import SCHEMA
from benchmarks.stand import execute, until_drained

_WORKED = """insert into inbox (consumer, event_id, seen_at) select 'bare', gen_random_uuid(), now() - interval '2 s' from generate_series(1, 3);
    insert into cases (case_id) select event_id from inbox;"""


@pytest.fixture
async def database(postgres_url: str) -> AsyncIterator[str]:
    """As the bare loop has it."""
    name = f"bare_{os.getpid()}"
    await execute(f"{postgres_url}/postgres", f"create database {name}")
    await execute(f"{postgres_url}/{name}", SCHEMA)
    yield f"{postgres_url}/{name}"
    await execute(f"{postgres_url}/postgres", f"drop database {name} with (force)")


async def test_what_is_drained_has_a_rate(database: str) -> None:
    await execute(database, _WORKED)
    assert 0 < await until_drained(database, 3) < 1.5


async def test_a_queue_that_nobody_drains_is_told(database: str) -> None:
    await execute(database, _WORKED)
    with pytest.raises(RuntimeError, match="4 queued records: not done"):
        await until_drained(database, 4, limit=0.2)


async def test_an_outbox_that_nobody_empties_is_told(database: str) -> None:
    await execute(database, _WORKED + "insert into outbox (topic) values ('out')")
    with pytest.raises(RuntimeError, match="3 queued records: not done"):
        await until_drained(database, 3, limit=0.2)
