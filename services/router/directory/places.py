"""Sensitive places: where a report from nearby concerns those who are least able to help themselves (soft point S2)."""

import math
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import partial

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from contracts.likeness import METRES_A_DEGREE, degrees_around

NEAR_METRES = 100.0
WIDEST = 0.1
"""Degrees, about ten kilometres: what is wider is no place but an area."""
_SIDE = 0.001  # degrees of a square, about a hundred metres
Square = tuple[int, int]


class PlaceKind(StrEnum):
    SCHOOL = "school"
    KINDERGARTEN = "kindergarten"
    HOSPITAL = "hospital"
    CARE_HOME = "care_home"
    MARKET = "market"
    METRO_ENTRANCE = "metro_entrance"


@dataclass(frozen=True)
class SensitivePlace:
    """`geometry` in degrees of WGS 84: a point, or the ground of it."""

    kind: PlaceKind
    name: str
    geometry: BaseGeometry
    name_en: str | None = None


class SensitivePlaces:
    """Known by the small squares of the earth that lie near one: in most there is none, and nothing is measured."""

    def __init__(self, places: Sequence[SensitivePlace]) -> None:
        self._near: dict[Square, list[tuple[SensitivePlace, float, BaseGeometry]]] = defaultdict(list)
        for place in places:
            # in metres around its own latitude, where a degree to the east is as long as anywhere near it
            width = METRES_A_DEGREE * math.cos(math.radians(place.geometry.centroid.y))
            in_metres = shapely.transform(place.geometry, partial(np.multiply, (width, METRES_A_DEGREE)))
            shapely.prepare(in_metres)
            for square in _squares_around(place.geometry):
                self._near[square].append((place, width, in_metres))

    def near(self, lon: float, lat: float) -> SensitivePlace | None:
        """The first of the directory's within 100 m of the point."""
        for place, width, in_metres in self._near.get(_square_at(lon, lat), ()):
            if in_metres.distance(shapely.Point(lon * width, lat * METRES_A_DEGREE)) <= NEAR_METRES:
                return place
        return None


def _square_at(lon: float, lat: float) -> Square:
    return math.floor(lon / _SIDE), math.floor(lat / _SIDE)


def _squares_around(geometry: BaseGeometry) -> Iterator[Square]:
    west, south, east, north = geometry.bounds
    width, height = degrees_around(NEAR_METRES, max(abs(south), abs(north)))
    first, last = _square_at(west - width, south - height), _square_at(east + width, north + height)
    for column in range(first[0], last[0] + 1):
        for row in range(first[1], last[1] + 1):
            yield column, row
