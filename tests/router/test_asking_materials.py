"""What an application lacks is asked for once, as a full list; the community's time stands still until it has come."""

from datetime import timedelta

import pytest

from contracts.vocabulary import CaseState, Clock
from services.router.workflow.lifecycle import Incomplete, replay
from tests.router.playing import Play, opened


def _lacks(play: Play, command: str) -> str:
    with pytest.raises(Incomplete) as lacking:
        play.give(command)
    return lacking.value.lacks[0].detail


def test_the_time_to_define_goes_on_when_the_materials_have_come() -> None:
    play = opened("V03-01")
    before = play.case.clocks[Clock.DEFINE].due
    assert before is not None
    play.give("ask_materials").after(days=7)
    assert play.case.clocks[Clock.DEFINE].due is None
    play.give("receive_materials")
    assert play.case.clocks[Clock.DEFINE].due == before + timedelta(days=7)
    assert replay(play.start, play.events) == play.case
    assert [event for event in play.wait(days=10).events if event.type == "case.supervised"]


def test_nothing_comes_that_was_not_asked_for() -> None:
    play = opened("V03-01")
    assert _lacks(play, "receive_materials") == "no materials are awaited"
    play.give("ask_materials").give("receive_materials")
    assert _lacks(play, "receive_materials") == "no materials are awaited"


def test_the_full_list_is_asked_for_at_once() -> None:
    play = opened("V03-01").give("ask_materials")
    assert "at once" in _lacks(play, "ask_materials")
    assert "at once" in _lacks(play.give("receive_materials"), "ask_materials")


def test_what_the_town_finds_missing_may_be_asked_for_again() -> None:
    play = opened("V03-01").give("ask_materials").give("receive_materials").give("define")
    play.after(minutes=1).give("return_materials").give("ask_materials").after(days=1).give(
        "receive_materials"
    )
    assert play.case.clocks[Clock.DEFINE].due is not None
    assert replay(play.start, play.events) == play.case


def test_a_complete_application_is_sent_on_though_nobody_recorded_that_it_came() -> None:
    play = opened("V03-01").give("ask_materials")
    with pytest.raises(Incomplete):
        play.give("define", materials_complete=False)
    assert play.give("define").case.state is CaseState.TOWN_REVIEW
    assert Clock.DEFINE not in play.case.clocks
