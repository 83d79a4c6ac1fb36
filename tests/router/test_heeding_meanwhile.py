"""A warning that is stated in the very moment of a decision: either the decision sees it, or heeding sees its case."""

import asyncio
from datetime import timedelta

import httpx
import pytest

from contracts.envelope import ReportEnvelope
from contracts.facts.report import ReportedFacts, ReportSubmitted
from contracts.vocabulary import Vulnerability
from delivery.service import Service
from services.router.current_rules import CurrentRules
from services.router.handlers import on_report_events
from services.router.weather.heeding import heed_next
from tests.router.builders import NOON, a_report
from tests.router.several_reports import rows_of, urgency_of, work
from tests.router.waiting_for_decisions import done_or_waiting
from tests.waiting import until

VULNERABLE = ReportedFacts(
    vulnerable=Vulnerability.SOME
)  # 15 points; an orange warning brings 20, and 30 lift
LOCKS_WAITED_FOR = "select count(*) as waiting from pg_locks where not granted and locktype = $1"


def _leaking() -> ReportEnvelope[ReportSubmitted]:
    """Elevated, and sensitive to the weather."""
    return a_report(category="C01-04", text="雨水口堵塞", facts=VULNERABLE)


async def _state(http: httpx.AsyncClient) -> None:
    said = {"level": "orange", "kind": "暴雨", "to": (NOON + timedelta(hours=9)).isoformat()}
    answer = await http.post("/v1/weather-warnings", json=said)
    assert answer.status_code == 201, answer.text


async def _waited_for(router: Service, kind: str) -> bool:
    (row,) = await rows_of(router, LOCKS_WAITED_FOR, kind)
    return bool(row["waiting"])


async def _heed(router: Service, current: CurrentRules) -> "asyncio.Task[bool]":
    """Begun, and either done or waiting for somebody."""
    heeding = asyncio.create_task(heed_next(router, current))
    await done_or_waiting(router, heeding)
    return heeding


@pytest.fixture
def replica(router: Service, current: CurrentRules) -> CurrentRules:
    """Another one, with rules of its own in memory."""
    return CurrentRules(current._settings, current._now)


async def test_a_batch_that_did_not_see_the_warning_is_seen_by_heeding(
    router: Service, http: httpx.AsyncClient, current: CurrentRules, replica: CurrentRules
) -> None:
    report = _leaking()
    async with router.database.transaction() as batch:
        await on_report_events(batch, [report], current)
        await _state(http)
        heeding = await _heed(router, replica)
    assert await heeding
    assert await urgency_of(router, report.case_id) == "urgent"


async def test_a_batch_that_begins_while_heeding_waits_sees_the_warning(
    router: Service, http: httpx.AsyncClient, current: CurrentRules, replica: CurrentRules
) -> None:
    early, late = _leaking(), _leaking()
    async with router.database.transaction() as batch:
        await on_report_events(batch, [early], current)
        await _state(http)
        heeding = await _heed(router, replica)
        behind = asyncio.create_task(work(router, late))
    await asyncio.gather(heeding, behind)
    assert await urgency_of(router, late.case_id) == "urgent"


async def test_while_one_replica_is_frozen_in_a_decision_the_others_decide_on(
    router: Service, http: httpx.AsyncClient, current: CurrentRules, replica: CurrentRules
) -> None:
    early, late = _leaking(), _leaking()
    async with router.database.transaction() as frozen:
        await on_report_events(frozen, [early], current)
        await _state(http)
        heeding = await _heed(router, replica)
        async with asyncio.timeout(10):
            await work(router, late)
        assert not heeding.done(), "the frozen one is waited for all the same"
    assert await heeding
    assert [await urgency_of(router, report.case_id) for report in (early, late)] == ["urgent"] * 2


async def test_what_a_person_files_in_that_moment_is_heeded(
    router: Service, http: httpx.AsyncClient, current: CurrentRules, replica: CurrentRules
) -> None:
    await work(router, report := a_report(category="C01-04", facts=VULNERABLE, lon=None, lat=None))
    async with router.database.transaction() as somebody:
        await somebody.execute("select from cases where case_id = $1 for update", report.case_id)
        body = {"data": {"place": {"lon": 1.0, "lat": 1.0}}}
        accepting = asyncio.create_task(http.post(f"/v1/cases/{report.case_id}/commands/accept", json=body))
        await until(lambda: _waited_for(router, "transactionid"))
        await _state(http)
        heeding = await _heed(router, replica)
    answer, heeded = await asyncio.gather(accepting, heeding)
    assert (answer.status_code, heeded) == (200, True), answer.text
    assert await urgency_of(router, report.case_id) == "urgent"
