"""The sensitive places of the made-up district: schools, a hospital, homes for the old, markets, metro entrances."""

import random
from collections.abc import Iterator, Sequence
from typing import Any

from shapely.geometry import Point, mapping

from samples.district import SampleArea

_OF_A_COMMUNITY = (
    ("school", "小学", "Primary School"),
    ("kindergarten", "幼儿园", "Kindergarten"),
    ("market", "菜市场", "Market"),
)
_OF_A_TOWN = (
    ("hospital", "人民医院", "People's Hospital"),
    ("care_home", "敬老院", "Care Home"),
    ("metro_entrance", "地铁站 1 号口", "Metro Entrance 1"),
)


def places_of(areas: Sequence[SampleArea], chance: random.Random) -> Iterator[dict[str, Any]]:
    """Each somewhere in its area, as GeoJSON points."""
    for tier, kinds in (("community", _OF_A_COMMUNITY), ("town", _OF_A_TOWN)):
        for area in areas:
            if area.tier == tier:
                for kind, *names in kinds:
                    yield _place(area, kind, names, chance)


def _place(area: SampleArea, kind: str, names: Sequence[str], chance: random.Random) -> dict[str, Any]:
    west, south, east, north = area.boundary.bounds
    while True:
        point = Point(round(chance.uniform(west, east), 6), round(chance.uniform(south, north), 6))
        if area.boundary.contains(point):
            break
    return {
        "type": "Feature",
        "properties": {
            "kind": kind,
            "name": f"{area.name}{names[0]}",
            "name_en": f"{area.name_en} {names[1]}",
        },
        "geometry": mapping(point),
    }
