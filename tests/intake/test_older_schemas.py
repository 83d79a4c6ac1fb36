"""Every database that was ever in use comes to the newest schema."""

import asyncio

import asyncpg
import pytest
from alembic import command
from uuid_utils import uuid7

from delivery.migrations import _config, drift, migrate


@pytest.fixture
def empty_url(postgres_url: str) -> str:
    name = f"older_{uuid7().hex}"
    _do(f"{postgres_url}/postgres", f"create database {name}")
    return f"{postgres_url}/{name}"


def _do(url: str, said: str) -> None:
    async def work() -> None:
        connection = await asyncpg.connect(url)
        try:
            await connection.execute(said)
        finally:
            await connection.close()

    asyncio.run(work())


def test_who_ran_0005_before_it_made_the_table_of_units_gets_it_later(empty_url: str) -> None:
    command.upgrade(_config(empty_url, "intake"), "0005")
    _do(empty_url, "drop table units")
    migrate(empty_url, "intake")
    assert drift(empty_url, "intake") == []
