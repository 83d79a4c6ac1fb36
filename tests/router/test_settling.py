"""The cases there are when a directory is imported: settled a few at a time, each of them, and nobody waits meanwhile."""

import asyncio

import httpx
import pytest

from delivery.service import Service
from services.router.cases import settling
from services.router.cases.settling import settle_next
from services.router.current_rules import CurrentRules
from services.router.handlers import on_report_events
from tests.router.builders import a_directory, a_report
from tests.router.directory_imports import import_alone, renumbered
from tests.router.several_reports import rows_of, work
from tests.router.waiting_for_decisions import done_or_waiting


async def _towns(router: Service) -> list[str]:
    return [row["town"] for row in await rows_of(router, "select town from cases order by case_id")]


async def _settle(router: Service, current: CurrentRules) -> None:
    while await settle_next(router, current):
        pass


@pytest.fixture(autouse=True)
def one_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settling, "_AT_ONCE", 1)


async def test_an_import_and_who_works_a_case_do_not_wait_for_each_other(
    router: Service, http: httpx.AsyncClient, current: CurrentRules
) -> None:
    await work(router, held := a_report(), a_report(lon=3.0))
    async with router.database.transaction() as somebody:
        await somebody.execute("select from cases where case_id = $1 for update", held.case_id)
        async with asyncio.timeout(10):
            await import_alone(http, renumbered())
    await _settle(router, current)
    assert await _towns(router) == ["ND1", "ND1"]


async def test_another_replica_goes_on_where_one_was_left(
    router: Service, http: httpx.AsyncClient, current: CurrentRules
) -> None:
    await work(router, a_report(), a_report(lon=3.0), a_report(lat=3.0))
    await import_alone(http, renumbered())
    for _ in range(3):  # the first waits for decisions, then one case at a time
        assert await settle_next(router, current)
    assert await _towns(router) == ["ND1", "ND1", "D1"]
    await _settle(router, CurrentRules(current._settings, current._now))
    assert await _towns(router) == ["ND1"] * 3
    assert not await settle_next(router, current), "nothing is left"


async def test_the_newest_of_two_imports_settles_all(
    router: Service, http: httpx.AsyncClient, current: CurrentRules
) -> None:
    await work(router, a_report(), a_report(lon=3.0))
    await import_alone(http, renumbered())
    assert await settle_next(router, current)
    assert await settle_next(router, current)
    await import_alone(http, a_directory())
    await _settle(router, current)
    assert await _towns(router) == ["D1"] * 2


async def test_what_is_written_in_that_very_moment_is_settled_too(
    router: Service, http: httpx.AsyncClient, current: CurrentRules
) -> None:
    replica = CurrentRules(current._settings, current._now)
    async with router.database.transaction() as batch:
        await on_report_events(batch, [a_report()], current)
        await import_alone(http, renumbered())
        settled = asyncio.create_task(_settle(router, replica))
        await done_or_waiting(router, settled)
    await settled
    assert await _towns(router) == ["ND1"]


async def test_what_is_archived_stays_under_the_areas_of_its_time(
    router: Service, http: httpx.AsyncClient, current: CurrentRules
) -> None:
    await work(router, rests := a_report(), a_report(lon=3.0))
    await rows_of(router, "update cases set state = 'archived' where case_id = $1", rests.case_id)
    await import_alone(http, renumbered())
    await _settle(router, current)
    assert await _towns(router) == ["D1", "ND1"]
