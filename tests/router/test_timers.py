"""Timers on PostgreSQL: what is due happens once, on one replica, in one transaction, whatever came in between."""

import asyncio
from datetime import timedelta
from functools import partial
from time import monotonic
from typing import Any
from uuid import UUID

import httpx
import pytest
from prometheus_client import REGISTRY

from delivery.service import Service
from services.router.cases import timers
from services.router.cases.timers import run_timers, wake_due
from services.router.current_rules import CurrentRules
from services.router.handlers import on_reports
from services.router.workflow.case import Case
from tests.router.builders import NOON, a_report
from tests.router.conftest import Time
from tests.router.several_reports import case_of

pytestmark = pytest.mark.usefixtures("http")


async def _file(router: Service, current: CurrentRules, *reports: Any) -> list[UUID]:
    async with router.database.transaction() as connection:
        await on_reports(connection, list(reports), current)
    return [report.case_id for report in reports]


async def _types(router: Service, case_id: UUID) -> list[str]:
    async with router.database.connection() as connection:
        rows = await connection.fetch(
            "select type from case_events where case_id = $1 order by case_version", case_id
        )
    return [row["type"] for row in rows]


async def test_nothing_happens_before_its_time(router: Service, current: CurrentRules) -> None:
    await _file(router, current, a_report(category="P01-04"))
    assert await wake_due(router, current) == 0


async def test_what_is_due_happens_once_and_is_announced(
    router: Service, current: CurrentRules, time: Time
) -> None:
    (case_id,) = await _file(router, current, a_report(category="P01-04"))
    time.now = NOON + timedelta(hours=6)  # Monday 18:00: the sign limit, and half of contact
    assert await wake_due(router, current) == 1
    assert await wake_due(router, current) == 0
    assert (await _types(router, case_id))[3:] == ["case.supervised"] * 3
    async with router.database.connection() as connection:
        sent = await connection.fetchval(
            "select count(*) from outbox where 'cases.v1' = any(string_to_array(topic, ' ')) and key = $1",
            str(case_id).encode(),
        )
    assert sent == 6


async def test_what_is_rolled_back_is_counted_when_it_happens(
    router: Service, current: CurrentRules, time: Time, monkeypatch: pytest.MonkeyPatch
) -> None:
    await _file(router, current, a_report(category="P01-04"))
    time.now = NOON + timedelta(hours=6)
    rung = partial(REGISTRY.get_sample_value, "casegrid_alarm_delay_seconds_count")
    before = rung() or 0
    with monkeypatch.context() as at_first:
        at_first.setattr(timers, "update_cases", _gone)
        with pytest.raises(ConnectionResetError):
            await wake_due(router, current)
    assert await wake_due(router, current) == 1
    assert rung() == before + 3


async def _gone(*_: Any) -> None:
    raise ConnectionResetError("the database went away")


@pytest.mark.parametrize("ahead", [0.3, 0.6, 0.9])
async def test_the_loop_wakes_a_case_within_a_second_of_its_moment(
    router: Service, current: CurrentRules, monkeypatch: pytest.MonkeyPatch, ahead: float
) -> None:
    """Seconds are real here; only where they begin is injected."""
    (case_id,) = await _file(router, current, a_report(category="P01-04"))
    async with router.database.connection() as connection:
        due = await connection.fetchval("select wake_at from cases")
    began, origin = monotonic(), due - timedelta(seconds=ahead)
    monkeypatch.setattr(current, "_now", lambda: origin + timedelta(seconds=monotonic() - began))
    running = asyncio.create_task(run_timers(router, current))
    try:
        async with asyncio.timeout(20):
            while "case.supervised" not in await _types(router, case_id):
                await asyncio.sleep(0.02)
    finally:
        running.cancel()
    async with router.database.connection() as connection:
        woken = await connection.fetchval(
            "select occurred_at from case_events where type = 'case.supervised' and case_id = $1", case_id
        )
    assert timedelta(0) <= woken - due < timedelta(seconds=1)


async def test_at_stage_l2_the_lead_moves_and_the_new_unit_gets_its_order(
    router: Service, current: CurrentRules, time: Time
) -> None:
    (case_id,) = await _file(router, current, a_report(category="P01-04"))
    time.now = NOON + timedelta(days=1, hours=6)
    await wake_due(router, current)
    case = await case_of(router, case_id)
    assert (case.lead, case.tier, case.card) == ("UD1", "town", "red")
    async with router.database.connection() as connection:
        topics = await connection.fetch("select topic from outbox where key = $1", str(case_id).encode())
        lead = await connection.fetchval("select lead from cases where case_id = $1", case_id)
    assert "dispatch.town.v1" in " ".join(row["topic"] for row in topics)
    assert lead == "UD1"


async def test_two_replicas_share_the_work_and_none_is_done_twice(
    router: Service, current: CurrentRules, time: Time
) -> None:
    cases = await _file(router, current, *(a_report(category="P01-04") for _ in range(40)))
    time.now = NOON + timedelta(hours=6)
    done = await asyncio.gather(*(wake_due(router, current, 15) for _ in range(4)))
    assert sum(done) == len(cases)
    assert {len(await _types(router, case_id)) for case_id in cases} == {6}


async def test_a_command_and_the_timer_never_lose_each_others_work(
    router: Service, current: CurrentRules, time: Time, http: httpx.AsyncClient
) -> None:
    (case_id,) = await _file(router, current, a_report(category="P01-04"))
    time.now = NOON + timedelta(hours=6)
    answer, _ = await asyncio.gather(
        http.post(f"/v1/cases/{case_id}/commands/sign", json={}), wake_due(router, current)
    )
    await wake_due(router, current)
    assert answer.status_code == 200, answer.text
    types = await _types(router, case_id)
    assert types.count("case.signed") == 1
    assert (await case_of(router, case_id)).version == len(types)


async def test_an_alarm_that_the_rules_refuse_waits_and_stops_no_other(
    router: Service, current: CurrentRules, time: Time, monkeypatch: pytest.MonkeyPatch
) -> None:
    stuck, well = await _file(router, current, a_report(category="P01-04"), a_report(category="P01-04"))
    time.now = NOON + timedelta(hours=6)
    real = timers.perform

    def refuses(case: Case, *rest: Any) -> Any:
        if case.case_id == stuck:
            raise RuntimeError("a rule with a fault")
        return real(case, *rest)

    monkeypatch.setattr(timers, "perform", refuses)
    assert await wake_due(router, current) == 2
    assert (len(await _types(router, stuck)), len(await _types(router, well))) == (3, 6)
    assert await wake_due(router, current) == 0
    monkeypatch.undo()
    time.now += timedelta(hours=1)
    await wake_due(router, current)
    assert len(await _types(router, stuck)) == 6


async def test_a_due_case_is_found_by_its_index_whatever_rests(
    router: Service, current: CurrentRules
) -> None:
    async with router.database.connection() as connection:
        plan = await connection.fetch(
            """explain select body::text from cases where wake_at <= now() order by wake_at limit 200
               for no key update skip locked"""
        )
        await connection.execute("set enable_seqscan = off")
        forced = await connection.fetch(
            "explain select body::text from cases where wake_at <= now() order by wake_at limit 200"
        )
    assert plan
    assert "cases_to_wake" in "\n".join(row[0] for row in forced)


async def test_a_closed_case_is_archived_after_thirty_days_and_never_looked_at_again(
    router: Service, current: CurrentRules, time: Time, http: httpx.AsyncClient
) -> None:
    (case_id,) = await _file(router, current, a_report(category="V01-03"))
    for command, data in {
        "sign": {},
        "finish": {"result": "已转达", "evidence_method": "call"},
        "record_feedback": {},
        "close": {"town_acknowledged": True},
    }.items():
        answer = await http.post(f"/v1/cases/{case_id}/commands/{command}", json={"data": data})
        assert answer.status_code == 200, answer.text
    time.now = NOON + timedelta(days=30)
    await wake_due(router, current)
    assert (await case_of(router, case_id)).state == "archived"
    async with router.database.connection() as connection:
        assert await connection.fetchval("select wake_at from cases where case_id = $1", case_id) is None
