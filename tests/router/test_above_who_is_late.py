"""A card is told to the tier above the unit that is late, whichever unit that is (domain §11.5)."""

from dataclasses import replace

import pytest
from shapely.geometry import box

from contracts.vocabulary import Clock, Tier
from services.router.directory.directory import Area
from services.router.workflow.lifecycle import replay
from tests.router.builders import a_directory
from tests.router.playing import SAMPLED_IN, Play, opened, waiting


def _given(play: Play, *commands: str) -> Play:
    for command in commands:
        play.give(command)
    return play


def _told(play: Play, clock: Clock) -> dict[str, str | None]:
    """At which stage of that clock which unit, when nobody does anything for a month."""
    play.wait(days=30)
    assert replay(play.start, play.events) == play.case
    said = [event.data for event in play.events if event.type == "case.supervised"]
    return {each.stage: each.supervisor for each in said if each.clock == clock and each.stage != "L0"}


def test_a_check_by_the_grid_worker_is_the_communitys_to_see_to() -> None:
    play = _given(opened("C01-05"), "sign", "finish")
    assert play.events[-1].data.unit == "UD111"
    assert _told(play, Clock.CHECK) == {"L1": "UD11", "L2": "UD11", "L3": "UD1"}


def test_a_check_by_the_community_is_the_towns() -> None:
    """Of what was settled on the spot; the community was told of its own lateness, and nobody above it."""
    play = _given(opened("E01-01", sampled=SAMPLED_IN), "sign", "finish")
    assert play.events[-1].data.unit == "UD11"
    assert _told(play, Clock.CHECK) == {"L1": "UD1", "L2": "UD1", "L3": "UD"}


@pytest.mark.parametrize(
    ("units", "superior", "told"),
    [
        (["UD111", "UD112"], "UD11", {"L1": "UD1", "L2": "UD1", "L3": "UD"}),
        (["UD11", "UD12"], "UD1", {"L1": "UD", "L2": "UD", "L3": "UD"}),
    ],
)
def test_a_consultation_is_late_where_its_superior_does_not_decide(
    units: list[str], superior: str, told: dict[str, str]
) -> None:
    play = opened("E01-01").give("consult", units=units)
    assert play.case.superior == superior
    assert _told(play, Clock.CONSULT) == told


def test_an_objection_is_late_with_the_tier_that_received_it() -> None:
    play = _given(opened("V03-01"), "define", "review_pass", "record_objection")
    assert _told(play, Clock.OBJECTION_ANSWER) == {"L1": "UD1", "L2": "UD1", "L3": "UD"}


def test_what_waits_for_its_place_is_late_below_the_only_district_there_is() -> None:
    """No tier answers for it yet; it lay at the desk, and nobody else heard."""
    assert _told(waiting(), Clock.ACCEPT) == {"L1": "UD", "L2": "UD", "L3": "UD"}


def test_of_several_districts_none_is_told_of_what_may_lie_in_another() -> None:
    play, directory = waiting(), a_directory()
    another = Area("E", Tier.DISTRICT, "E", None, box(9, 9, 10, 10))
    play.rules = replace(play.rules, directory=replace(directory, areas={**directory.areas, "E": another}))
    assert _told(play, Clock.ACCEPT) == {"L1": None, "L2": None, "L3": None}
