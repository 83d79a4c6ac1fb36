"""Fixtures: the tiny service's database and a hand on the wire, in the test's own namespace."""

import asyncio
import os
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from delivery.database import Database
from delivery.settings import ServiceSettings
from tests.databases import execute
from tests.delivery.tiny_service import schema


@pytest.fixture(scope="session")
def tiny_template(postgres_url: str) -> str:
    name = f"template_tiny_{os.getpid()}"
    with ThreadPoolExecutor(1) as thread:  # the call runs an event loop of its own
        thread.submit(asyncio.run, _make_template(postgres_url, name)).result()
    return name


@pytest.fixture
async def tiny_url(postgres_url: str, settings: ServiceSettings, tiny_template: str) -> AsyncIterator[str]:
    """The address of a database of the test's own, where a `Service("tiny", settings)` looks for it."""
    url = settings.database_of("tiny")
    name = url.rsplit("/", 1)[1]
    await execute(f"{postgres_url}/postgres", f'create database "{name}" template "{tiny_template}"')
    yield url
    await execute(f"{postgres_url}/postgres", f'drop database "{name}" with (force)')


@pytest.fixture
async def database(tiny_url: str) -> AsyncIterator[Database]:
    database = Database(tiny_url, size=4)
    await database.open()
    yield database
    await database.close()


async def _make_template(postgres_url: str, name: str) -> None:
    await execute(f"{postgres_url}/postgres", f'create database "{name}"')
    await execute(f"{postgres_url}/{name}", schema())
