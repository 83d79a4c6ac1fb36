"""A critical word that may mean nothing is asked about also where its report joins another case (domain §4.2)."""

import pytest

from contracts.envelope import Actor
from contracts.vocabulary import CaseState, Clock, Procedure, Role, Urgency
from services.router.workflow.case import Case
from services.router.workflow.joining import after_merge
from services.router.workflow.lifecycle import CaseEvent, Incomplete, open_case, replay
from services.router.workflow.situation import Around
from tests.router.builders import a_moment
from tests.router.playing import RULES, Play, opened

DRILL = "路灯杆旁边搞消防演练，会冒烟"
NOBODY_HURT = "路灯不亮，没有人昏迷"
LEADER = Actor(role=Role.SHIFT_LEADER, person="p-9")
OPERATOR = Actor(role=Role.OPERATOR, person="p-8")


def _joined_by(play: Play, text: str = DRILL) -> list[CaseEvent]:
    """What a report that the system merges into it brings."""
    around = Around(grid="D111", master=play.case, alike=1.0)
    merged, _ = open_case(opened("C01-05", text=text).start, around, RULES, a_moment())
    assert merged.state is CaseState.MERGED
    return _told(play, merged)


def _told(play: Play, merged: Case) -> list[CaseEvent]:
    changes = list(after_merge(merged, play.case, (), Around(grid="D111"), RULES, a_moment()))
    if not changes:
        return []
    ((play.case, said),) = changes
    play.events += said
    return said


def test_its_master_is_asked_about_and_danger_calls_the_lines_of_the_joining_report() -> None:
    play = opened("C01-05")
    _joined_by(play)
    assert play.types()[-1] == "case.confirm_requested"
    assert Clock.ACCEPT in play.case.clocks
    play.give("confirm", by=OPERATOR, dangerous=True)
    assert (play.case.urgency, play.case.procedure) == (Urgency.CRITICAL, Procedure.EMERGENCY)
    assert play.case.lines == ("119",)
    assert replay(play.start, play.events) == play.case


def test_it_is_asked_about_also_where_the_master_was_asked_about_before_and_only_for_its_own_danger() -> None:
    play = opened("C01-05", text=NOBODY_HURT).give("confirm", by=OPERATOR, dangerous=False)
    _joined_by(play)
    assert play.give("confirm", by=OPERATOR, dangerous=True).case.lines == ("119",)


def test_one_call_at_a_time() -> None:
    play = opened("C01-05")
    assert _joined_by(play)
    assert _joined_by(play) == []


def test_another_danger_is_asked_about_in_the_call_that_is_to_be_made_and_in_its_time() -> None:
    play = opened("C01-05")
    _joined_by(play)
    until = play.case.clocks[Clock.ACCEPT].due
    (said,) = _joined_by(play.after(minutes=1), NOBODY_HURT)
    assert said.data.floors == ("F03",)
    assert play.case.clocks[Clock.ACCEPT].due == until
    play.give("confirm", by=OPERATOR, dangerous=True)
    assert set(play.case.lines) == {"119", "120"}
    assert replay(play.start, play.events) == play.case


@pytest.mark.parametrize("dangerous", [False, True])
def test_what_was_answered_is_not_asked_about_for_each_who_joins(dangerous: bool) -> None:
    play = opened("C01-05")
    _joined_by(play)
    play.give("confirm", by=OPERATOR, dangerous=dangerous)
    for _ in range(3):
        assert _joined_by(play) == []
    (said,) = _joined_by(play, f"{DRILL}。{NOBODY_HURT}")
    assert said.data.floors == ("F03",), "only what nobody has answered"
    play.give("confirm", by=OPERATOR, dangerous=False)
    assert _joined_by(play, NOBODY_HURT) == _joined_by(play) == []
    assert replay(play.start, play.events) == play.case


def test_a_person_who_sets_the_urgency_has_answered_it() -> None:
    play = opened("C01-05")
    _joined_by(play)
    play.give("set_urgency", by=LEADER, urgency="elevated", reason="已电话问过")
    assert _joined_by(play) == []


def test_what_was_answered_stays_so_when_the_case_is_filed_again() -> None:
    play = opened("C01-05", text=DRILL).give("confirm", by=OPERATOR, dangerous=False)
    play.after(minutes=1).give("return").give("reclassify", category="E01-02")
    assert play.case.answered == ("F01",)
    assert _joined_by(play) == []


def test_what_says_nothing_doubtful_or_was_asked_before_asks_nothing() -> None:
    play = opened("C01-05")
    assert _joined_by(play, "路灯不亮") == []
    asked = opened("C01-05", text=DRILL).give("confirm", by=OPERATOR, dangerous=False)
    assert _told(play, asked.case.changed(state=CaseState.MERGED, clocks={})) == []


def test_what_is_filed_again_before_the_call_is_still_to_be_asked_about() -> None:
    play = opened("C01-05")
    _joined_by(play)
    play.give("return").give("reclassify", category="E01-02")
    assert play.types()[-1] == "case.confirm_requested"
    assert play.case.feared == ("F01",)


@pytest.mark.parametrize(
    ("category", "before"),
    [
        ("C01-05", ("return",)),
        ("C01-05", ("consult",)),
        ("V03-05", ("define",)),
        ("V03-05", ("define", "review_pass")),
    ],
)
def test_it_is_asked_about_wherever_nobody_is_there_to_see(category: str, before: tuple[str, ...]) -> None:
    play = opened(category)
    for command in before:
        play.give(command)
    (said,) = _joined_by(play)
    assert said.data.floors == ("F01",)
    _what_is_late_is_told(play)
    play.give("confirm", by=OPERATOR, dangerous=True)
    assert play.case.urgency is Urgency.CRITICAL
    assert replay(play.start, play.events) == play.case


def _what_is_late_is_told(play: Play) -> None:
    play.wait(hours=1)
    late = {event.data.clock for event in play.events if event.type == "case.supervised"}
    assert Clock.ACCEPT in late


def test_what_may_be_dangerous_is_not_left_with_a_case_that_stands_still() -> None:
    play = opened("C01-05").give("sign").give("suspend")
    with pytest.raises(Incomplete, match="goes on by itself"):
        _joined_by(play)
    assert _joined_by(play, "路灯不亮") == []


def test_the_one_who_works_on_it_already_is_there_to_see() -> None:
    assert _joined_by(opened("C01-05").give("sign")) == []
