"""What lies near a report and hangs over it: sensitive places and weather warnings count for its urgency."""

import math
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from contracts.likeness import METRES_A_DEGREE
from delivery.service import Service
from services.router.current_rules import CurrentRules
from services.router.directory.importing import DirectoryImport, read_directory
from services.router.directory.places import NEAR_METRES, PlaceKind, SensitivePlace, SensitivePlaces
from services.router.rulesets.urgency_rules import WarningLevel
from services.router.settings import Settings
from services.router.weather.warnings import WeatherWarning, the_worst
from tests.databases import As
from tests.router.builders import NOON, a_report, an_import
from tests.router.several_reports import rows_of, work

HOUR = timedelta(hours=1)
POINTS = {WarningLevel.BLUE: 10, WarningLevel.YELLOW: 10, WarningLevel.ORANGE: 20, WarningLevel.RED: 20}


def a_place(lon: float, lat: float, kind: PlaceKind = PlaceKind.SCHOOL) -> SensitivePlace:
    return SensitivePlace(kind, "梅园小学", shapely.Point(lon, lat))


@given(st.floats(-179, 179), st.floats(-75, 75), st.floats(0, 300), st.sampled_from(["north", "east"]))
def test_near_is_within_a_hundred_metres_anywhere_on_earth(
    lon: float, lat: float, metres: float, towards: str
) -> None:
    north = metres / METRES_A_DEGREE
    east = north / math.cos(math.radians(lat))
    asked = (lon, lat + north) if towards == "north" else (lon + east, lat)
    found = SensitivePlaces([a_place(lon, lat)]).near(*asked)
    if abs(metres - NEAR_METRES) > 0.5:
        assert (found is not None) == (metres < NEAR_METRES)


def test_the_ground_of_a_place_is_near_from_its_edge_on() -> None:
    edge = 100 / METRES_A_DEGREE
    ground = SensitivePlace(PlaceKind.HOSPITAL, "医院", shapely.box(10.0, 0.0, 10.01, 0.01))
    places = SensitivePlaces([ground])
    assert places.near(10.005, 0.005) is ground
    assert places.near(10.01 + 0.9 * edge, 0.005) is ground
    assert places.near(10.01 + 1.1 * edge, 0.005) is None


def test_a_directory_without_places_asks_nothing() -> None:
    directory, _ = read_directory(DirectoryImport.model_validate(an_import()), version=1)
    assert directory.sensitive_place_near(1.0, 1.0) is None


FAULTS: dict[str, tuple[dict[str, Any], str]] = {
    "a line": ({"type": "LineString", "coordinates": [[1, 1], [2, 2]]}, "not a point"),
    "nothing": ({}, "not a point"),
    "a bow tie": (
        {"type": "Polygon", "coordinates": [[[0, 0], [1, 1], [1, 0], [0, 1], [0, 0]]]},
        "Self-intersection",
    ),
    "a town": ({"type": "Polygon", "coordinates": [[[0, 0], [1, 0], [1, 1], [0, 0]]]}, "no place"),
    "in metres": ({"type": "Point", "coordinates": [500_000, 3_000_000]}, "degrees"),
}


@pytest.mark.parametrize("name", FAULTS)
def test_a_place_that_is_none_is_named(name: str) -> None:
    geometry, said = FAULTS[name]
    body = an_import() | {"places": _collection(a_feature(), a_feature(geometry=geometry))}
    _, (finding,) = read_directory(DirectoryImport.model_validate(body), version=1)
    assert finding.pointer == "/places/features/1/geometry"
    assert said in finding.detail


def a_feature(**more: Any) -> dict[str, Any]:
    point = {"type": "Point", "coordinates": [1.0, 1.0]}
    return {"type": "Feature", "properties": {"kind": "school", "name": "梅园小学"}, "geometry": point} | more


def _collection(*features: dict[str, Any]) -> dict[str, Any]:
    return {"type": "FeatureCollection", "features": list(features)}


def a_warning(level: str = "blue", begins: int = 0, ends: int = 1, *areas: str) -> WeatherWarning:
    """Hours from noon."""
    return WeatherWarning(
        uuid4(), WarningLevel(level), NOON + begins * HOUR, NOON + ends * HOUR, frozenset(areas)
    )


WEATHER: dict[str, tuple[tuple[WeatherWarning, ...], int]] = {
    "none": ((), 0),
    "blue": ((a_warning(),), 10),
    "yellow": ((a_warning("yellow"),), 10),
    "orange": ((a_warning("orange"),), 20),
    "red": ((a_warning("red"),), 20),
    "the worst of several, not their sum": ((a_warning("yellow"), a_warning("red"), a_warning()), 20),
    "over": ((a_warning("red", -2, 0),), 0),
    "to come": ((a_warning("red", 1, 2),), 0),
    "of a town above the grid": ((a_warning("red", 0, 1, "D1", "X"),), 20),
    "elsewhere": ((a_warning("red", 0, 1, "D12"),), 0),
}


@pytest.mark.parametrize("name", WEATHER)
def test_what_the_weather_adds(name: str) -> None:
    warnings, points = WEATHER[name]
    worst = the_worst(warnings, NOON, ("D111", "D11", "D1", "D"), POINTS)
    assert (POINTS[worst.level] if worst else 0) == points


def test_of_warnings_that_add_as_much_the_higher_is_named() -> None:
    warnings = (a_warning("orange"), a_warning("red"), a_warning("yellow"))
    worst = the_worst(warnings, NOON, ("D",), POINTS)
    assert worst is not None
    assert worst.level is WarningLevel.RED


@pytest.mark.usefixtures("noon")
async def test_a_report_beside_a_school_counts_its_points(router: Service, http: httpx.AsyncClient) -> None:
    body = an_import() | {"places": _collection(a_feature())}
    assert (await http.post("/v1/directory/imports", json=body)).status_code == 201
    beside, far = a_report(), a_report(lon=1.5, category="E01-01")
    await work(router, beside, far)
    assert await _points(router, beside.case_id) == 15
    assert await _points(router, far.case_id) == 0
    assert "S2" in await _rules_of(http, lon=1.0)
    assert "S2" not in await _rules_of(http, lon=1.5)
    assert "S2" not in await _rules_of(http, lon=1.0, near_sensitive_place=False)
    assert "S2" in await _rules_of(http, lon=1.5, near_sensitive_place=True)


@pytest.mark.usefixtures("noon")
async def test_a_warning_counts_from_the_next_report_on_and_on_every_replica(
    router: Service, http: httpx.AsyncClient
) -> None:
    before, during, dry, after = (
        a_report(category=code) for code in ("C01-04", "C01-04", "E01-01", "C01-04")
    )
    during, dry, after = (
        each.model_copy(update={"data": each.data.model_copy(update={"place": _at(lat)})})
        for each, lat in ((during, 1.2), (dry, 1.3), (after, 1.4))
    )
    await work(router, before)
    stated = await http.post("/v1/weather-warnings", json=_said(level="orange", kind="暴雨", areas=["D1"]))
    assert stated.status_code == 201, stated.text
    await work(router, during, dry)
    replica = CurrentRules(Settings(**router.settings.model_dump()), lambda: NOON)
    async with router.database.connection() as connection:
        (known,) = (await replica.get(connection)).weather
    assert (known.id, known.level) == (UUID(stated.json()["id"]), WarningLevel.ORANGE)
    assert (await http.delete(f"/v1/weather-warnings/{known.id}")).status_code == 204
    await work(router, after)
    async with router.database.connection() as connection:
        assert (await replica.get(connection)).weather == ()
    assert [await _points(router, each.case_id) for each in (before, during, dry, after)] == [0, 20, 0, 0]


def _at(lat: float) -> Any:
    return a_report(lat=lat).data.place


@pytest.mark.usefixtures("noon")
async def test_warnings_are_listed_until_they_are_over(http: httpx.AsyncClient) -> None:
    for hours in (1, 2, 3):
        answer = await http.post("/v1/weather-warnings", json=_said(to=(NOON + hours * HOUR).isoformat()))
        assert answer.status_code == 201
    first = (await http.get("/v1/weather-warnings", params={"limit": 2})).json()
    rest = (await http.get("/v1/weather-warnings", params={"limit": 2, "after": first["next"]})).json()
    assert [len(first["items"]), len(rest["items"]), rest["next"]] == [2, 1, None]
    assert {"id", "level", "kind", "areas", "from", "to", "stated_by", "stated_at"} == first["items"][
        0
    ].keys()
    ended = first["items"][0]["id"]
    assert (await http.delete(f"/v1/weather-warnings/{ended}")).status_code == 204
    assert (await http.delete(f"/v1/weather-warnings/{ended}")).status_code == 404
    assert len((await http.get("/v1/weather-warnings")).json()["items"]) == 2


@pytest.mark.usefixtures("noon")
async def test_one_key_states_one_warning(router: Service, http: httpx.AsyncClient) -> None:
    key = {"Idempotency-Key": "storm-1"}
    first, again, other = [
        await http.post("/v1/weather-warnings", json=_said(level=level), headers=key)
        for level in ("red", "red", "blue")
    ]
    assert [first.status_code, again.status_code, other.status_code] == [201, 200, 409]
    assert first.json() == again.json()
    assert len(await rows_of(router, "select from weather_warnings")) == 1


WRONG: dict[str, tuple[dict[str, Any], str]] = {
    "level": ({"level": "green"}, "/level"),
    "kind": ({"kind": "a\x00b"}, "/kind"),
    "area": ({"areas": ["D1", "NOWHERE"]}, "/areas/1"),
    "over": ({"to": (NOON - HOUR).isoformat()}, "/to"),
    "backwards": ({"from": (NOON + 3 * HOUR).isoformat()}, "/to"),
    "no zone": ({"to": "2026-11-23T20:00:00"}, "/to"),
    "unknown": ({"colour": "red"}, "/colour"),
}


@pytest.mark.usefixtures("noon")
@pytest.mark.parametrize("name", WRONG)
async def test_a_wrong_warning_is_refused_by_the_field(http: httpx.AsyncClient, name: str) -> None:
    change, pointer = WRONG[name]
    answer = await http.post("/v1/weather-warnings", json=_said(**change))
    assert answer.status_code == 422, answer.text
    assert [error["pointer"] for error in answer.json()["errors"]] == [pointer]


async def test_who_works_cases_states_no_weather(http: httpx.AsyncClient, as_: As) -> None:
    for role in ("handler", "operator", "unit_lead"):
        answer = await http.post("/v1/weather-warnings", json=_said(), headers=as_(role))
        assert answer.status_code == 403


def _said(**change: Any) -> dict[str, Any]:
    return {"level": "yellow", "to": (NOON + 2 * HOUR).isoformat()} | change


async def _points(router: Service, case_id: UUID) -> int:
    (row,) = await rows_of(router, "select body -> 'points' as points from cases where case_id = $1", case_id)
    return row["points"] or 0


async def _rules_of(http: httpx.AsyncClient, *, lon: float, **more: Any) -> set[str]:
    asked = {"channel": "web", "text": "路灯不亮", "category": "C01-05", "place": {"lon": lon, "lat": 1.0}}
    answer = await http.post("/v1/decisions", json=asked | {"at": NOON.isoformat()} | more)
    assert answer.status_code == 200, answer.text
    return {line["rule"] for line in answer.json()["explanation"]}
