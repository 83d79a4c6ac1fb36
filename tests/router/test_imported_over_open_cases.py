"""A directory is imported while cases are open: who sees, works and gives on what another unit led before."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import Any

import httpx

from contracts.vocabulary import Tier
from delivery.service import Service
from services.router.cases.settling import settle_next
from services.router.cases.timers import wake_due
from services.router.current_rules import CurrentRules
from services.router.directory.directory import Directory, Unit
from tests.databases import As
from tests.router.builders import NOON, a_directory, a_report
from tests.router.conftest import Time
from tests.router.directory_imports import import_alone, renumbered
from tests.router.several_reports import case_of, filed, rows_of, work


async def _import(http: httpx.AsyncClient, router: Service, directory: Directory) -> None:
    """And the cases are settled, as the router does beside it."""
    await import_alone(http, directory)
    while await settle_next(router, router.app.state.rules):
        pass


class Interrupted:
    """A connection on which something happens as soon as areas have been read for the first time."""

    def __init__(self, connection: Any, by: Callable[[], Awaitable[None]]) -> None:
        self._connection, self._by = connection, [by]

    async def fetch(self, statement: str, *values: Any) -> Any:
        rows = await self._connection.fetch(statement, *values)
        if "boundary" in statement and self._by:
            await self._by.pop()()
        return rows

    def __getattr__(self, name: str) -> Any:
        return getattr(self._connection, name)


async def test_a_replica_that_loads_a_directory_while_another_is_imported_has_one_of_them_whole(
    router: Service, http: httpx.AsyncClient, current: CurrentRules
) -> None:
    """Never areas of the one and units of the other."""
    replica = CurrentRules(current._settings, current._now)
    async with router.database.connection() as connection:
        interrupted: Any = Interrupted(connection, partial(import_alone, http, renumbered()))
        directory = (await replica.get(interrupted)).directory
    assert set(directory.areas) == set(renumbered().areas)
    assert set(directory.units) == set(renumbered().units)


CALLERS = [
    ("unit_lead", "NUD1"), ("unit_lead", "NUD11"), ("unit_lead", "NUD12"), ("grid_worker", "NUD111"),
    ("unit_lead", "UD1"), ("unit_lead", "NW"), ("dispatcher", "NUD1"), ("dispatcher", "NUD"), ("assessor", "NUD"),
]  # fmt: skip


async def test_list_and_case_agree_on_who_sees_it(http: httpx.AsyncClient, router: Service, as_: As) -> None:
    water = Unit("W", "W", "water", Tier.TOWN, "D1", parent="UD1")
    await _import(http, router, a_directory(water))
    cases = {
        await filed(router, **report)
        for report in (
            {"category": "E01-04"},
            {"category": "E01-01"},
            {"category": "V05-01"},
            {"category": "V03-01"},
        )
    }
    await _import(http, router, renumbered(a_directory(water)))
    seen = {}
    for role, unit in CALLERS:
        headers = as_(role, unit=unit)
        listed = {each["case_id"] for each in (await http.get("/v1/cases", headers=headers)).json()["items"]}
        shown = {
            case
            for case in cases
            if (await http.get(f"/v1/cases/{case}", headers=headers)).status_code == 200
        }
        assert listed == shown, (role, unit)
        seen[unit, role] = len(listed)
    assert seen["NUD", "dispatcher"] == 4
    assert seen["NUD1", "unit_lead"] >= 3
    assert seen["NUD12", "unit_lead"] == 0
    (found,) = {each["grid"] for each in (await http.get("/v1/cases?grid=ND111")).json()["items"]}
    assert found == "ND111"


async def test_who_stands_in_works_the_case(http: httpx.AsyncClient, router: Service, as_: As) -> None:
    case = await filed(router, category="E01-04")
    await _import(http, router, renumbered())
    elsewhere, lead = as_("unit_lead", unit="NUD12", sub="p-3"), as_("unit_lead", unit="NUD1", sub="p-1")
    assert (await http.post(f"/v1/cases/{case}/commands/sign", headers=elsewhere)).status_code == 403
    signed = await http.post(f"/v1/cases/{case}/commands/sign", headers=lead)
    assert (signed.status_code, signed.json()["lead"], signed.json()["grid"]) == (200, "NUD1", "ND111")
    listed = (await http.get("/v1/cases?unit=NUD1", headers=lead)).json()["items"]
    assert [each["case_id"] for each in listed] == [case]


async def test_a_dispatcher_gives_it_to_another_unit(
    http: httpx.AsyncClient, router: Service, as_: As
) -> None:
    case = await filed(router, category="E01-04")
    desk, again = as_("dispatcher", unit="UD"), {"data": {"lead": "UD"}}
    refused = await http.post(f"/v1/cases/{case}/commands/redispatch", headers=desk, json=again)
    assert refused.status_code == 422
    orphans = {code: replace(unit, parent="UD") for code, unit in a_directory(without=("UD1",)).units.items()}
    orphans["UD"] = replace(orphans["UD"], parent=None)
    await _import(http, router, replace(a_directory(), units=orphans))
    done = await http.post(f"/v1/cases/{case}/commands/redispatch", headers=desk, json=again)
    assert (done.status_code, done.json()["lead"], done.json()["state"]) == (200, "UD", "dispatched")
    assert set(done.json()["limits"]) >= {"sign", "handle"}


async def test_the_timers_go_on(
    router: Service, current: CurrentRules, time: Time, http: httpx.AsyncClient
) -> None:
    report = a_report(category="E01-04")
    await work(router, report)
    await _import(http, router, renumbered())
    time.now = NOON + timedelta(days=20)
    assert await wake_due(router, current) == 1
    case = await case_of(router, report.case_id)
    assert (case.grid, case.lead) == ("ND111", "NUD")
    rows = await rows_of(router, "select town, lead, wake_at from cases")
    assert [(row["town"], row["lead"]) for row in rows] == [("ND1", "NUD")]
