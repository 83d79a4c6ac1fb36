"""What reporters want is listed for who decides, of closed cases too, until it is decided; and goes with their report."""

from typing import Any

import httpx
import pytest
from uuid_utils.compat import uuid7

from contracts.envelope import SYSTEM, Actor
from contracts.events import event_of
from contracts.facts.closing import CaseClosed
from contracts.facts.report import ReportFeedbackGiven, ReportWithdrawn
from delivery.service import Service
from services.router.cases.wishes_store import follow, wishes_of
from tests.router.builders import NOON, a_report
from tests.router.several_reports import follow_up, merge, work

_HANDLED: dict[str, dict[str, Any]] = {
    "sign": {"handler": "p-9"},
    "progress": {"note": "已联系", "contacted": True},
    "finish": {"result": "已答复", "evidence_method": "call"},
    "check_pass": {},
    "record_feedback": {},
}
_CLOSED = _HANDLED | {
    "record_visit": {"contacted": True, "solved": True},
    "close": {"town_acknowledged": True},
}


async def _given(http: httpx.AsyncClient, report: Any, commands: dict[str, dict[str, Any]]) -> None:
    for command, data in commands.items():
        answer = await http.post(f"/v1/cases/{report.case_id}/commands/{command}", json={"data": data})
        assert answer.status_code == 200, (command, answer.text)


async def _wished(http: httpx.AsyncClient) -> list[str]:
    items = (await http.get("/v1/cases", params={"wished": "true"})).json()["items"]
    return [item["case_id"] for item in items]


def _withdrawn(report: Any) -> Any:
    return follow_up(report, ReportWithdrawn(report_id=report.data.report_id))


def _unsolved(report: Any) -> Any:
    return follow_up(
        report, ReportFeedbackGiven(report_id=report.data.report_id, contacted=True, solved=False)
    )


@pytest.fixture
async def report(router: Service, http: httpx.AsyncClient) -> Any:
    one = a_report(category="V01-02")
    await work(router, one)
    return one


async def test_an_objection_to_a_closed_case_waits_until_it_is_opened_again(
    router: Service, http: httpx.AsyncClient, report: Any, signed_in: Any
) -> None:
    await _given(http, report, _CLOSED)
    await work(router, _unsolved(report))
    leader = await signed_in("shift_leader")
    assert "<strong>1</strong> Reporters want a decision" in (await leader.get("/?lang=en")).text
    assert await _wished(http) == [str(report.case_id)]
    await _given(http, report, {"reopen": {"cause": "objection", "reason": "仍未解决"}})
    assert await _wished(http) == []
    assert (await http.get(f"/v1/cases/{report.case_id}/similar")).json()["wishes"] == []


async def test_a_withdrawal_waits_until_the_case_has_ended(
    router: Service, http: httpx.AsyncClient, report: Any
) -> None:
    await work(router, _withdrawn(report))
    await _given(http, report, _HANDLED)
    assert await _wished(http) == [str(report.case_id)]
    await _given(http, report, {each: _CLOSED[each] for each in ("record_visit", "close")})
    assert await _wished(http) == []


async def test_a_wish_goes_with_its_report_into_another_case_and_back(
    router: Service, http: httpx.AsyncClient, report: Any
) -> None:
    master = a_report(category="V01-02")
    await work(router, master)
    await work(router, _withdrawn(report))
    await merge(http, report.case_id, master.case_id)
    assert await _wished(http) == [str(master.case_id)]
    await work(router, _unsolved(master))
    await _given(http, report, {"unmerge": {"reason": "不是同一处"}})
    assert sorted(await _wished(http)) == sorted([str(master.case_id), str(report.case_id)])
    (of_master,) = (await http.get(f"/v1/cases/{master.case_id}/similar")).json()["wishes"]
    assert of_master["wish"] == "unsolved"


async def test_what_is_over_when_it_is_taken_back_waits_for_nobody(
    router: Service, http: httpx.AsyncClient, report: Any
) -> None:
    await _given(http, report, _CLOSED)
    await work(router, _withdrawn(report))
    assert await _wished(http) == []


@pytest.mark.parametrize(("by", "left"), [(SYSTEM, 1), (Actor(role="operator", person="p-2"), 0)], ids=str)
async def test_what_the_system_closes_by_itself_nobody_has_decided(
    router: Service, report: Any, by: Actor, left: int
) -> None:
    await work(router, _unsolved(report), _withdrawn(report))
    envelope: Any = {"occurred_at": NOON, "recorded_at": NOON, "actor": by, "correlation_id": uuid7()}
    closed: Any = event_of(CaseClosed(), event_id=uuid7(), case_id=report.case_id, case_version=9, **envelope)
    async with router.database.transaction() as connection:
        await follow(connection, [closed])
        waiting = await wishes_of(connection, report.case_id)
    assert [row["wish"] for row in waiting] == ["unsolved"] * left
