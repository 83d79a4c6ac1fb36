"""A city's reports: those of the sample day, each of a place of its own and by somebody else, so that few are
another's duplicate."""

import json
import random
from collections.abc import Iterator
from itertools import count as counting
from itertools import cycle, islice
from typing import Any

import shapely
from shapely.geometry import shape

from deploy.local.day import SAMPLES, sample_reports

_PEOPLE = counting()


def placed_reports(count: int) -> list[dict[str, Any]]:
    """As bodies of POST /v1/reports; nobody reports in two rounds."""
    places = _points_of_the_district(random.Random(1))
    bodies = islice(cycle(report.body for report in sample_reports("placed")), count)
    return [_by_another(body) | {"place": place} for body, place in zip(bodies, places, strict=False)]


def _by_another(body: dict[str, Any]) -> dict[str, Any]:
    reporter = body.get("reporter")
    return body | ({"reporter": reporter | {"phone": f"1990{next(_PEOPLE):07d}"}} if reporter else {})


def _points_of_the_district(chance: random.Random) -> Iterator[dict[str, float]]:
    (feature,) = json.loads((SAMPLES / "district.geojson").read_bytes())["features"]
    district = shape(feature["geometry"])
    shapely.prepare(district)
    west, south, east, north = district.bounds
    while True:
        lon, lat = chance.uniform(west, east), chance.uniform(south, north)
        if shapely.contains_xy(district, lon, lat):
            yield {"lon": round(lon, 5), "lat": round(lat, 5)}
