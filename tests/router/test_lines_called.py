"""Emergency lines that the rules of danger name are called at once, once, wherever the case stands (domain §11.2)."""

from typing import Any

import pytest

from contracts.envelope import Actor
from contracts.vocabulary import CaseState, Role, Urgency
from services.router.workflow.beside import opened_beside
from services.router.workflow.case import Case
from services.router.workflow.lifecycle import replay
from tests.router.builders import a_moment
from tests.router.playing import RULES, Play, opened

DRILL = "社区周六搞消防演练，会冒烟，请大家不要惊慌"
LEADER = Actor(role=Role.SHIFT_LEADER, person="p-9")
BEATEN = "申请低保，丈夫家暴"


@pytest.mark.parametrize("way", [(), ("sign",), ("sign", "suspend"), ("return",), ("sign", "finish")])
def test_danger_that_is_confirmed_calls_the_lines_of_what_was_feared(way: tuple[str, ...]) -> None:
    play = opened("C01-05", text=DRILL)
    for command in way:
        play.give(command)
    assert play.case.lines == ()
    play.give("confirm", dangerous=True)
    assert play.case.lines == ("119",)
    assert play.types().index("case.urgency_changed") < play.types().index("case.line_called")
    assert play.case.state is not CaseState.SUSPENDED
    assert replay(play.start, play.events) == play.case


def test_danger_that_is_confirmed_of_what_is_critical_already_calls_them_too() -> None:
    play = opened("C01-05", text="有人昏迷，没有着火")
    assert (play.case.urgency, play.case.lines) == (Urgency.CRITICAL, ("120",))
    assert play.give("confirm", dangerous=True).case.lines == ("120", "119")


def test_what_is_denied_or_judged_by_a_leader_calls_nobody() -> None:
    assert opened("C01-05", text=DRILL).give("confirm", dangerous=False).case.lines == ()
    judged = opened("C01-05", text=DRILL).give("set_urgency", by=LEADER, urgency="critical").case
    assert (judged.lines, judged.feared) == ((), ())


def test_an_application_calls_the_lines_that_its_words_name() -> None:
    play = opened("V03-01", text=BEATEN)
    assert (play.case.state, play.case.urgency) == (CaseState.DEFINING, Urgency.URGENT)
    assert play.case.lines == ("110", "mandatory_report")
    assert replay(play.start, play.events) == play.case


def _beside(play: Play) -> tuple[Case, list[Any]]:
    emergency = opened_beside(play.start, play.case, play.events, RULES, a_moment())
    assert emergency is not None
    return emergency


def test_the_emergency_beside_an_application_calls_them_in_its_place() -> None:
    play = opened("V03-01", text="申请低保，家里着火了")
    emergency, _ = _beside(play)
    assert (play.case.lines, emergency.lines) == ((), ("119",))


def test_what_is_confirmed_of_an_application_is_called_by_its_emergency() -> None:
    play = opened("V03-01", text="申请低保，家里没有着火")
    before = play.case
    play.give("confirm", dangerous=True)
    found = opened_beside(before, play.case, play.events, RULES, a_moment())
    assert found is not None
    assert (play.case.lines, found[0].lines) == ((), ("119",))


def test_what_an_application_has_called_its_emergency_does_not_call_again() -> None:
    play = opened("V03-01", text=f"{BEATEN}，家里没有着火")
    before, count = play.case, len(play.events)
    play.give("confirm", dangerous=True)
    found = opened_beside(before, play.case, play.events[count:], RULES, a_moment())
    assert found is not None
    emergency, events = found
    assert [event.data.line for event in events if event.type == "case.line_called"] == ["119"]
    assert emergency.lines == ("110", "mandatory_report", "119")


def test_the_same_words_are_asked_about_once() -> None:
    play = opened("V03-01", text="申请低保，家里着火了，没有人昏迷")
    _, events = _beside(play)
    assert "case.confirm_requested" not in play.types()
    assert "case.confirm_requested" in [event.type for event in events]
