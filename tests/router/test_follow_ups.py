"""What reporters say after their report reaches the case that answers, or a person."""

import asyncio
from typing import Any
from uuid import UUID

import httpx
import pytest
from uuid_utils.compat import uuid7

from contracts.envelope import Actor
from contracts.facts import report as facts
from contracts.vocabulary import Role
from delivery.service import Service
from services.router.cases.commanding import give
from services.router.cases.store import lock_cases
from services.router.workflow.commands.linking import MergeData
from tests.databases import As
from tests.router.builders import NOON, a_report
from tests.router.playing import DISPATCHER
from tests.router.several_reports import a_report_by, case_of, close, follow_up, merge, rows_of, work
from tests.waiting import until

pytestmark = pytest.mark.usefixtures("http")


async def test_a_withdrawal_waits_for_a_person_and_changes_no_case(
    router: Service, http: httpx.AsyncClient
) -> None:
    report = a_report()
    before = await _shown_after(router, http, report)
    withdrawn = facts.ReportWithdrawn(report_id=report.data.report_id, reason="修好了")
    await work(router, follow_up(report, withdrawn))
    assert (await http.get(f"/v1/cases/{report.case_id}")).json() == before
    (wish,) = (await http.get(f"/v1/cases/{report.case_id}/similar")).json()["wishes"]
    assert (wish["wish"], wish["reason"]) == ("withdrawn", "修好了")


async def test_what_reporters_wish_is_a_list_for_who_decides(
    router: Service, http: httpx.AsyncClient, as_: As
) -> None:
    wished, other = a_report(), a_report(category="V01-02")
    await work(router, wished, other)
    await work(router, follow_up(wished, facts.ReportWithdrawn(report_id=wished.data.report_id)))

    async def listed(which: str, role: str = "dispatcher") -> Any:
        return await http.get("/v1/cases", params={"wished": which}, headers=as_(role, unit="UD"))

    for which, report in (("true", wished), ("false", other)):
        items = (await listed(which)).json()["items"]
        assert [item["case_id"] for item in items] == [str(report.case_id)]
    assert (await listed("true", "unit_lead")).status_code == 403


async def _shown_after(router: Service, http: httpx.AsyncClient, report: Any) -> dict[str, Any]:
    await work(router, report)
    return dict((await http.get(f"/v1/cases/{report.case_id}")).json())


async def _to_feedback(http: httpx.AsyncClient, case: UUID) -> None:
    steps = {
        "sign": {"handler": "p-9"},
        "progress": {"note": "已联系", "contacted": True},
        "finish": {"result": "已答复", "evidence_method": "call"},
        "check_pass": {},
        "record_feedback": {},
    }
    for command, data in steps.items():
        answer = await http.post(f"/v1/cases/{case}/commands/{command}", json={"data": data})
        assert answer.status_code == 200, (command, answer.text)


async def test_feedback_of_a_reporter_is_his_visit(router: Service, http: httpx.AsyncClient) -> None:
    report = a_report(category="V01-02")
    await work(router, report)
    await _to_feedback(http, report.case_id)
    said = facts.ReportFeedbackGiven(
        report_id=report.data.report_id, contacted=True, solved=True, satisfaction=5
    )
    await work(router, follow_up(report, said, Actor(role="resident")))
    history = (await http.get(f"/v1/cases/{report.case_id}/history")).json()["items"]
    assert (history[-1]["type"], history[-1]["data"]["satisfaction"]) == ("case.visited", 5)
    assert history[-1]["actor"]["role"] == "resident"


async def test_feedback_of_a_merged_report_goes_to_the_master(
    router: Service, http: httpx.AsyncClient
) -> None:
    master, joined = a_report(category="V01-02"), a_report(category="V01-02")
    await work(router, master, joined)
    await merge(http, joined.case_id, master.case_id)
    await _to_feedback(http, master.case_id)
    said = facts.ReportFeedbackGiven(report_id=joined.data.report_id, contacted=True, solved=True)
    await work(router, follow_up(joined, said))
    history = (await http.get(f"/v1/cases/{master.case_id}/history")).json()["items"]
    assert history[-1]["type"] == "case.visited"


async def test_what_is_not_solved_is_never_passed_over(router: Service, http: httpx.AsyncClient) -> None:
    report = a_report()
    await work(router, report)
    said = facts.ReportFeedbackGiven(report_id=report.data.report_id, contacted=False, solved=False)
    await work(router, follow_up(report, said))
    (wish,) = (await http.get(f"/v1/cases/{report.case_id}/similar")).json()["wishes"]
    assert wish["wish"] == "unsolved"


async def test_who_was_refused_an_application_is_heard_by_a_person(
    router: Service, http: httpx.AsyncClient
) -> None:
    report = a_report(category="V03-01")
    await work(router, report)
    refusal = {"data": {"reason": "不符合条件", "way_to_object": "六十日内申请复议"}}
    refused = await http.post(f"/v1/cases/{report.case_id}/commands/refuse", json=refusal)
    assert refused.status_code == 200, refused.text
    said = facts.ReportFeedbackGiven(report_id=report.data.report_id, contacted=True, solved=False)
    await work(router, follow_up(report, said, Actor(role=Role.RESIDENT)))
    assert (await case_of(router, report.case_id)).state == "feedback"
    (wish,) = (await http.get(f"/v1/cases/{report.case_id}/similar")).json()["wishes"]
    assert wish["wish"] == "unsolved"


@pytest.mark.parametrize(
    ("fact", "heard"),
    [
        (facts.ReportReminded, "select case_id from case_events where type = 'case.reminded'"),
        (facts.ReportWithdrawn, "select case_id from reporter_wishes"),
    ],
)
async def test_a_merge_while_the_case_is_waited_for_takes_the_follow_up_along(
    router: Service, fact: Any, heard: str
) -> None:
    master, joined = a_report_by("anna"), a_report_by("bert")
    await work(router, master, joined)
    rules = router.app.state.rules
    async with router.database.transaction() as connection:
        cases = await lock_cases(connection, [master.case_id, joined.case_id])
        said = follow_up(joined, fact(report_id=joined.data.report_id))
        other = asyncio.create_task(work(router, said))
        await until(lambda: _waits_for_a_row(router))
        data = MergeData(master_case_id=master.case_id)
        in_force = await rules.get(connection)
        await give(connection, cases[joined.case_id], "merge", data, DISPATCHER, in_force, rules.moment())
    await other
    assert [row["case_id"] for row in await rows_of(router, heard)] == [master.case_id]


async def test_a_batch_and_whoever_locks_in_order_do_not_wait_in_a_circle(router: Service) -> None:
    older, newer = sorted(uuid7() for _ in range(2))
    followed = a_report(lon=3.0, case_id=older)
    joined = a_report_by("anna", component_id="L1", case_id=newer)
    await work(router, followed, joined)
    joining = a_report_by("bert", component_id="L1")
    said = follow_up(followed, facts.ReportReminded(report_id=followed.data.report_id))
    async with router.database.transaction() as connection:
        await lock_cases(connection, [older])
        batch = asyncio.create_task(work(router, joining, said))
        await until(lambda: _waits_for_a_row(router))
        await lock_cases(connection, [newer])
    await batch
    assert (await case_of(router, joining.case_id)).master == newer
    assert (await case_of(router, older)).reminders == (followed.data.report_id,)


async def _rest_for_good(router: Service, case_id: UUID) -> None:
    async with router.database.transaction() as connection:
        await connection.execute(
            """update cases set state = 'archived', body = body || '{"state": "archived"}' where case_id = $1""",
            case_id,
        )


async def _waits_for_a_row(router: Service) -> bool:
    return bool(await rows_of(router, "select from pg_locks where not granted"))


@pytest.mark.parametrize("fact", ["reminded", "feedback"])
async def test_what_the_state_forbids_is_passed_over_and_the_batch_goes_on(
    fact: str, router: Service
) -> None:
    report, other = a_report(), a_report(lon=3.0)
    said: Any = facts.ReportReminded(report_id=report.data.report_id)
    if fact == "feedback":
        said = facts.ReportFeedbackGiven(report_id=report.data.report_id, contacted=True, solved=True)
    await work(router, report)
    await close(router, report.case_id, NOON)
    if fact == "feedback":
        await _rest_for_good(router, report.case_id)
    await work(router, follow_up(report, said), other)
    assert len(await rows_of(router, "select from cases")) == 2
    types = await rows_of(router, "select type from case_events where case_id = $1", report.case_id)
    assert [row["type"] for row in types] == ["case.accepted", "case.filed", "case.dispatched", "case.closed"]
