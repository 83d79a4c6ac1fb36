"""Whatever stands in an import of a directory, what is wrong with it is named; nothing of it is our fault."""

from collections.abc import Iterator
from copy import deepcopy
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from delivery.problems import Problem
from services.router.directory.api import read_import
from tests.router.builders import a_boundary, an_import

_PLACE = {
    "type": "Feature",
    "properties": {"kind": "school", "name": "一小"},
    "geometry": {"type": "Point", "coordinates": [1, 1]},
}
_WHOLE = orjson.loads(
    orjson.dumps(
        an_import()
        | {
            "duty": [{"person": "p-1", "unit": "UD", "post": "desk", "from": "2026-01-01T00:00:00Z"}],
            "places": {"type": "FeatureCollection", "features": [_PLACE]},
        }
    )
)


def _steps(value: Any, so_far: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    named = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for name, below in named:
        yield (*so_far, name)
        yield from _steps(below, (*so_far, name))


_GEOMETRIES = st.builds(
    lambda kind, coordinates: {"type": kind, "coordinates": coordinates},
    st.sampled_from(["Polygon", "MultiPolygon", "Point", "GeometryCollection", None]),
    st.recursive(
        st.sampled_from([None, "1", {}, 0, 4, -1e308, 1e308]),
        lambda part: st.lists(part, max_size=5),
        max_leaves=12,
    ),
)
_ODD = st.one_of(
    st.sampled_from([None, True, -1, 1.5, "", "D", "grid", [], {}, a_boundary(0, 0, 0, 0)]), _GEOMETRIES
)
_CHANGES = st.lists(
    st.tuples(
        st.sampled_from(list(_steps(_WHOLE))), st.sampled_from(["leave out", "twice", "replace"]), _ODD
    ),
    min_size=1,
    max_size=3,
)


@pytest.mark.parametrize("kept", [[], ["district"], ["district", "town"], ["district", "town", "community"]])
def test_an_import_without_grids_is_refused(kept: list[str]) -> None:
    body = deepcopy(_WHOLE)
    features = body["areas"]["features"]
    body["areas"]["features"] = [each for each in features if each["properties"]["tier"] in kept]
    body["units"] = [unit for unit in body["units"] if unit["tier"] in kept]
    assert ("/areas/features", "no grid area: no report could be dispatched") in _refused(body)


@given(_CHANGES)
def test_no_import_is_our_fault(changes: list[tuple[tuple[Any, ...], str, Any]]) -> None:
    body = deepcopy(_WHOLE)
    for steps, how, odd in changes:
        _change(body, steps, how, odd)
    _refused(body)


def _change(body: Any, steps: tuple[Any, ...], how: str, odd: Any) -> None:
    *above, last = steps
    place = body
    try:
        for step in above:
            place = place[step]
        if isinstance(place, dict) is not isinstance(last, str):
            return  # what stands there now has names where the place had numbers, or the other way about
        if how == "leave out":
            del place[last]
        elif how == "twice" and isinstance(place, list):
            place.append(deepcopy(place[last]))
        else:
            place[last] = deepcopy(odd)
    except (LookupError, TypeError):
        return  # another change has taken the place away


def _refused(body: Any) -> list[tuple[str, str]]:
    """What is wrong with it, as 422 says; nothing, where it is taken."""
    try:
        read_import(orjson.dumps(body))
    except Problem as problem:
        return [(error["pointer"], error["detail"]) for error in problem.more["errors"]]
    return []
