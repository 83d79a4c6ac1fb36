"""What was recorded on the spot says nothing of a new round: whoever works again records it again (domain §11.3)."""

import pytest

from contracts.facts.report import ReportedFacts
from contracts.vocabulary import Clock
from services.router.workflow.lifecycle import Incomplete, replay
from tests.router.playing import Play, give_all, opened

_DONE = ("sign", "progress", "progress", "finish")
_UNSOLVED = {"solved": False, "satisfaction": 1}


def _an_emergency() -> Play:
    play = opened("C01-06").give("progress", step="interim", contacted=False)
    return give_all(play, *_DONE)


def _checked(play: Play) -> Play:
    return give_all(play, "check_pass", "record_feedback")


AGAIN = {
    "rework": lambda: give_all(_an_emergency(), "check_fail"),
    "redo": lambda: give_all(_checked(_an_emergency()).give("record_visit", **_UNSOLVED), "redo"),
    "reopened": lambda: give_all(_checked(_an_emergency()), "record_visit", "close", "reopen"),
}


@pytest.mark.parametrize("name", AGAIN)
def test_an_emergency_is_recorded_from_arrival_to_end_in_each_round(name: str) -> None:
    play = AGAIN[name]()
    for lacking in ("control time", "arrival", "end on the spot"):
        with pytest.raises(Incomplete, match=lacking):
            play.give("finish")
    give_all(play, "progress", "progress", "finish")
    assert replay(play.start, play.events) == play.case


@pytest.mark.parametrize("name", AGAIN)
def test_nobody_waits_with_what_may_be_dangerous_again(name: str) -> None:
    play = AGAIN[name]()
    with pytest.raises(Incomplete, match="the danger is not removed"):
        play.give("suspend")


@pytest.mark.parametrize("name", AGAIN)
def test_the_interim_report_of_the_former_round_is_none_of_this_one(name: str) -> None:
    play = AGAIN[name]()
    assert not play.case.interim
    play.give("consult").give("designate")
    assert {Clock.CONTROL, Clock.INTERIM} <= set(play.case.clocks)


def test_another_unit_that_takes_it_over_finds_what_was_recorded_in_the_same_work() -> None:
    play = give_all(opened("C01-06"), "sign", "progress", "progress")
    play.give("consult").give("designate")
    assert (play.case.arrived, play.case.controlled, play.case.ended) == (True, True, True)


@pytest.mark.parametrize(
    ("category", "raised", "limit"),
    [
        ("C01-02", {}, "1 work_day"),
        ("C01-02", {"trapped": 1}, "120 work_minute"),
        ("E01-01", {"trapped": 1}, "120 work_minute"),
        ("C01-06", {}, "240 work_minute"),
    ],
)
def test_an_emergency_is_done_again_in_half_of_its_time_whoever_says_that_it_is_one(
    category: str, raised: dict[str, int], limit: str
) -> None:
    """And in no less than its control takes, which a category has or the danger alone; others have a day's work."""
    play = _checked(give_all(opened(category, facts=ReportedFacts(**raised)), *_DONE))
    play = give_all(play.give("record_visit", **_UNSOLVED), "redo")
    assert str(play.case.clocks[Clock.HANDLE].limit) == limit
