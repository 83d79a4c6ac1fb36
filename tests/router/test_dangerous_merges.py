"""What is dangerous stays with somebody who works on it, whatever it is merged into (domain §5, §11.6 T07)."""

from datetime import timedelta

import pytest

from contracts.vocabulary import CaseState, Clock, Procedure, Urgency
from services.router.workflow.case import Case
from services.router.workflow.lifecycle import Incomplete, open_case, replay
from services.router.workflow.situation import Around
from tests.router.builders import NOON, a_moment
from tests.router.playing import RULES, Play, merged_into, opened, told_of

FIRE = "路灯着火了"


_NOBODY_WORKS = {
    "being checked": lambda: opened("C01-05").give("sign").give("finish"),
    "being told": lambda: opened("C01-05").give("sign").give("finish").give("check_pass"),
    "an application": lambda: opened("V03-02"),
    "not looked at yet": lambda: Play(_verifying(), _verifying()),
}


def _verifying() -> Case:
    return opened("C01-05").case.changed(state=CaseState.VERIFYING)


@pytest.mark.parametrize("master", _NOBODY_WORKS)
def test_an_emergency_is_not_merged_into_what_no_unit_works_on(master: str) -> None:
    with pytest.raises(Incomplete, match="goes on by itself"):
        merged_into(_NOBODY_WORKS[master]().case, opened("C01-05", text=FIRE).case)
    merged_into(_NOBODY_WORKS[master]().case, opened("E01-01").case)  # without danger it may


@pytest.mark.parametrize("to", ["dispatched", "handling", "returned", "suspended"])
def test_an_emergency_makes_one_of_the_case_it_is_merged_into(to: str) -> None:
    play = opened("C01-05")
    for command in {"handling": ["sign"], "returned": ["return"], "suspended": ["sign", "suspend"]}.get(
        to, []
    ):
        play.give(command)
    master = merged_into(play.case, opened("C01-05", text=FIRE).case)
    assert (master.urgency, master.procedure) == (Urgency.CRITICAL, Procedure.EMERGENCY)


@pytest.mark.parametrize("urgency", ["urgent", "critical"])
def test_what_is_suspended_goes_on_when_it_turns_dangerous(urgency: str) -> None:
    play = opened("C01-05").give("sign").give("suspend").after(hours=1).give("set_urgency", urgency=urgency)
    assert (play.case.state, play.case.suspended_until) == (CaseState.HANDLING, None)
    assert play.types()[-2:] == ["case.urgency_changed", "case.resumed"]
    assert play.case.clocks[Clock.HANDLE].due is not None
    if urgency == "critical":
        assert play.case.clocks[Clock.CONTROL].due == NOON + timedelta(hours=2)
    assert replay(play.start, play.events) == play.case


def test_what_is_only_a_little_more_urgent_stays_suspended() -> None:
    play = opened("C01-05").give("sign").give("suspend").give("set_urgency", urgency="elevated")
    assert play.case.state is CaseState.SUSPENDED


@pytest.mark.parametrize("to", ["dispatched", "handling", "returned"])
def test_the_lines_that_a_joining_report_names_are_called_over_its_master_once(to: str) -> None:
    play = opened("C01-06")
    for command in {"handling": ["sign"], "returned": ["return"]}.get(to, []):
        play.give(command)
    master = play.case
    for _ in range(2):
        around = Around(grid="D111", master=master, alike=1.0)
        hurt = opened("C01-06", text="路灯杆倒了，有人受伤", grid=None, lon=None, lat=None).start
        joined, _ = open_case(hurt, around, RULES, a_moment())
        assert joined.state is CaseState.MERGED
        master = told_of(joined, master)
    assert master.lines == ("120",)


def test_a_line_that_was_called_before_the_merge_is_not_called_again() -> None:
    fire = opened("C01-05", text=FIRE).case
    assert fire.lines == ("119",)
    assert merged_into(opened("C01-05").case, fire).lines == ()
