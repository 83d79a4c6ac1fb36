"""A case that the database has forgotten is made again of its report and its events, with its clocks."""

from typing import Any
from uuid import uuid4

import pytest

from contracts.vocabulary import CaseState, Clock
from services.router.duplicates.linking import Linked
from services.router.duplicates.opening import Opening
from services.router.recall.recalling import HistoryLacking, recalled
from services.router.workflow.case import Case
from services.router.workflow.lifecycle import CaseEvent, at_the_desk, called, open_case
from services.router.workflow.reported import new_case
from services.router.workflow.situation import Around, Rules
from tests.router.builders import a_moment, a_report
from tests.router.looks import looking
from tests.router.playing import MASTER, RULES, Play


def _played(report: Any, *, grid: str | None = "D111", rules: Rules = RULES) -> Play:
    case, events = open_case(new_case(report), Around(grid=grid), rules, a_moment())
    return Play(case, new_case(report), list(events), rules=rules, around=Around(grid="D111"))


def _recalled(report: Any, events: list[CaseEvent], known: Case | None = None, rules: Rules = RULES) -> Case:
    case_id = report.case_id
    there = {case_id: known} if known else {}
    ((case, said),) = recalled(there, {case_id: report}, {case_id: events}, rules, a_moment())
    assert said == events
    return case


def test_what_went_its_way_at_once() -> None:
    report = a_report()
    play = _played(report).give("sign").after(minutes=5).give("progress").give("finish")
    assert _recalled(report, play.events) == play.case


def test_what_the_desk_placed() -> None:
    report = a_report(lon=None, lat=None, category="E01-02")
    play = _played(report, grid=None).wait(hours=30).give("accept", place={"lon": 1.0, "lat": 1.0})
    assert "case.supervised" in play.types()
    assert _recalled(report, play.events) == play.case


def test_what_waits_at_the_desk_with_its_clock() -> None:
    report = a_report(lon=None, lat=None)
    play = _played(report, grid=None).wait(hours=30)
    assert play.case.state is CaseState.REPORTED
    assert play.events
    case = _recalled(report, play.events)
    assert case == play.case
    assert Clock.ACCEPT in case.clocks


def test_what_waits_at_the_desk_while_somebody_is_helped() -> None:
    report = a_report(lon=None, lat=None)
    start = at_the_desk(new_case(report), RULES, a_moment())
    case, events = called(start, ["119"], RULES, a_moment())
    assert _recalled(report, events) == case


def test_what_is_looked_at_first() -> None:
    report = a_report(channel="web")
    play = _played(report, rules=(rules := looking()))
    assert play.case.state is CaseState.VERIFYING
    assert _recalled(report, play.events, rules=rules) == play.case
    play.after(minutes=20).give("submit_verify", result="not_found")
    assert _recalled(report, play.events, rules=rules) == play.case


def test_what_the_desk_sends_somebody_to_look_at() -> None:
    report = a_report(lon=None, lat=None)
    play = _played(report, grid=None).after(minutes=3).give("request_verify")
    assert _recalled(report, play.events) == play.case


def test_what_became_part_of_another_case() -> None:
    report = a_report()
    joining = Around(grid="D111", master=MASTER, alike=0.9)
    case, events = open_case(new_case(report), joining, RULES, a_moment())
    assert case.state is CaseState.MERGED
    assert _recalled(report, events) == case


def test_what_is_known_goes_on_from_where_it_is() -> None:
    report = a_report()
    play = _played(report)
    before, since = play.case, len(play.events)
    play.give("sign").wait(hours=30)
    assert _recalled(report, play.events[since:], before) == play.case


def test_an_emergency_beside_an_application_comes_with_it() -> None:
    report = a_report(category="V03-02", text="我来申请低保，家里着火了")
    opening = Opening({}, RULES)
    both = list(opening.open(new_case(report), "D111", Linked(), None, a_moment()))
    (application, filed), (emergency, events) = both
    published = {emergency.case_id: events, application.case_id: filed}
    found = recalled({}, {report.case_id: report}, published, RULES, a_moment())
    assert [*found] == [(application, filed), (emergency, events)]
    (_, waiting) = recalled({}, {report.case_id: report}, {application.case_id: filed}, RULES, a_moment())
    assert (waiting[0].case_id, waiting[0].state, waiting[1]) == (emergency.case_id, CaseState.REPORTED, [])
    assert Clock.ACCEPT in waiting[0].clocks


@pytest.mark.parametrize("lost", [0, 1])
def test_a_history_with_a_gap_is_refused(lost: int) -> None:
    report = a_report()
    events = _played(report).give("sign").events
    with pytest.raises(HistoryLacking, match=str(report.case_id)):
        _recalled(report, [event for number, event in enumerate(events) if number != lost])


def test_a_history_without_its_report_is_refused() -> None:
    events = _played(a_report()).events
    with pytest.raises(HistoryLacking):
        list(recalled({}, {}, {uuid4(): events}, RULES, a_moment()))
