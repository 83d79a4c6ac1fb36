"""The made-up district is sound, its day is varied, and both are what the generator makes."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson
import pytest
import shapely
from shapely.geometry import shape

from samples.generate import write
from services.intake.report import GivenReport
from services.router.directory.importing import DirectoryImport, read_directory

SAMPLES = Path(__file__).parents[1] / "samples"
TIERS = {"district": "district", "towns": "town", "communities": "community", "grids": "grid"}


def _features(name: str) -> list[dict[str, Any]]:
    return list(orjson.loads((SAMPLES / f"{name}.geojson").read_bytes())["features"])


def _reports() -> Iterator[dict[str, Any]]:
    return map(orjson.loads, (SAMPLES / "reports.jsonl").read_bytes().splitlines())


def test_the_files_are_what_the_generator_makes(tmp_path: Path) -> None:
    write(tmp_path)
    for made in tmp_path.iterdir():
        assert made.read_bytes() == (SAMPLES / made.name).read_bytes(), made.name


def test_one_district_two_towns_six_communities_forty_grids() -> None:
    assert {name: len(_features(name)) for name in TIERS} == {
        "district": 1,
        "towns": 2,
        "communities": 6,
        "grids": 40,
    }


@pytest.mark.parametrize(
    ("parents", "children"), [("district", "towns"), ("towns", "communities"), ("communities", "grids")]
)
def test_children_tile_their_parent_exactly(parents: str, children: str) -> None:
    for parent in _features(parents):
        code = parent["properties"]["code"]
        parts = [
            shape(child["geometry"]) for child in _features(children) if child["properties"]["parent"] == code
        ]
        assert all(part.is_valid for part in parts)
        assert shapely.union_all(parts).equals(shape(parent["geometry"]))
        assert sum(part.area for part in parts) == pytest.approx(shape(parent["geometry"]).area, rel=1e-9)


def test_the_router_would_take_the_directory() -> None:
    features = [feature for name in TIERS for feature in _features(name)]
    units, duty = (orjson.loads((SAMPLES / name).read_bytes()) for name in ("units.json", "duty.json"))
    body = {"areas": {"type": "FeatureCollection", "features": features}, "units": units, "duty": duty}
    assert read_directory(DirectoryImport.model_validate(body), version=1)[1] == []


def test_intake_would_take_every_report_of_the_day() -> None:
    reports = [GivenReport.model_validate(line["report"]) for line in _reports()]
    assert len(reports) == 512
    assert len({report.category for report in reports if report.category}) >= 60
    assert sum(report.text.isascii() for report in reports) >= 100
    times = [line["at"] for line in _reports()]
    assert times == sorted(times)
