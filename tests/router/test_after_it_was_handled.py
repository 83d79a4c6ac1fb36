"""What is reported after its matter was handled is a case of its own, linked with the old one: somebody looks again."""

import asyncio
from typing import Any
from uuid import UUID

import httpx
import pytest

from contracts.envelope import Actor
from contracts.facts.report import SettledOnSpot
from contracts.vocabulary import CaseState, Role
from delivery.service import Service
from services.router.handlers import on_report_events
from tests.router.builders import NOON
from tests.router.several_reports import a_report_by, case_of, close, rows_of, work
from tests.waiting import until

pytestmark = pytest.mark.usefixtures("noon", "http")

_FINISHED = {"result": "已修复", "evidence_method": "photo", "evidence": 1}
_WAYS: dict[str, list[tuple[str, dict[str, Any]]]] = {
    "dispatched": [],
    "handling": [("sign", {"handler": "p-9"})],
    "checking": [("sign", {"handler": "p-9"}), ("finish", _FINISHED)],
    "feedback": [("sign", {"handler": "p-9"}), ("finish", _FINISHED), ("check_pass", {"evidence": 1})],
    "handling again": [
        ("sign", {"handler": "p-9"}),
        ("finish", _FINISHED),
        ("check_fail", {"reason": "未修好"}),
    ],
}


async def _first(router: Service, http: httpx.AsyncClient, state: str) -> UUID:
    report = a_report_by("anna", component_id="L1")
    await work(router, report)
    for command, data in _WAYS[state]:
        answer = await http.post(f"/v1/cases/{report.case_id}/commands/{command}", json={"data": data})
        assert answer.status_code == 200, answer.text
    assert (await case_of(router, report.case_id)).state == state.split()[0]
    return report.case_id


@pytest.mark.parametrize("reporter", ["anna", "bert"])
@pytest.mark.parametrize("state", _WAYS)
async def test_it_joins_a_case_until_that_is_handled(
    router: Service, http: httpx.AsyncClient, state: str, reporter: str
) -> None:
    first = await _first(router, http, state)
    again, later = a_report_by(reporter, component_id="L1"), a_report_by("carl", component_id="L1")
    await work(router, again, later)
    second, third = await case_of(router, again.case_id), await case_of(router, later.case_id)
    assert third.state is CaseState.MERGED
    if state.startswith(("checking", "feedback")):
        assert (second.state, second.recurrence_of, third.master) == ("dispatched", first, second.case_id)
        similar = (await http.get(f"/v1/cases/{second.case_id}/similar")).json()
        assert [each["case_id"] for each in similar["items"]] == [str(first)]
        assert (await case_of(router, first)).reminders == ()
    else:
        assert (second.state, second.master, third.master) == ("merged", first, first)


async def test_a_person_may_merge_it_all_the_same(router: Service, http: httpx.AsyncClient) -> None:
    first = await _first(router, http, "feedback")
    await work(router, again := a_report_by("bert", component_id="L1"))
    merge = {"data": {"master_case_id": str(first)}}
    answer = await http.post(f"/v1/cases/{again.case_id}/commands/merge", json=merge)
    assert (answer.status_code, answer.json()["state"]) == (200, "merged")


@pytest.mark.parametrize("ends", ["handled", "closed"])
async def test_what_is_handled_while_the_batch_waits_for_it_is_joined_by_nothing(
    router: Service, http: httpx.AsyncClient, ends: str
) -> None:
    first = await _first(router, http, "handling")
    again, later = a_report_by("bert", component_id="L1"), a_report_by("carl", component_id="L1")
    async with router.database.transaction() as connection:
        await connection.execute("select from cases where case_id = $1 for update", first)
        waiting = asyncio.create_task(work(router, again, later))
        await until(lambda: _waits_for_a_row(router))
        state = "feedback" if ends == "handled" else "closed"
        await connection.execute(
            "update cases set state = $2, body = body || jsonb_build_object('state', $2::text) where case_id = $1",
            first,
            state,
        )
    await waiting
    second, third = await case_of(router, again.case_id), await case_of(router, later.case_id)
    assert (second.state, second.recurrence_of) == (CaseState.DISPATCHED, first)
    assert (third.state, third.master) == (CaseState.MERGED, second.case_id)


async def _waits_for_a_row(router: Service) -> bool:
    return bool(
        await rows_of(router, "select from pg_locks where locktype = 'transactionid' and not granted")
    )


async def test_what_a_grid_worker_settled_in_the_same_batch_is_joined_by_nothing(router: Service) -> None:
    worker = Actor(role=Role.GRID_WORKER, unit="UD111", person="p-1")
    done = SettledOnSpot(result="已清理", evidence_method="photo", evidence=1)
    settled = a_report_by("anna", category="E01-01", component_id="B1", on_spot=done, by=worker)
    after = a_report_by("bert", category="E01-01", component_id="B1")
    async with router.database.transaction() as connection:
        await on_report_events(connection, [settled, after], router.app.state.rules)
    case = await case_of(router, after.case_id)
    assert (case.state, case.recurrence_of) == (CaseState.DISPATCHED, settled.case_id)


async def test_what_was_closed_comes_back_as_before(router: Service, http: httpx.AsyncClient) -> None:
    first = await _first(router, http, "feedback")
    await close(router, first, NOON)
    await work(router, again := a_report_by("bert", component_id="L1"))
    assert (await case_of(router, again.case_id)).recurrence_of == first
