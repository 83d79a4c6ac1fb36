"""The map drawn from GeoJSON."""

import re
from math import cos, isclose, radians
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.router.desk.map import HEIGHT, WIDTH, draw
from tests.router.builders import a_boundary


def _collection(**boxes: tuple[float, float, float, float]) -> dict[str, Any]:
    return {
        "type": "FeatureCollection",
        "features": [
            {"type": "Feature", "properties": {"code": code, "name": code}, "geometry": a_boundary(*box)}
            for code, box in boxes.items()
        ],
    }


def _points(path: str) -> list[tuple[float, float]]:
    return [(float(x), float(y)) for x, y in re.findall(r"(-?[\d.]+),(-?[\d.]+)", path)]


@given(west=st.floats(-170, 170), south=st.floats(-75, 75), wide=st.floats(1e-4, 5), high=st.floats(1e-4, 5))
def test_the_chosen_area_is_whole_in_the_view_and_true_to_scale(
    west: float, south: float, wide: float, high: float
) -> None:
    drawing = draw(_collection(A=(west, south, west + wide, south + high)), "A", None)
    assert drawing is not None
    [shape] = drawing.shapes
    xs, ys = zip(*_points(shape.path), strict=True)
    assert min(xs) >= 0 <= min(ys)
    assert max(xs) <= WIDTH
    assert max(ys) <= HEIGHT
    across, down = max(xs) - min(xs), max(ys) - min(ys)
    metres_wide, metres_high = wide * cos(radians(south + high / 2)), high
    assert isclose(
        across * metres_high, down * metres_wide, rel_tol=0.05, abs_tol=0.3 * max(metres_wide, metres_high)
    )
    assert 0 < drawing.scale <= WIDTH / 4 + 0.1


def test_the_view_is_about_the_chosen_area_and_its_neighbours_are_seen() -> None:
    drawing = draw(_collection(B=(2, 0, 4, 2), A=(0, 0, 2, 2)), "A", (1.0, 1.0))
    assert drawing is not None
    assert [shape.code for shape in drawing.shapes] == ["B", "A"], "the chosen one lies on top"
    assert drawing.mark is not None
    assert drawing.mark == pytest.approx((WIDTH / 2, HEIGHT / 2))
    near = min(x for x, _ in _points(drawing.shapes[0].path))
    assert near < WIDTH, "the neighbour begins within the view"
    north = max(_points(drawing.shapes[1].path), key=lambda point: -point[1])
    assert north[1] < drawing.mark[1], "north is up"
    assert drawing.shapes[1].y < drawing.mark[1] - 10, "the label is not under the mark"


def test_a_neighbour_is_named_where_its_name_is_whole_and_lies_on_no_other() -> None:
    names = {
        "A": "Meiyuan Community Grid 2",
        "B": "Meiyuan Community Grid 3",
        "C": "北",
        "D": "南",
        "E": "far",
    }
    boxes = {
        "A": (0, 0, 2, 2),
        "B": (2, 0, 4, 2),
        "C": (0, 2, 2, 2.6),
        "D": (0.1, 2, 2, 2.6),
        "E": (9, 9, 10, 10),
    }
    areas = _collection(**boxes)
    for feature in areas["features"]:
        feature["properties"]["name"] = names[feature["properties"]["code"]]
    drawing = draw(areas, "A", (1.0, 0.1))
    assert drawing is not None
    assert {shape.code for shape in drawing.shapes if shape.is_labelled} == {"A", "C"}


@pytest.mark.parametrize(
    ("areas", "mark", "is_drawn"),
    [({}, None, False), ({"features": []}, (1.0, 1.0), True), ({"features": []}, None, False)],
)
def test_without_an_area_the_mark_is_enough(areas: dict[str, Any], mark: Any, is_drawn: bool) -> None:
    assert (draw(areas, None, mark) is not None) is is_drawn


def test_what_is_no_polygon_is_left_out_and_holes_stay() -> None:
    hole = {"type": "MultiPolygon", "coordinates": [[*a_boundary(0, 0, 3, 3)["coordinates"],
                                                     *a_boundary(1, 1, 2, 2)["coordinates"]]]}  # fmt: skip
    features = [
        {"properties": {"code": "A", "name": "A"}, "geometry": hole},
        {"properties": {"code": "P", "name": "P"}, "geometry": {"type": "Point", "coordinates": [1, 1]}},
    ]
    drawing = draw({"features": features}, "A", None)
    assert drawing is not None
    [shape] = drawing.shapes
    assert shape.path.count("M") == 2
