"""Two who state the same at the same time: one does, and the other is told that it is said already."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import httpx
import pytest

from delivery.database import Connection, Database
from delivery.service import Service
from services.router.clocks.calendars import CalendarDocument
from services.router.clocks.store import keep_calendar
from services.router.rulesets.store import activate, lock_activations
from tests.router.documents import a_calendar, a_document
from tests.waiting import until

pytestmark = pytest.mark.usefixtures("http")
_WAITING = "select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'"


async def _meanwhile(
    database: Database, first: Callable[[Connection], Awaitable[Any]], second: Awaitable[Any]
) -> Any:
    """What the second comes to, that begins before the first has committed."""
    async with database.transaction() as connection:
        await first(connection)
        doing = asyncio.ensure_future(second)

        async def is_seen() -> bool:
            async with database.connection() as another:
                return doing.done() or bool(await another.fetch(_WAITING))

        await until(is_seen)
    return await doing


async def test_a_calendar_is_kept_once(router: Service, http: httpx.AsyncClient) -> None:
    calendar = CalendarDocument(**a_calendar())

    async def keep(connection: Connection) -> None:
        assert await keep_calendar(connection, calendar, by="p-1")

    answer = await _meanwhile(router.database, keep, http.post("/v1/calendars", json=a_calendar()))
    assert (answer.status_code, answer.json()["version"]) == (200, calendar.version)


async def test_a_ruleset_is_put_in_force_once(router: Service, http: httpx.AsyncClient) -> None:
    assert (await http.post("/v1/rulesets", json=a_document(("/version", "v2")))).status_code == 201

    async def put_in_force(connection: Connection) -> None:
        await lock_activations(connection)
        now = router.app.state.rules.moment().at
        await activate(connection, "v2", starts_at=now, by="p-1")

    answer = await _meanwhile(router.database, put_in_force, http.post("/v1/rulesets/v2/activation"))
    assert answer.status_code == 200
    listed = (await http.get("/v1/ruleset-activations")).json()["items"]
    assert [line["version"] for line in listed].count("v2") == 1
