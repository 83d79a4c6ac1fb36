"""A report that joins a case whose result is being told: nobody closes that case before its reporter was told too."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest

from contracts.envelope import Actor
from contracts.facts.report import SettledOnSpot
from contracts.vocabulary import CaseState, Clock, Role
from delivery.service import Service
from services.router.cases.timers import wake_due
from services.router.current_rules import CurrentRules
from services.router.workflow.case import Case
from tests.router.builders import NOON
from tests.router.conftest import Time
from tests.router.playing import SAMPLED_OUT, _numbered
from tests.router.several_reports import a_report_by, case_of, merge, rows_of, work

pytestmark = pytest.mark.usefixtures("http")

WORKER = Actor(role=Role.GRID_WORKER, unit="UD111", person="p-1")
DONE = SettledOnSpot(result="已清理", evidence_method="photo", evidence=1)


async def _settled_and_told(router: Service, http: httpx.AsyncClient) -> UUID:
    """On the spot, unchecked, its reporter told: an hour later it closes by itself."""
    settled = a_report_by(
        "anna",
        category="E01-01",
        component_id="B1",
        on_spot=DONE,
        by=WORKER,
        case_id=_numbered(SAMPLED_OUT),
    )
    await work(router, settled)
    await _tell(http, settled.case_id)
    return settled.case_id


async def _tell(http: httpx.AsyncClient, case_id: UUID, **data: Any) -> None:
    answer = await http.post(f"/v1/cases/{case_id}/commands/record_feedback", json={"data": data})
    assert answer.status_code == 200, answer.text


async def _joined(router: Service, http: httpx.AsyncClient, master: UUID) -> UUID:
    """The report that another person made of it, merged by a dispatcher."""
    joined = a_report_by("bert", category="E01-01", lat=1.2)
    await work(router, joined)
    await merge(http, joined.case_id, master)
    report_id: UUID = joined.data.report_id
    return report_id


async def _at(router: Service, current: CurrentRules, time: Time, case_id: UUID, **later: float) -> Case:
    """What has become of it by then."""
    time.now = NOON + timedelta(**later)
    while await wake_due(router, current):
        pass
    return await case_of(router, case_id)


async def test_who_joins_late_is_told_before_the_case_closes_by_itself(
    router: Service, current: CurrentRules, time: Time, http: httpx.AsyncClient
) -> None:
    case_id = await _settled_and_told(router, http)
    time.now = NOON + timedelta(minutes=20)
    report_id = await _joined(router, http, case_id)
    case = await _at(router, current, time, case_id, hours=3)
    assert case.state is CaseState.FEEDBACK
    assert case.clocks[Clock.FEEDBACK].since == NOON + timedelta(minutes=20), "somebody is due"
    await _tell(http, case_id, report_id=str(report_id))
    case = await _at(router, current, time, case_id, hours=5)
    assert (case.state, set(case.told)) == (CaseState.CLOSED, {case.report_id, report_id})


async def test_without_another_reporter_it_closes_by_itself(
    router: Service, current: CurrentRules, time: Time, http: httpx.AsyncClient
) -> None:
    case_id = await _settled_and_told(router, http)
    assert (await _at(router, current, time, case_id, hours=3)).state is CaseState.CLOSED


async def test_the_timer_closes_nothing_that_a_person_may_not_close(
    router: Service, current: CurrentRules, time: Time, http: httpx.AsyncClient
) -> None:
    """A case as it was kept before anybody was made due again."""
    case_id = await _settled_and_told(router, http)
    await _joined(router, http, case_id)
    await rows_of(router, "update cases set body = body #- '{clocks,feedback}', wake_at = $1", NOON)
    assert (await _at(router, current, time, case_id, hours=3)).state is CaseState.FEEDBACK
