"""A reporter's objection holds the archive, and the case can be opened again meanwhile (domain §11.6, T35, T36)."""

import pytest

from contracts.envelope import Actor
from contracts.facts.report import ReportFeedbackGiven
from contracts.vocabulary import CaseState, Role
from delivery.service import Service
from services.router.workflow.lifecycle import Incomplete, replay
from tests.router.builders import NOON, a_report
from tests.router.playing import Play, opened
from tests.router.several_reports import case_of, close, follow_up, rows_of, work


def _closed() -> Play:
    play = opened()
    for command in ("sign", "finish", "check_pass", "record_feedback", "record_visit", "close"):
        play.after(minutes=1).give(command)
    return play


def _objected(play: Play) -> Play:
    return play.give("object", report_id=play.case.report_id)


def test_a_closed_case_is_archived_thirty_days_after_the_objection() -> None:
    play = _objected(_closed().wait(days=29))
    assert play.wait(days=29).case.state is CaseState.CLOSED
    assert replay(play.start, play.events) == play.case
    assert play.wait(days=2).case.state is CaseState.ARCHIVED


def test_meanwhile_it_is_opened_again_and_then_rests_as_any_other() -> None:
    play = _objected(_closed().wait(days=29)).wait(days=20).give("reopen")
    assert (play.case.state, play.case.objected_at) == (CaseState.HANDLING, None)


def test_objections_never_put_it_off_for_good() -> None:
    play = _objected(_closed().wait(days=29)).wait(days=10)
    with pytest.raises(Incomplete, match="30 days"):
        _objected(play)


def test_who_has_no_report_in_it_does_not_object() -> None:
    with pytest.raises(Incomplete, match="not a report of this case"):
        _closed().give("object")


async def test_what_a_reporter_says_of_a_closed_case_is_an_objection_and_a_wish(router: Service) -> None:
    report = a_report()
    await work(router, report)
    await close(router, report.case_id, NOON)
    said = ReportFeedbackGiven(report_id=report.data.report_id, contacted=True, solved=False)
    await work(router, follow_up(report, said, Actor(role=Role.RESIDENT)))
    assert (await case_of(router, report.case_id)).objected_at is not None
    assert [row["wish"] for row in await rows_of(router, "select wish from reporter_wishes")] == ["unsolved"]
