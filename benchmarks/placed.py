"""The reports of the sample day that are dispatched without anybody: a grid is named, or a point of the district is."""

import json
import random
from collections.abc import Iterator
from typing import Any

import shapely
from shapely.geometry import Point, shape

from deploy.local.day import SAMPLES, sample_reports


def placed_reports() -> list[dict[str, Any]]:
    """As bodies of POST /v1/reports."""
    district = _district()

    def is_placed(place: dict[str, Any]) -> bool:
        if "lon" in place:
            return bool(district.covers(Point(place["lon"], place["lat"])))
        return "grid" in place

    return [report.body for report in sample_reports("placed") if is_placed(report.body["place"])]


def points_of_the_district(chance: random.Random) -> Iterator[dict[str, float]]:
    district = _district()
    shapely.prepare(district)
    west, south, east, north = district.bounds
    while True:
        lon, lat = chance.uniform(west, east), chance.uniform(south, north)
        if shapely.contains_xy(district, lon, lat):
            yield {"lon": round(lon, 5), "lat": round(lat, 5)}


def _district() -> shapely.Geometry:
    (feature,) = json.loads((SAMPLES / "district.geojson").read_bytes())["features"]
    return shape(feature["geometry"])
