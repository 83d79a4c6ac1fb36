"""Where reports were merged, the visit asks each reporter: the answer of one ends nothing for the others (domain §7.3,
§7.4)."""

from uuid import UUID

import pytest
from pydantic import ValidationError
from uuid_utils.compat import uuid7

from contracts.vocabulary import CaseState, Clock
from services.router.workflow.commands.closing import VisitData
from services.router.workflow.lifecycle import Incomplete, replay
from services.router.workflow.situation import Joined
from tests.router.playing import SAMPLED_OUT, Play, opened


def _told(reporters: int = 2, category: str = "V01-02") -> tuple[Play, list[UUID]]:
    """A matter of several reporters, each of whom knows the result; their reports, the case's own first."""
    play = opened(category, sampled=SAMPLED_OUT)
    others = [uuid7() for _ in range(reporters - 1)]
    play.around = play.around._replace(joined=tuple(Joined(other) for other in others))
    play.give("sign").give("finish")
    if play.case.state is CaseState.CHECKING:
        play.give("check_pass")
    reports = [play.case.report_id, *others]
    for report in reports:
        assert Clock.VISIT not in play.case.clocks
        play.give("record_feedback", report_id=report)
    assert Clock.VISIT in play.case.clocks
    return play, reports


def _not_reached(play: Play, report: UUID) -> None:
    play.give("record_visit", report_id=report, contacted=False, solved=None, satisfaction=None)


def test_the_answer_of_one_does_not_end_the_visit_of_the_others() -> None:
    play, (own, other) = _told()
    play.give("record_visit", report_id=own)
    assert Clock.VISIT in play.case.clocks
    with pytest.raises(Incomplete, match=f"not visited yet .*: {other}$"):
        play.give("close")
    play.give("record_visit", report_id=other)
    assert Clock.VISIT not in play.case.clocks
    assert play.give("close").case.state is CaseState.CLOSED
    assert replay(play.start, play.events) == play.case


def test_three_attempts_are_three_at_the_same_reporter() -> None:
    play, (own, other) = _told()
    play.give("record_visit", report_id=own)
    _not_reached(play, other)
    _not_reached(play, other)
    play.after(days=1)
    assert Clock.VISIT in play.case.clocks, "with the answer of the first these are three visits on two days"
    _not_reached(play, other)
    assert Clock.VISIT not in play.case.clocks


def test_the_limit_of_the_visit_ends_it_for_all() -> None:
    play, (own, _) = _told()
    play.give("record_visit", report_id=own)
    due = play.case.clocks[Clock.VISIT].due
    assert due
    play.now = due
    assert play.give("close").case.state is CaseState.CLOSED


def test_of_more_than_twenty_a_sample_of_twenty_is_asked() -> None:
    play, reports = _told(reporters=22)
    for report in reports[:19]:
        play.give("record_visit", report_id=report)
    assert Clock.VISIT in play.case.clocks
    play.give("record_visit", report_id=reports[21])
    assert Clock.VISIT not in play.case.clocks


def test_who_is_taken_out_is_not_waited_for() -> None:
    play, (own, other) = _told()
    play.give("record_visit", report_id=own)
    play.around = play.around._replace(joined=())
    play.give("unjoin", report_id=other)
    assert Clock.VISIT not in play.case.clocks
    assert play.give("close").case.state is CaseState.CLOSED


def test_where_all_were_asked_before_they_were_told_no_visit_begins() -> None:
    play = opened("V01-02").give("sign").give("finish").give("check_pass")
    play.give("record_visit").give("record_feedback")
    assert not {Clock.VISIT, Clock.FEEDBACK} & set(play.case.clocks)


def test_the_system_closes_what_was_settled_on_the_spot_once_each_was_asked() -> None:
    play, (own, other) = _told(category="V01-01")
    play.give("record_visit", report_id=own)
    assert play.wait(hours=6).case.state is CaseState.FEEDBACK
    play.give("record_visit", report_id=other)
    assert play.wait(days=1).case.state is CaseState.CLOSED


def test_what_a_reporter_calls_unsolved_a_person_closes() -> None:
    play = opened("V01-01").give("sign").give("finish").give("record_feedback")
    play.give("record_visit", solved=False, satisfaction=1).wait(days=10)
    assert play.case.state is CaseState.FEEDBACK
    assert play.give("close").case.state is CaseState.CLOSED


def test_who_was_taken_out_does_not_keep_the_system_from_closing() -> None:
    play, (own, other) = _told(category="V01-01")
    play.give("record_visit", report_id=own)
    play.around = play.around._replace(joined=())
    play.give("unjoin", report_id=other)
    assert play.wait(hours=6).case.state is CaseState.CLOSED


def test_yes_is_no_satisfaction() -> None:
    """To Python it is 1, the least of all."""
    with pytest.raises(ValidationError):
        VisitData.model_validate({"contacted": True, "satisfaction": True})
    assert VisitData.model_validate({"contacted": True, "satisfaction": 1}).satisfaction == 1
