"""What a reporter says of the result by himself is his visit, also before he is asked and after the case was closed (T52)."""

from typing import Any

import httpx
import pytest

from contracts.envelope import Actor
from contracts.facts.report import ReportFeedbackGiven
from contracts.vocabulary import Role
from delivery.service import Service
from services.router.workflow.lifecycle import Incomplete, replay
from tests.router.builders import NOON, a_report
from tests.router.playing import Play, opened
from tests.router.several_reports import case_of, close, follow_up, rows_of, work

_RESIDENT = Actor(role=Role.RESIDENT)
_HANDLED: dict[str, dict[str, Any]] = {
    "sign": {"handler": "p-9"},
    "progress": {"note": "已联系", "contacted": True},
    "finish": {"result": "已答复", "evidence_method": "call"},
}
_TOLD: dict[str, dict[str, Any]] = {"check_pass": {}, "record_feedback": {}}


@pytest.fixture
async def report(router: Service, http: httpx.AsyncClient) -> Any:
    one = a_report(category="V01-02")
    await work(router, one)
    return one


async def _given(http: httpx.AsyncClient, report: Any, commands: dict[str, dict[str, Any]]) -> None:
    for command, data in commands.items():
        answer = await http.post(f"/v1/cases/{report.case_id}/commands/{command}", json={"data": data})
        assert answer.status_code == 200, (command, answer.text)


async def _says(router: Service, report: Any, **said: Any) -> None:
    fact = ReportFeedbackGiven(report_id=report.data.report_id, contacted=True, **said)
    await work(router, follow_up(report, fact, _RESIDENT))


async def _visits(router: Service, report: Any) -> list[bool | None]:
    return [visit.solved for visit in (await case_of(router, report.case_id)).visits]


@pytest.mark.parametrize("before", [{}, _HANDLED], ids=["while it is worked", "before it is checked"])
async def test_who_said_early_that_it_is_solved_is_not_asked_again(
    before: dict[str, dict[str, Any]], router: Service, http: httpx.AsyncClient, report: Any
) -> None:
    await _given(http, report, before)
    await _says(router, report, solved=True, satisfaction=5)
    history = (await http.get(f"/v1/cases/{report.case_id}/history")).json()["items"]
    assert (history[-1]["type"], history[-1]["data"]["satisfaction"]) == ("case.visited", 5), (
        "the unit sees it"
    )
    await _given(http, report, _HANDLED if not before else {})
    await _given(http, report, _TOLD | {"close": {"town_acknowledged": True}})


@pytest.mark.parametrize("solved", [True, False, None])
async def test_who_answers_when_it_is_closed_has_been_asked(
    solved: bool | None, router: Service, report: Any
) -> None:
    await close(router, report.case_id, NOON)
    await _says(router, report, solved=solved, satisfaction=2)
    assert await _visits(router, report) == [solved]
    wishes = await rows_of(router, "select wish from reporter_wishes")
    assert [row["wish"] for row in wishes] == (["unsolved"] if solved is False else [])


async def test_that_it_is_not_solved_yet_is_no_answer_to_a_result(router: Service, report: Any) -> None:
    await _says(router, report, solved=False)
    assert await _visits(router, report) == []
    assert len(await rows_of(router, "select from reporter_wishes")) == 1


def _answered(play: Play) -> Play:
    return play.give("answer", by=_RESIDENT)


def test_what_failed_its_check_is_asked_about_all_the_same() -> None:
    play = _answered(opened().give("sign").give("finish")).give("check_fail").give("finish")
    play.give("check_pass").give("record_feedback")
    with pytest.raises(Incomplete, match="not visited yet"):
        play.give("close")
    assert replay(play.start, play.events) == play.case


def test_nobody_of_the_unit_that_works_on_it_answers_for_the_reporter() -> None:
    play = opened().give("sign")
    with pytest.raises(Incomplete, match="the handler does not"):
        play.give("answer", by=Actor(role=Role.GRID_WORKER, unit=play.case.lead, person="wang"))
