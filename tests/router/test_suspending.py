"""A case stands still only as three persons want it: the unit asks, the dispatcher decides, the tier above agrees."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from pydantic import ValidationError

from contracts.vocabulary import CaseState, Clock
from services.router.directory.directory import Duty
from services.router.workflow.lifecycle import Incomplete, replay
from tests.router.builders import NOON
from tests.router.playing import opened

# the dispatcher of these plays is p-2
REFUSED: list[tuple[dict[str, Any], list[str]]] = [
    ({"asked_by": "p-2"}, ["/data/asked_by"]),
    ({"agreed_by": "p-2"}, ["/data/agreed_by"]),
    ({"asked_by": "p-7", "agreed_by": "p-7"}, ["/data/asked_by"]),
    ({"until": NOON}, ["/data/until"]),
    ({"until": NOON + timedelta(days=367)}, ["/data/until"]),
]


@pytest.mark.parametrize(("given", "lacks"), REFUSED, ids=str)
def test_nobody_decides_on_what_he_asked_for_or_agrees_with_himself(given: Any, lacks: list[str]) -> None:
    with pytest.raises(Incomplete) as refusal:
        opened().give("sign").give("suspend", **given)
    assert [lack.pointer for lack in refusal.value.lacks] == lacks


@pytest.mark.parametrize("missing", ["asked_by", "agreed_by"])
def test_who_asked_and_who_agreed_are_named(missing: str) -> None:
    with pytest.raises(ValidationError, match=missing):
        opened().give("sign").give("suspend", **{missing: None})


# the lead is UD11, below UD1 and UD; p-1 has signed for it
_ON_DUTY = (Duty("p-town", "UD1"), Duty("p-own", "UD11"), Duty("p-aside", "UD12"))


@pytest.mark.parametrize(
    ("agreed_by", "may"),
    [
        *(("UD1", True), ("UD", True), ("p-town", True), ("of whom the directory knows nothing", True)),
        *(("UD11", False), ("UD12", False), ("p-own", False), ("p-aside", False), ("p-1", False)),
    ],
)
def test_who_agrees_is_of_a_tier_above_as_far_as_that_is_known(agreed_by: str, may: bool) -> None:
    play = opened("E01-02")
    play.rules = replace(play.rules, directory=replace(play.rules.directory, duties=_ON_DUTY))
    play.give("sign")
    if may:
        assert play.give("suspend", agreed_by=agreed_by).case.state is CaseState.SUSPENDED
        return
    with pytest.raises(Incomplete) as refusal:
        play.give("suspend", agreed_by=agreed_by)
    assert [lack.pointer for lack in refusal.value.lacks] == ["/data/agreed_by"]


def test_above_the_district_there_is_no_tier_that_could_agree() -> None:
    assert opened("C01-05").give("sign").give("suspend", agreed_by="UD").case.lead == "UD"


def test_the_event_says_who_agreed() -> None:
    play = opened().give("sign").give("suspend")
    assert play.case.state is CaseState.SUSPENDED
    said = play.events[-1].data
    assert (said.asked_by, said.agreed_by) == ("p-8", "p-7")


def test_no_clock_runs_on_while_a_case_stands_still() -> None:
    """In this state nothing is overseen: what ran on was late at once, in all its stages, when the case went on."""
    play = opened("X01-01").after(hours=3).give("sign").give("suspend")
    assert {clock for clock, ticking in play.case.clocks.items() if ticking.due is not None} == set()
    before = len(play.events)
    play.wait(days=29, hours=21)
    assert [event.type for event in play.events[before:]] == ["case.resumed"]
    assert play.case.clocks[Clock.CLASSIFY].left.minutes == 3 * 60
    assert replay(play.start, play.events) == play.case


def test_nothing_waits_that_may_be_dangerous_before_somebody_has_asked() -> None:
    play = opened(text="路灯杆旁边搞消防演练，会冒烟").give("sign")
    with pytest.raises(Incomplete, match="still to be asked by phone"):
        play.give("suspend")
    assert play.give("confirm").give("suspend").case.state is CaseState.SUSPENDED


def test_the_desk_is_not_late_with_what_nobody_can_classify_while_units_are_consulted() -> None:
    play = opened("X01-01").give("consult").wait(days=1)
    assert play.case.clocks[Clock.CLASSIFY].due is None
    play.give("designate").give("sign")
    assert play.case.clocks[Clock.CLASSIFY].left.minutes == 4 * 60
    late = {event.data.clock for event in play.events if event.type == "case.supervised"}
    assert Clock.CLASSIFY not in late
    assert replay(play.start, play.events) == play.case
