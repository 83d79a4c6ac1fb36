"""Points find their grid, units their jurisdiction, and no unsound directory gets in."""

from typing import Any

import pytest

from contracts.vocabulary import Tier
from services.router.directory.directory import Unit
from services.router.directory.importing import DirectoryImport, read_directory
from tests.router.builders import a_boundary, a_directory, an_import


def test_each_point_lies_in_one_grid_and_border_points_in_the_lower_code() -> None:
    points = [(1, 1), (1, 3), (3.5, 0.5), (2, 2), (2, 1), (9, 9), (None, None)]
    assert a_directory().locate(points) == ["D111", "D112", "D121", "D111", "D111", None, None]


def test_the_chain_of_a_grid_reaches_the_district() -> None:
    chain = {Tier.GRID: "D122", Tier.COMMUNITY: "D12", Tier.TOWN: "D1", Tier.DISTRICT: "D"}
    assert a_directory().chain("D122") == chain


def test_a_jurisdiction_is_the_unit_and_those_below_it() -> None:
    assert a_directory().below("UD11") == {"UD11", "UD111", "UD112"}


def test_units_in_a_circle_end() -> None:
    one = Unit("A", "A", "lighting", Tier.DISTRICT, "D", parent="B")
    other = Unit("B", "B", "lighting", Tier.DISTRICT, "D", parent="A")
    assert set(a_directory(one, other).above("A")) == {"A", "B"}


def test_a_sound_import_has_no_findings() -> None:
    directory, findings = _read(an_import())
    assert findings == []
    assert set(directory.areas) == set(a_directory().areas)


def _spoil(body: dict[str, Any], path: str, value: Any) -> None:
    *steps, last = [int(step) if step.isdigit() else step for step in path.strip("/").split("/")]
    place: Any = body
    for step in steps:
        place = place[step]
    place[last] = value


@pytest.mark.parametrize(
    ("path", "value", "pointer"),
    [
        ("/areas/features/4/properties/parent", "D1", "/areas/features/4/properties/parent"),
        ("/areas/features/4/properties/parent", None, "/areas/features/4/properties/parent"),
        ("/areas/features/4/properties/code", "D112", "/areas/features/4/properties/code"),
        ("/areas/features/4/geometry", a_boundary(1, 1, 3, 3), "/areas/features/4/geometry"),
        ("/areas/features/4/geometry", a_boundary(0, 2, 2, 4), "/areas/features/4/geometry"),
        (
            "/areas/features/4/geometry",
            {"type": "Point", "coordinates": [1, 1]},
            "/areas/features/4/geometry",
        ),
        ("/areas/features/4/geometry", {"type": "Polygon", "coordinates": "?"}, "/areas/features/4/geometry"),
        ("/units/0/kind", "police", "/areas/features/0/properties/code"),
        ("/units/1/area", "D", "/units/1/area"),
        ("/units/1/parent", "nobody", "/units/1/parent"),
        ("/units/0/parent", "UD", "/units/0/parent"),
        ("/units/1/parent", "UD11", "/units/1/parent"),
        ("/units/1/code", "UD", "/units/1/code"),
        ("/areas/features/2/properties/managed_by", "nobody", "/areas/features/2/properties/managed_by"),
        ("/areas/features/4/properties/managed_by", "UD1", "/areas/features/4/properties/managed_by"),
        ("/duty", [{"person": "p1", "unit": "nobody", "post": "desk"}], "/duty/0/unit"),
    ],
)
def test_each_fault_is_named_where_it_is(path: str, value: Any, pointer: str) -> None:
    body = an_import()
    _spoil(body, path, value)
    assert pointer in [finding.pointer for finding in _read(body)[1]]


def test_units_in_a_circle_are_refused_and_those_beneath_it_are_not_named() -> None:
    """A jurisdiction is all that reports to a unit: in a circle each would have the others'."""
    two = [Unit(code, code, "police", Tier.TOWN, "D1", parent) for code, parent in (("A", "B"), ("B", "A"))]
    beneath = Unit("C", "C", "lighting", Tier.TOWN, "D1", parent="A")
    findings = _read(an_import(a_directory(*two, beneath)))[1]
    assert [finding.detail for finding in findings] == [
        "A would report to itself",
        "B would report to itself",
    ]


def test_a_unit_of_the_same_tier_may_stand_above() -> None:
    office = Unit("A", "A", "property_company", Tier.COMMUNITY, "D11", parent="UD11")
    assert _read(an_import(a_directory(office)))[1] == []


def test_areas_in_metres_are_refused() -> None:
    """As projected maps have them; every point of a report would have been outside."""
    body = an_import()
    for feature in body["areas"]["features"]:
        (ring,) = feature["geometry"]["coordinates"]
        feature["geometry"] = {"type": "Polygon", "coordinates": [[(x * 1000, y * 1000) for x, y in ring]]}
    assert {finding.detail for finding in _read(body)[1]} == {"not in degrees of longitude and latitude"}


def test_a_polygon_that_crosses_itself_is_refused() -> None:
    body = an_import()
    bow_tie = {"type": "Polygon", "coordinates": [[(0, 0), (2, 2), (2, 0), (0, 2), (0, 0)]]}
    _spoil(body, "/areas/features/4/geometry", bow_tie)
    assert "Self-intersection" in _read(body)[1][0].detail


def _read(body: dict[str, Any]) -> Any:
    return read_directory(DirectoryImport.model_validate(body), version=1)
