"""Draws the made-up district: forty irregular grids that share their borders exactly, and the areas they make up."""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import shapely
from shapely.geometry import Polygon
from shapely.geometry.base import BaseGeometry

COLUMNS, ROWS = 8, 5
_WEST, _SOUTH, _WIDTH, _HEIGHT = 120.40, 30.20, 0.012, 0.010
# rows of the lattice by community: two communities of eight grids and one of four in each town
_COMMUNITY_OF_ROW = (1, 1, 2, 2, 3)
_NAMES = {
    "YQ": ("云栖区", "Yunqi District"),
    "YQ01": ("溪口镇", "Xikou Town"),
    "YQ02": ("望湖街道", "Wanghu Subdistrict"),
    "YQ0101": ("石桥社区", "Shiqiao Community"),
    "YQ0102": ("梅园社区", "Meiyuan Community"),
    "YQ0103": ("竹溪村", "Zhuxi Village"),
    "YQ0201": ("湖滨社区", "Hubin Community"),
    "YQ0202": ("新塘社区", "Xintang Community"),
    "YQ0203": ("柳岸社区", "Liu'an Community"),
}


@dataclass(frozen=True)
class SampleArea:
    code: str
    tier: str
    name: str
    name_en: str
    parent: str | None
    boundary: BaseGeometry


def draw(seed: int) -> list[SampleArea]:
    """District, towns, communities, grids: children first share vertices, parents are their unions."""
    grids = list(_grids(random.Random(seed)))
    communities = _merged(grids, "community", 6)
    towns = _merged(communities, "town", 4)
    return [*_merged(towns, "district", 2), *towns, *communities, *grids]


def _grids(chance: random.Random) -> Iterator[SampleArea]:
    corners = {(x, y): _corner(x, y, chance) for x in range(COLUMNS + 1) for y in range(ROWS + 1)}
    bends = {edge: _bend(corners, edge, chance) for edge in _edges()}
    counts: dict[str, int] = {}
    for y in range(ROWS):
        for x in range(COLUMNS):
            community = f"YQ{1 + x // (COLUMNS // 2):02d}{_COMMUNITY_OF_ROW[y]:02d}"
            number = counts[community] = counts.get(community, 0) + 1
            zh, en = _NAMES[community]
            names = (f"{zh}第{number}网格", f"{en} Grid {number}")
            yield SampleArea(
                f"{community}{number:02d}", "grid", *names, community, _cell(x, y, corners, bends)
            )


Corner = tuple[int, int]
Edge = tuple[Corner, Corner]
Point = tuple[float, float]


def _corner(x: int, y: int, chance: random.Random) -> Point:
    return (
        round(_WEST + (x + chance.uniform(-0.25, 0.25)) * _WIDTH, 6),
        round(_SOUTH + (y + chance.uniform(-0.25, 0.25)) * _HEIGHT, 6),
    )


def _edges() -> Iterator[Edge]:
    for x in range(COLUMNS + 1):
        for y in range(ROWS + 1):
            if x < COLUMNS:
                yield (x, y), (x + 1, y)
            if y < ROWS:
                yield (x, y), (x, y + 1)


def _bend(corners: dict[Corner, Point], edge: Edge, chance: random.Random) -> Point:
    """A street is not straight: its middle lies a little aside."""
    (ax, ay), (bx, by) = corners[edge[0]], corners[edge[1]]
    aside = chance.uniform(-0.08, 0.08)
    return round((ax + bx) / 2 + aside * (by - ay), 6), round((ay + by) / 2 - aside * (bx - ax), 6)


def _cell(x: int, y: int, corners: dict[Corner, Point], bends: dict[Edge, Point]) -> Polygon:
    ring = [(x, y), (x + 1, y), (x + 1, y + 1), (x, y + 1), (x, y)]
    points: list[Point] = []
    for start, end in pairwise(ring):
        points += [corners[start], bends[min(start, end), max(start, end)]]
    return Polygon([*points, points[0]])


def _merged(areas: list[SampleArea], tier: str, length: int) -> list[SampleArea]:
    parents = dict.fromkeys(area.code[:length] for area in areas)
    return [
        SampleArea(
            code,
            tier,
            *_NAMES[code],
            code[: length - 2] if length > 2 else None,
            shapely.union_all([area.boundary for area in areas if area.code[:length] == code]),
        )
        for code in parents
    ]
