"""Who was late is the unit that had the case when its time ran out, whoever has it now (domain §2.5, T42, T43)."""

import pytest

from contracts.envelope import SYSTEM, Actor
from contracts.vocabulary import CaseState, Clock, Role
from services.router.workflow.alarms import next_alarm
from services.router.workflow.commands.oversight import may_appeal
from services.router.workflow.lifecycle import Incomplete, replay
from tests.router.playing import Play, opened

COMMUNITY = Actor(role=Role.UNIT_LEAD, unit="UD11", person="p-1")
TOWN = Actor(role=Role.UNIT_LEAD, unit="UD1", person="p-3")


def _changed_hands() -> Play:
    """The community did not sign, the town in its turn did not handle it in time; then it was done and closed."""
    play = opened("P01-04").wait(hours=31)
    assert (play.case.lead, play.case.round) == ("UD1", 2)
    play.give("sign").give("progress").wait(hours=24)
    play.give("finish").give("check_pass").give("record_feedback").give("record_visit").give("close")
    assert play.case.state is CaseState.CLOSED
    return play


def _until_late(play: Play, clock: Clock) -> Play:
    due = play.case.clocks[clock].due
    assert due
    return play.wait(seconds=(due - play.now).total_seconds() + 60)


def test_each_late_unit_is_kept_with_its_round() -> None:
    play = _changed_hands()
    assert play.case.late_units[1] == "UD11"
    assert play.case.late_units[2] == "UD1"
    assert replay(play.start, play.events) == play.case


@pytest.mark.parametrize(("by", "round_"), [(COMMUNITY, 1), (TOWN, 2)])
def test_each_appeals_what_it_was_late_with(by: Actor, round_: int) -> None:
    play = _changed_hands().give("appeal_timeout", by=by)
    assert (play.events[-1].data.round, play.events[-1].data.unit) == (round_, by.unit)
    play.give("decide_appeal")
    assert (play.events[-1].data.round, play.events[-1].data.unit) == (round_, by.unit)


def test_one_appeal_is_decided_before_the_next() -> None:
    play = _changed_hands().give("appeal_timeout", by=COMMUNITY)
    with pytest.raises(Incomplete, match="an appeal is open"):
        play.give("appeal_timeout", by=TOWN)
    play.give("decide_appeal").give("appeal_timeout", by=TOWN)


def test_the_unit_that_was_late_is_not_the_first_level() -> None:
    play = _changed_hands().give("appeal_timeout", by=TOWN)
    with pytest.raises(Incomplete, match="does not decide its own appeal"):
        play.give("decide_appeal", agreed_by="UD1")
    assert not play.give("decide_appeal", agreed_by="UD").case.appeal_open


def test_once_for_each_round() -> None:
    play = _changed_hands().give("appeal_timeout", by=COMMUNITY).give("decide_appeal")
    with pytest.raises(Incomplete):
        play.give("appeal_timeout", by=COMMUNITY)


def test_once_also_where_a_return_was_refused_in_between() -> None:
    """To assessment it is one assignment, late before the return or after it."""
    play = _until_late(opened("P01-04"), Clock.SIGN)
    play.give("return").give("redispatch", lead="UD11").give("sign").give("progress")
    _until_late(play, Clock.HANDLE)
    assert (play.case.lead, play.case.round) == ("UD11", 2)
    assert (play.case.late_rounds, play.case.late_units) == ((2,), {2: "UD11"})
    play.give("finish").give("check_pass").give("record_feedback").give("record_visit").give("close")
    play.give("appeal_timeout", by=COMMUNITY).give("decide_appeal", granted=False)
    assert play.events[-1].data.round == 2
    with pytest.raises(Incomplete, match="not appealed already"):
        play.give("appeal_timeout", by=COMMUNITY)
    assert replay(play.start, play.events) == play.case


def test_units_that_may_appeal() -> None:
    play = _changed_hands()
    assert set(may_appeal(play.case)) == {"UD11", "UD1"}
    assert may_appeal(play.case.changed(late_units={})) == (play.case.lead,), "as cases were kept before"


def test_an_appeal_that_a_reopening_ends_may_be_made_again() -> None:
    play = _changed_hands().give("appeal_timeout", by=TOWN).give("reopen")
    assert (play.case.appeal_open, play.case.appealed) == (False, ())
    play.give("finish").give("check_pass").give("record_feedback").give("record_visit").give("close")
    alarm = next_alarm(play.case, play.rules)
    assert alarm
    assert alarm.command == "archive", "nothing that nobody can decide keeps it open"
    play.give("appeal_timeout", by=TOWN)
    assert Clock.APPEAL in play.case.clocks


def test_an_appeal_that_nobody_decides_is_late_as_anything_else() -> None:
    """Five work days; the desk that has to decide is told, not the unit that waits for its word."""
    play = _changed_hands().give("appeal_timeout", by=TOWN)
    due = play.case.clocks[Clock.APPEAL].due
    closed_with = play.case
    assert due
    play.wait(days=20)
    stages = [event.data for event in play.events if event.case_version > closed_with.version]
    assert [stage.stage for stage in stages] == ["L0", "L0", "L1", "L2", "L3"]
    assert {stage.clock for stage in stages} == {Clock.APPEAL}
    assert "UD1" not in {stage.supervisor for stage in stages}
    yellow = next(event for event in play.events if event.data in stages and event.data.stage == "L1")
    assert yellow.occurred_at == due
    assert (play.case.state, play.case.lead, play.case.late_rounds) == (
        CaseState.CLOSED,
        closed_with.lead,
        closed_with.late_rounds,
    )
    assert next_alarm(play.case, play.rules) is None, "it is not archived before it is decided"
    play.give("decide_appeal")
    alarm = next_alarm(play.case, play.rules)
    assert alarm
    assert alarm.command == "archive"
    assert replay(play.start, play.events) == play.case


def test_of_what_is_closed_nothing_else_is_overseen() -> None:
    play = _changed_hands()
    with pytest.raises(Incomplete, match="no appeal is open"):
        play.give("oversee", by=SYSTEM)
