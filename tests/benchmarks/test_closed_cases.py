"""What rests beside the due clocks is as much as the table of results says."""

from collections.abc import Awaitable, Callable

import asyncpg
import pytest

from benchmarks import timers


async def test_as_many_closed_cases_as_were_asked_for(
    create_database: Callable[[str], Awaitable[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(timers, "_CLOSED_AT_ONCE", 4)
    url = await create_database("router")
    await timers.add_closed(url, 3)
    await timers.add_closed(url, 7)
    connection = await asyncpg.connect(url)
    assert await connection.fetchval("select count(*) from cases where state = 'archived'") == 10
    await connection.close()


def test_the_least_are_measured_first() -> None:
    assert timers.numbers_of("1000000, 0,1000") == [0, 1000, 1000000]
