"""Rules bind all units and are changed by who speaks for all; the weather is stated by who speaks for the ground."""

from datetime import timedelta
from typing import Any

import httpx
import pytest

from contracts.vocabulary import Role, Tier
from delivery.service import Service
from services.router.current_rules import CurrentRules
from services.router.directory.directory import NOBODY, Directory, Unit
from services.router.directory.ground import speaks_for, speaks_for_all
from services.router.rulesets.ruleset import SHIPPED
from tests.databases import As
from tests.router.builders import NOON, a_directory, an_import

LIGHTING = Unit("LIGHT", "LIGHT", "lighting", Tier.DISTRICT, "D", parent="UD")
WATER = Unit("WATER", "WATER", "water", Tier.TOWN, "D1", parent="UD1")
BINDS_ALL = ("/v1/rulesets", f"/v1/rulesets/{SHIPPED}/activation", f"/v1/rulesets/{SHIPPED}/categories.csv?as=v2",
             "/v1/calendars", "/v1/simulations")  # fmt: skip


@pytest.mark.parametrize(
    ("role", "unit", "directory", "speaks"),
    [
        (Role.SUPERVISOR, "UD", a_directory(), True),
        (Role.SUPERVISOR, None, a_directory(), True),
        (Role.ADMIN, "UD111", a_directory(), True),
        (Role.SUPERVISOR, "UD111", NOBODY, True),
        (Role.SUPERVISOR, "UD1", a_directory(), False),
        (Role.SUPERVISOR, "UD111", a_directory(), False),
        (Role.SUPERVISOR, "LIGHT", a_directory(LIGHTING), False),
        (Role.SUPERVISOR, "unheard of", a_directory(), False),
    ],
)
def test_who_speaks_for_all_units(role: Role, unit: str | None, directory: Directory, speaks: bool) -> None:
    assert speaks_for_all(frozenset({role}), unit, directory) is speaks


@pytest.mark.parametrize(
    ("area", "unit", "speaks"),
    [
        ("D11", "UD11", True),
        ("D111", "UD11", True),
        ("D12", "UD11", False),
        ("D1", "UD11", False),
        ("D12", "WATER", True),
        ("D", "WATER", False),
        ("NOWHERE", "UD11", False),
        ("D11", "unheard of", False),
        ("D11", None, False),
    ],
)
def test_a_unit_speaks_for_the_area_that_it_serves(area: str, unit: str | None, speaks: bool) -> None:
    assert speaks_for(area, unit, a_directory(WATER)) is speaks


@pytest.mark.parametrize("path", BINDS_ALL)
async def test_what_binds_all_units_is_no_small_units_to_change(
    http: httpx.AsyncClient, as_: As, path: str
) -> None:
    refused = await http.post(path, json={}, headers=as_("supervisor", unit="UD111"))
    assert (refused.status_code, "binds all units" in refused.json()["detail"]) == (403, True)
    for headers in (as_("supervisor", unit="UD"), as_("supervisor")):
        assert (await http.post(path, json={}, headers=headers)).status_code != 403


async def test_before_units_are_imported_any_supervisor_sets_up_the_rules(router: Service, as_: As) -> None:
    transport = httpx.ASGITransport(router.app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://router") as http:
        headers = as_("supervisor", unit="UD111")
        assert (await http.post("/v1/rulesets", json={}, headers=headers)).status_code == 422
        imported = await http.post("/v1/directory/imports", json=an_import(), headers=as_("admin"))
        assert imported.status_code == 201
        assert (await http.post("/v1/rulesets", json={}, headers=headers)).status_code == 403


@pytest.mark.parametrize("role", ["supervisor", "shift_leader"])
@pytest.mark.parametrize(
    ("unit", "areas", "status"),
    [
        ("UD11", ["D11"], 201),
        ("UD11", ["D111", "D112"], 201),
        ("UD11", ["D111", "D12"], 403),
        ("UD11", ["D"], 403),
        ("UD11", [], 403),
        ("UD", [], 201),
        (None, [], 201),
        ("unheard of", ["D11"], 403),
    ],
)
async def test_the_weather_is_stated_for_ones_own_ground(
    http: httpx.AsyncClient,
    as_: As,
    current: CurrentRules,
    role: str,
    unit: str | None,
    areas: list[str],
    status: int,
) -> None:
    answer = await _state(http, as_(role, unit=unit), areas)
    assert answer.status_code == status, answer.text


async def test_the_weather_is_ended_by_who_might_have_stated_it(
    http: httpx.AsyncClient, as_: As, current: CurrentRules
) -> None:
    path = f"/v1/weather-warnings/{(await _state(http, as_('supervisor', unit='UD1'), ['D1'])).json()['id']}"
    assert (await http.delete(path, headers=as_("supervisor", unit="UD11"))).status_code == 403
    assert (await http.delete(path, headers=as_("shift_leader", unit="UD1"))).status_code == 204
    assert (await http.delete(path, headers=as_("supervisor", unit="UD1"))).status_code == 404


async def _state(http: httpx.AsyncClient, headers: dict[str, str], areas: list[str]) -> httpx.Response:
    said: dict[str, Any] = {"level": "orange", "areas": areas, "to": (NOON + timedelta(hours=2)).isoformat()}
    return await http.post("/v1/weather-warnings", json=said, headers=headers)
