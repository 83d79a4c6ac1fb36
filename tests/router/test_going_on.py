"""Which clocks go on, begin anew or stand still when a case comes back to a unit or changes hands (domain §11.6)."""

from datetime import timedelta

import pytest

from contracts.envelope import Actor
from contracts.vocabulary import CaseState, Clock, Procedure, Role
from services.router.workflow.commands.assigning import return_until
from services.router.workflow.lifecycle import Incomplete, replay
from services.router.workflow.situation import Data, Situation
from tests.router.builders import NOON
from tests.router.playing import RULES, Play, opened

TRACKER = Actor(role=Role.GRID_WORKER, unit="UD111", person="p-5")
DISTRICT = Actor(role=Role.UNIT_LEAD, unit="UD", person="p-6")


def _due(play: Play, clock: Clock) -> timedelta:
    """After the beginning of the play."""
    due = play.case.clocks[clock].due
    assert due is not None
    return due - NOON


def _until(play: Play) -> timedelta:
    until = return_until(Situation(play.case, TRACKER, Data(), RULES, play.now))
    assert until is not None
    return until - NOON


def test_what_turned_dangerous_while_it_was_returned_runs_as_an_emergency_of_the_same_unit_too() -> None:
    play = opened("C01-05").give("return").after(minutes=10).give("set_urgency", urgency="critical")
    play.after(minutes=10).give("redispatch", lead=play.case.lead)
    assert play.case.procedure is Procedure.EMERGENCY
    assert _due(play, Clock.CONTROL) == timedelta(minutes=80)
    assert _due(play, Clock.INTERIM) == timedelta(minutes=140)
    assert _due(play, Clock.CONTACT) == timedelta(minutes=50), "it had a working day left"


def test_what_is_resumed_is_as_short_as_it_was_raised_to() -> None:
    play = (
        opened("C01-05")
        .give("sign")
        .give("suspend")
        .after(minutes=10)
        .give("set_urgency", urgency="critical")
    )
    assert _due(play, Clock.CONTACT) == timedelta(minutes=40)


@pytest.mark.parametrize("lead", ["same", "another"])
def test_danger_that_is_removed_is_not_to_be_removed_again(lead: str) -> None:
    play = opened("C01-06")
    play.give("progress", by=TRACKER, contacted=False).after(minutes=5).give("return")
    assert play.case.controlled
    play.give("redispatch", lead=play.case.lead if lead == "same" else "UD1", co_handlers=())
    assert Clock.CONTROL not in play.case.clocks
    assert Clock.INTERIM in play.case.clocks


def test_nor_after_a_consultation() -> None:
    play = opened("C01-06").give("progress", by=TRACKER, contacted=False).give("consult").give("designate")
    assert Clock.CONTROL not in play.case.clocks
    assert {Clock.SIGN, Clock.CONTACT, Clock.HANDLE} <= play.case.clocks.keys()
    assert replay(play.start, play.events) == play.case


def test_the_time_to_return_counts_from_the_sign_limit_that_holds() -> None:
    play = opened("P01-04").after(minutes=90).give("set_urgency", urgency="urgent")
    assert _until(play) == timedelta(minutes=90 + 30 + 30)
    play.give("return", assignment_revoked=True)


def test_each_new_lead_has_its_own_time_to_return() -> None:
    play = opened("P01-04").give("sign").after(days=1).give("escalate_lead").give("return")
    assert play.case.state is CaseState.RETURNED


def _called() -> Play:
    play = opened("V01-02").give("sign").give("call_in", units=["UD"])
    assert Clock.REPORT_IN in play.case.clocks
    return play


@pytest.mark.parametrize("command", ["return", "consult"])
def test_who_was_called_in_is_not_late_while_the_case_is_with_no_unit(command: str) -> None:
    play = _called().give(command)
    assert play.case.clocks[Clock.REPORT_IN].due is None


def test_who_was_called_in_is_still_awaited_when_the_return_is_refused() -> None:
    play = _called().give("return").after(hours=1).give("redispatch", lead="UD11")
    assert (play.case.awaited, play.case.co_handlers) == (("UD",), ("UD",))
    assert play.case.clocks[Clock.REPORT_IN].due is not None


@pytest.mark.parametrize("commands", [["return", "redispatch"], ["consult", "designate"]])
def test_another_lead_calls_in_whom_it_needs(commands: list[str]) -> None:
    play = _called()
    for command in commands:
        play.give(command)
    assert (play.case.awaited, Clock.REPORT_IN in play.case.clocks) == ((), False)


def test_who_was_called_in_reports_before_the_next_lead_has_signed() -> None:
    play = _called().give("escalate_lead")
    assert (play.case.state, play.case.lead) == (CaseState.DISPATCHED, "UD1")
    play.give("progress", by=DISTRICT)
    assert (play.case.awaited, Clock.REPORT_IN in play.case.clocks) == ((), False)
    with pytest.raises(Incomplete):
        play.give("progress", by=DISTRICT)  # now it is nobody who is waited for


def test_who_takes_the_lead_is_not_waited_for() -> None:
    play = opened("V01-02").give("sign").give("call_in", units=["UD1"]).give("escalate_lead")
    assert (play.case.lead, play.case.awaited, Clock.REPORT_IN in play.case.clocks) == ("UD1", (), False)


@pytest.mark.parametrize("command", ["redispatch", "designate"])
def test_what_is_no_longer_urgent_owes_the_next_lead_no_interim_report(command: str) -> None:
    """Its clock stood still and went on with nobody."""
    play = opened("C01-06").give("set_urgency", urgency="elevated").give("return")
    if command == "designate":
        play.give("consult")
    assert play.case.clocks[Clock.INTERIM].due is None
    play.give(command, lead="UD1")
    assert Clock.INTERIM not in play.case.clocks
    assert all(ticking.due for ticking in play.case.clocks.values())
