"""A city and its reports: those of the sample day, each of a place of its own and by somebody else, so that few are
another's duplicate.

The sample district has 51 square kilometres: twenty thousand open cases would lie closer together in it than in any town,
and each would look like many others. Stretched four times each way it is as large as a city that has so many.
"""

import random
from collections.abc import Iterator
from itertools import count as counting
from itertools import cycle, islice
from typing import Any

import shapely
from shapely.geometry import mapping, shape
from shapely.geometry.base import BaseGeometry

from deploy.local.day import sample_directory, sample_reports

_STRETCH = 4.0
_PEOPLE = counting()
_CHANCE = random.Random(1)


def city() -> dict[str, Any]:
    """The body of POST /v1/directory/imports."""
    directory = sample_directory()
    features = [each for name in ("areas", "places") for each in directory[name]["features"]]
    centre = _district(directory).centroid
    for feature in features:
        feature["geometry"] = mapping(
            shapely.affinity.scale(shape(feature["geometry"]), _STRETCH, _STRETCH, origin=centre)
        )
    return directory


def placed_reports(count: int) -> list[dict[str, Any]]:
    """As bodies of POST /v1/reports; nobody reports in two rounds, and no place comes again."""
    bodies = islice(cycle(report.body for report in sample_reports("placed")), count)
    return [
        _by_another(body) | {"place": place}
        for body, place in zip(bodies, _points_of(_district(city())), strict=False)
    ]


def _by_another(body: dict[str, Any]) -> dict[str, Any]:
    reporter = body.get("reporter")
    return body | ({"reporter": reporter | {"phone": f"1990{next(_PEOPLE):07d}"}} if reporter else {})


def _district(directory: dict[str, Any]) -> BaseGeometry:
    (feature,) = (each for each in directory["areas"]["features"] if each["properties"]["tier"] == "district")
    return shape(feature["geometry"])


def _points_of(district: BaseGeometry) -> Iterator[dict[str, float]]:
    shapely.prepare(district)
    west, south, east, north = district.bounds
    while True:
        lon, lat = _CHANCE.uniform(west, east), _CHANCE.uniform(south, north)
        if shapely.contains_xy(district, lon, lat):
            yield {"lon": round(lon, 5), "lat": round(lat, 5)}
