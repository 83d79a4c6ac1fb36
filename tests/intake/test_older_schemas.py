"""Every database that was ever in use comes to the newest schema."""

import asyncio
from collections.abc import Iterator

import pytest
from uuid_utils import uuid7

from delivery.migrations import drift, migrate
from tests.databases import execute


@pytest.fixture
def empty_url(postgres_url: str) -> Iterator[str]:
    server, name = f"{postgres_url}/postgres", f"older_{uuid7().hex}"
    asyncio.run(execute(server, f"create database {name}"))
    yield f"{postgres_url}/{name}"
    asyncio.run(execute(server, f"drop database {name} with (force)"))


def test_who_ran_0005_before_it_made_the_table_of_units_gets_it_later(empty_url: str) -> None:
    migrate(empty_url, "intake", to="0005")
    asyncio.run(execute(empty_url, "drop table units"))
    migrate(empty_url, "intake")
    assert drift(empty_url, "intake") == []
