"""Open cases after a directory that knows their grid or their units no longer: nothing breaks, nobody is locked out."""

from dataclasses import replace

import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from contracts.vocabulary import CaseState
from services.router.directory.directory import Directory
from services.router.workflow.lifecycle import Forbidden, Incomplete, replay
from services.router.workflow.standing_in import lead_now, where_it_lies
from services.router.workflow.table import COMMANDS
from tests.quickness import is_done_within
from tests.router.builders import a_directory, some_rules
from tests.router.directory_imports import renumbered
from tests.router.playing import Play, opened


def without(*codes: str) -> Directory:
    """Areas taken out, with what serves them."""
    old = a_directory()
    areas = {code: area for code, area in old.areas.items() if code not in codes}
    units = {code: unit for code, unit in old.units.items() if unit.area not in codes}
    return replace(old, areas=areas, units=units)


DIRECTORIES = {
    "renumbered": renumbered(),
    "without the grid": without("D111"),
    "without its community": without("D11", "D111", "D112"),
    "the district alone": without("D1", "D11", "D12", "D111", "D112", "D121", "D122"),
    "without units of town and community": a_directory(without=("UD1", "UD11")),
}  # fmt: skip


@pytest.mark.parametrize(
    ("directory", "area", "lead"),
    [
        ("renumbered", "ND111", "NUD1"),
        ("without the grid", "D11", "UD1"),
        ("without its community", "D1", "UD1"),
        ("the district alone", "D", "UD"),
        ("without units of town and community", "D111", "UD"),
    ],
)
def test_place_and_unit_are_found_anew(directory: str, area: str, lead: str) -> None:
    case = opened("E01-04").case
    assert (case.grid, case.lead) == ("D111", "UD1")
    found = DIRECTORIES[directory]
    assert (where_it_lies(case, found), lead_now(case, found)) == (area, lead)


def test_what_was_named_without_a_point_lies_with_those_who_work_it() -> None:
    case = opened("E01-04", lon=None, lat=None).case
    assert where_it_lies(case, without("D111")) == "D11"
    assert where_it_lies(case, renumbered()) == "ND"


def test_an_unchanged_directory_changes_nothing() -> None:
    case = opened("E01-04").case
    assert where_it_lies(case, a_directory()) == case.grid
    redrawn = a_directory()
    redrawn.areas["D111"], redrawn.areas["D112"] = (
        replace(redrawn.areas["D111"], boundary=redrawn.areas["D112"].boundary),
        replace(redrawn.areas["D112"], boundary=redrawn.areas["D111"].boundary),
    )
    assert where_it_lies(case, redrawn) == "D112"  # the ground changed its number


def test_a_large_directory_that_no_longer_holds_it_is_asked_quickly() -> None:
    """Thousands of areas are not looked through one by one: all cases that there are follow an import."""
    case, old = opened("E01-04", lon=3.0, lat=3.0).case, a_directory()
    grid = old.areas["D111"]
    many = {
        f"G{number}": replace(grid, code=f"G{number}", boundary=shapely.Point(0, number / 1000).buffer(0.1))
        for number in range(3000)
    }
    large = replace(old, areas={"D": old.areas["D"], **many})
    assert where_it_lies(case, large) == "D"
    assert is_done_within(0.1, lambda: [where_it_lies(case, large) for _ in range(50)])


_MOVES = st.lists(st.sampled_from([*COMMANDS, "wait"]), max_size=8)


@given(
    _MOVES,
    st.sampled_from(sorted(DIRECTORIES)),
    _MOVES,
    st.sampled_from(["E01-04", "C01-06", "E01-01", "V03-01"]),
)
@settings(max_examples=300)
def test_whatever_is_done_and_whatever_time_brings_nothing_breaks(
    before: list[str], directory: str, after: list[str], category: str
) -> None:
    play = opened(category)
    _moved(play, before)
    play.rules = some_rules(DIRECTORIES[directory])
    _moved(play, after)
    play.wait(days=40)
    assert replay(play.start, play.events) == play.case


@pytest.mark.parametrize("directory", DIRECTORIES)
def test_an_application_goes_on_step_by_step_and_back(directory: str) -> None:
    play = opened("V03-01").give("define")
    play.rules = some_rules(DIRECTORIES[directory])
    play.give("return_materials").give("define").give("review_pass").give("return_materials")
    assert play.case.state is CaseState.TOWN_REVIEW
    assert play.case.lead in play.rules.directory.units


@pytest.mark.parametrize("category", ["E01-04", "V05-01"])
@pytest.mark.parametrize("directory", DIRECTORIES)
def test_what_is_late_goes_up_to_a_unit_that_is_there(directory: str, category: str) -> None:
    play = opened(category).give("sign")
    before = len(play.events)
    play.rules = some_rules(DIRECTORIES[directory])
    play.wait(days=30)
    told = {e.data.supervisor for e in play.events[before:] if e.type == "case.supervised"}
    assert told
    assert told <= set(play.rules.directory.units)
    if directory != "the district alone":
        assert "case.escalated" in play.types()
        assert play.case.lead in play.rules.directory.units


def _moved(play: Play, commands: list[str]) -> None:
    for command in commands:
        if command == "wait":
            play.wait(hours=5)
            continue
        try:
            play.give(command)
        except (Forbidden, Incomplete, ValidationError):
            continue
