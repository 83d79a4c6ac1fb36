"""The merge score: the worked examples, what must never merge by itself, and properties."""

import itertools
import math
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.likeness import (
    KINDS,
    Matter,
    degrees_around,
    kind_of,
    likeness,
    metres_between,
    similarity,
    weighted,
    window_of,
)
from contracts.vocabulary import Privacy
from services.router.duplicates.score import Verdict, judge, may_ask_again
from services.router.rulesets.ruleset import load_ruleset
from tests.quickness import is_done_within
from tests.router.candidates import METRE, a_case, a_matter


# the worked examples of the domain: category, metres, radius, similarity, days of seven, score
@pytest.mark.parametrize(
    ("metres", "radius", "similar", "days", "score"),
    [(20, 100, 0.5, 1, 0.8157), (0, 100, 0.8, 0.1, 0.9586), (600, 1000, 0.3, 0.05, 0.6493)],
)
def test_the_worked_examples(metres: float, radius: float, similar: float, days: float, score: float) -> None:
    assert round(weighted(1, 1 - metres / radius, similar, 1 - days / 7), 4) == score


def test_the_parts_are_measured_between_two_reports() -> None:
    found = likeness(a_matter(north=20, days=1), a_matter())
    assert (found.category, round(found.distance, 3), found.similarity) == (1, 0.8, 1)
    assert found.recency == pytest.approx(6 / 7)
    assert found.score == pytest.approx(weighted(1, 0.8, 1, 6 / 7), abs=1e-4)


@pytest.mark.parametrize(
    ("code", "radius"),
    [("C01-05", 30), ("E01-01", 100), ("P02-01", 100), ("P01-03", 1000), ("E05-12", 1000), ("E03-01", 1000), ("E01-15", 1000)],
)  # fmt: skip
def test_how_far_a_matter_reaches_goes_by_its_kind(code: str, radius: float) -> None:
    assert kind_of(code).radius == radius


def test_every_kind_is_that_of_a_category() -> None:
    codes = load_ruleset().categories
    assert all(any(code.startswith(prefix) for code in codes) for prefix in KINDS)


@pytest.mark.parametrize(("days", "window"), [(0, 7), (3, 7), (5, 10)])
def test_the_window_is_a_week_or_twice_the_limit(days: int, window: int) -> None:
    assert window_of(a_matter(limit=timedelta(days=days))) == timedelta(days=window)


VERDICTS: dict[str, tuple[dict[str, Any], dict[str, Any], Verdict]] = {
    "one component": ({"category": "C01-05", "component_id": "L1", "text": "灯坏了"}, {"category": "C01-06", "component_id": "L1", "north": 500}, Verdict.AUTOMATIC),
    "one component of two communities": ({"category": "C01-05", "component_id": "L1"}, {"category": "C01-05", "component_id": "L1", "community": "D12"}, Verdict.AUTOMATIC),
    "same place, no component": ({}, {}, Verdict.SUGGEST),
    "two lamps side by side": ({"category": "C01-05", "component_id": "L1"}, {"category": "C01-05", "component_id": "L2"}, Verdict.SUGGEST),
    "another community": ({}, {"community": "D12"}, Verdict.NEW),
    "too far": ({}, {"north": 101, "text": "别的事情发生了"}, Verdict.NEW),
    "an outage in one compound": ({"category": "E05-12", "text": "停水了"}, {"category": "E05-12", "text": "小区没水", "north": 600}, Verdict.AUTOMATIC),
    "an outage elsewhere in the district": ({"category": "E05-12", "text": "停水"}, {"category": "E05-12", "text": "停水", "north": 100, "grid": "D121", "community": "D12"}, Verdict.SUGGEST),
    "water and power": ({"category": "E05-12", "text": "停水了"}, {"category": "E05-12", "text": "停电了"}, Verdict.SUGGEST),
    "a dispute": ({"category": "G01-01", "component_id": "B1"}, {"category": "G01-01", "component_id": "B1"}, Verdict.SUGGEST),
    "a confidential reporter": ({"category": "C01-05", "component_id": "L1", "confidential": True}, {"category": "C01-05", "component_id": "L1"}, Verdict.SUGGEST),
    "a confidential case": ({"category": "C01-05", "component_id": "L1"}, {"category": "C01-05", "component_id": "L1", "privacy": Privacy.CONFIDENTIAL}, Verdict.SUGGEST),
    "a sealed case": ({"category": "C01-05", "component_id": "L1"}, {"category": "C01-05", "component_id": "L1", "privacy": Privacy.SEALED}, Verdict.NEW),
    "two applications": ({"category": "V03-01"}, {"category": "V03-01"}, Verdict.NEW),
    "no points": ({"matter": a_matter(lon=None, lat=None)}, {"days": 0.5}, Verdict.NEW),
}  # fmt: skip


@pytest.mark.parametrize("name", VERDICTS)
def test_what_follows_from_two_reports(name: str) -> None:
    new, master, verdict = VERDICTS[name]
    assert judge(a_case(**new), a_case(**master)).verdict is verdict
    assert judge(a_case(**master), a_case(**new)).verdict is verdict


@pytest.mark.parametrize(
    ("new", "master", "verdict"),
    [
        (2, 2, Verdict.AUTOMATIC), (0, 2, Verdict.AUTOMATIC), (1, 2, Verdict.AUTOMATIC),
        (1, 0, Verdict.SUGGEST), (2, 0, Verdict.SUGGEST), (2, 1, Verdict.SUGGEST),
    ],
)  # fmt: skip
def test_what_is_more_dangerous_than_the_case_is_only_suggested(
    new: int, master: int, verdict: Verdict
) -> None:
    lamp = {"category": "C01-05", "component_id": "L1", "reporters": frozenset({"anna"})}
    one, other = a_case(**lamp, danger=lambda: new), a_case(**lamp, danger=lambda: master)
    assert judge(one, other).verdict is verdict
    assert may_ask_again(one, other) is (verdict is Verdict.AUTOMATIC)


@pytest.mark.parametrize(
    ("one", "other", "least", "most"),
    [
        ("解放路120号路灯不亮", "人民路3号路灯不亮", 1, 1),
        ("阳光小区门口垃圾没人清", "幸福花园门口垃圾没人清", 1, 1),
        ("路灯不亮", "井盖不见了", 0, 0),
        ("Loud music at 73-42 68 AVENUE", "loud music at 12 Main Street", 0.6, 1),
        ("", "", 0, 0),
        ("12号", "13号", 0, 0),
        ("［电话］垃圾没清", "垃圾没清", 1, 1),
        ("Ａ座１２楼ＬＥＤ灯不亮", "A座3楼LED灯不亮", 1, 1),
    ],
)
def test_places_and_numbers_are_not_compared(one: str, other: str, least: float, most: float) -> None:
    assert least <= similarity(one, other) <= most


_codes = st.sampled_from(sorted(load_ruleset().categories))
_matters = st.builds(
    Matter,
    category=_codes,
    text=st.text("路灯不亮垃圾没清停水电3号 ", max_size=40),
    at=st.datetimes(datetime(2026, 1, 1), datetime(2026, 12, 31)).map(lambda at: at.replace(tzinfo=UTC)),
    lon=st.none() | st.floats(120, 120.02),
    lat=st.none() | st.floats(30, 30.02),
    component_id=st.none() | st.sampled_from(["L1", "L2"]),
    limit=st.timedeltas(timedelta(), timedelta(days=30)),
)


@given(_matters, _matters)
def test_whichever_is_named_first_and_always_between_none_and_all(one: Matter, other: Matter) -> None:
    found, turned = likeness(one, other), likeness(other, one)
    assert found.score == pytest.approx(turned.score)
    parts = (found.score, found.category, found.distance, found.similarity, found.recency)
    assert all(0 <= part <= 1 for part in parts)


@given(st.floats(0, 2000), st.floats(0, 2000), st.floats(0, 30), st.floats(0, 30))
def test_farther_and_later_is_never_more_alike(near: float, far: float, soon: float, late: float) -> None:
    (near, far), (soon, late) = sorted((near, far)), sorted((soon, late))
    master = a_matter()
    assert (
        likeness(a_matter(north=far, days=soon), master).score
        <= likeness(a_matter(north=near, days=soon), master).score
    )
    assert (
        likeness(a_matter(north=near, days=late), master).score
        <= likeness(a_matter(north=near, days=soon), master).score
    )


@given(st.floats(-180, 180), st.floats(-89, 89), st.floats(0, 6.28), st.floats(1, 1000))
def test_the_box_that_is_searched_holds_the_whole_circle(
    lon: float, lat: float, turn: float, metres: float
) -> None:
    width, height = degrees_around(metres, lat)
    east, north = math.sin(turn) * metres, math.cos(turn) * metres
    there = (lon + east * METRE / math.cos(math.radians(lat)), lat + north * METRE)
    assert abs(there[1] - lat) <= height * 1.0001
    assert abs(there[0] - lon) <= width * 1.0001
    assert metres_between(a_matter(lon=lon, lat=lat), a_matter(lon=there[0], lat=there[1])) == pytest.approx(
        metres, rel=0.01
    )


def test_fifty_candidates_are_judged_in_two_milliseconds() -> None:
    """With texts that were never seen before."""
    numbers = itertools.count()
    assert is_done_within(0.002, lambda: _judge_fifty(next(numbers)))


def _judge_fifty(number: int) -> None:
    said = "解放路小区北门的垃圾桶满了三天没有人来清理，气味很大，老人和孩子都绕着走，希望尽快处理一下"
    masters = [
        a_case(text=f"{said}{chr(0x4E00 + 50 * number + master) * 9}", north=master) for master in range(50)
    ]
    new = a_case(text=f"垃圾桶满了没有人清理，气味大{chr(0x6000 + number) * 5}")
    for master in masters:
        judge(new, master)
