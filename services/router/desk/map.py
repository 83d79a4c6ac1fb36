"""A map without a server of tiles: the areas of a GeoJSON collection as paths of an SVG, true to scale around one."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from math import cos, floor, log10, radians
from typing import Any
from unicodedata import east_asian_width

from contracts.likeness import METRES_A_DEGREE

WIDTH, HEIGHT = 480.0, 320.0
_MARGIN = 0.35  # of the area's own size, on each side: its neighbours are seen
_LABEL_WIDTH, _LABEL_HEIGHT = 80.0, 22.0
_LETTER = 14.0  # `.name` in desk.css
_LEAST_DEGREES = 1e-5  # about a metre, for what has no extent

Point = tuple[float, float]
Box = tuple[float, float, float, float]


@dataclass(frozen=True)
class Shape:
    """`path` is SVG path data; `label` stands at (`x`, `y`) where there is room for it (`is_labelled`); `chosen` is the
    area that the map is about."""

    code: str
    label: str
    path: str
    x: float
    y: float
    chosen: bool
    is_labelled: bool = True


@dataclass(frozen=True)
class Drawing:
    """In a view of `WIDTH` by `HEIGHT`; `scale` is a length in view units that stands for `metres`."""

    shapes: tuple[Shape, ...]
    mark: Point | None
    scale: float
    metres: int
    width: float = WIDTH
    height: float = HEIGHT


@dataclass(frozen=True)
class _View:
    """Equirectangular around one latitude: within a district nobody sees the difference."""

    west: float
    north: float
    across: float
    down: float

    def at(self, lon: float, lat: float) -> Point:
        return (lon - self.west) * self.across, (self.north - lat) * self.down


def draw(areas: dict[str, Any], chosen: str | None, mark: Point | None) -> Drawing | None:
    """The collection around the area `chosen`, with a mark at (longitude, latitude); None when neither is there.

    A feature's `properties` hold `code` and `name`; geometries are polygons, anything else is left out.
    """
    features = areas.get("features", [])
    about = [feature for feature in features if feature["properties"].get("code") == chosen] or features
    points = [point for feature in about for ring in _rings(feature["geometry"]) for point in ring]
    if mark is not None:
        points.append(mark)
    if not points:
        return None
    view = _view_of(_box(points))
    at = view.at(*mark) if mark is not None else None
    shapes = [_clear_of(at, shape) for each in features if (shape := _shape(each, chosen, view))]
    metres, scale = _scale(view)
    return Drawing(
        tuple(sorted(_labelled(shapes, at), key=lambda shape: shape.chosen)),
        at,
        scale,
        metres,
    )


def _rings(geometry: dict[str, Any]) -> Iterator[list[Point]]:
    parts = geometry.get("coordinates", ())
    polygons = {"Polygon": [parts], "MultiPolygon": parts}.get(geometry["type"], ())
    for polygon in polygons:
        yield from ([(float(point[0]), float(point[1])) for point in ring] for ring in polygon)


def _box(points: Iterable[Point]) -> Box:
    lons, lats = zip(*points, strict=True)
    return min(lons), min(lats), max(lons), max(lats)


def _view_of(box: Box) -> _View:
    """The box with its margin in the middle of the view, metres as long downwards as across."""
    west, south, east, north = box
    narrowing = max(cos(radians((south + north) / 2)), 0.01)
    wide = max(east - west, _LEAST_DEGREES) * narrowing * (1 + 2 * _MARGIN)
    high = max(north - south, _LEAST_DEGREES) * (1 + 2 * _MARGIN)
    down = min(WIDTH / wide, HEIGHT / high)
    across = down * narrowing
    return _View(
        west=(west + east) / 2 - WIDTH / 2 / across,
        north=(south + north) / 2 + HEIGHT / 2 / down,
        across=across,
        down=down,
    )


def _shape(feature: dict[str, Any], chosen: str | None, view: _View) -> Shape | None:
    rings = [[view.at(*point) for point in ring] for ring in _rings(feature["geometry"])]
    if not rings:
        return None
    code = feature["properties"].get("code", "")
    west, north, east, south = _box(rings[0])
    path = " ".join("M" + "L".join(f"{x:.1f},{y:.1f}" for x, y in ring) + "Z" for ring in rings)
    label = feature["properties"].get("name") or code
    return Shape(
        code, label, path, round((west + east) / 2, 1), round((north + south) / 2, 1), code == chosen
    )


def _clear_of(mark: Point | None, shape: Shape) -> Shape:
    """The label above the mark where it would lie under it."""
    if mark is None or abs(shape.x - mark[0]) > _LABEL_WIDTH or abs(shape.y - mark[1]) > _LABEL_HEIGHT:
        return shape
    return replace(shape, y=round(mark[1] - _LABEL_HEIGHT, 1))


def _labelled(shapes: Iterable[Shape], mark: Point | None) -> Iterator[Shape]:
    """The chosen area is named; of its neighbours, from the middle outwards, those whose name is whole in the view and
    lies on nothing else."""
    taken: list[Box] = [(0, HEIGHT - 2 * _LABEL_HEIGHT, WIDTH / 4 + _LABEL_WIDTH, HEIGHT)]  # the scale
    if mark is not None:
        taken.append((mark[0] - _LETTER, mark[1] - _LETTER, mark[0] + _LETTER, mark[1] + _LETTER))
    for shape in sorted(shapes, key=lambda shape: (not shape.chosen, _from_the_middle(shape))):
        box = _box_of_label(shape)
        has_room = shape.chosen or (_is_in_view(box) and not any(_meet(box, other) for other in taken))
        if has_room:
            taken.append(box)
        yield replace(shape, is_labelled=has_room)


def _from_the_middle(shape: Shape) -> float:
    return (shape.x - WIDTH / 2) ** 2 + (shape.y - HEIGHT / 2) ** 2


def _box_of_label(shape: Shape) -> Box:
    """Chinese letters are as wide as high, others about two thirds of it."""
    wide = sum(_LETTER * (1 if east_asian_width(letter) in "WF" else 0.65) for letter in shape.label)
    return shape.x - wide / 2, shape.y - _LETTER, shape.x + wide / 2, shape.y + _LETTER / 3


def _is_in_view(box: Box) -> bool:
    west, north, east, south = box
    return west >= 0 and north >= 0 and east <= WIDTH and south <= HEIGHT


def _meet(one: Box, other: Box) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


def _scale(view: _View) -> tuple[int, float]:
    """The longest round length of at most a quarter of the width: 1, 2 or 5 with zeros, in metres."""
    a_metre = view.down / METRES_A_DEGREE
    most = WIDTH / 4 / a_metre
    power = 10.0 ** floor(log10(most)) if most >= 1 else 1.0
    metres = max((step * power for step in (1, 2, 5) if step * power <= most), default=power)
    return int(metres), round(metres * a_metre, 1)
