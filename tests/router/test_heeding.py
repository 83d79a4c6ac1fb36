"""A warning that begins makes open cases more urgent where the weather tips the scales, once, and nothing else."""

import asyncio
from datetime import datetime, timedelta
from typing import Any

import httpx
import pytest

from contracts.facts.report import ReportedFacts
from contracts.vocabulary import Urgency, Vulnerability
from delivery.service import Service
from services.router.cases import store
from services.router.weather.heeding import heed_next
from tests.router.builders import NOON, a_report
from tests.router.several_reports import close, rows_of, urgency_of, work

HOUR = timedelta(hours=1)
VULNERABLE = ReportedFacts(
    vulnerable=Vulnerability.SOME
)  # 15 points; an orange warning brings 20, and 30 lift


@pytest.fixture
def clock(router: Service, monkeypatch: pytest.MonkeyPatch) -> list[datetime]:
    """The router's time is its last item."""
    times = [NOON]
    monkeypatch.setattr(router.app.state.rules, "_now", lambda: times[-1])
    return times


async def _state(http: httpx.AsyncClient, **change: Any) -> None:
    said = {"level": "orange", "kind": "暴雨", "from": NOON.isoformat(), "to": (NOON + 9 * HOUR).isoformat()}
    answer = await http.post("/v1/weather-warnings", json=said | change)
    assert answer.status_code == 201, answer.text


async def _heed(router: Service) -> int:
    """How many warnings there were to heed."""
    count = 0
    while await heed_next(router, router.app.state.rules):
        count += 1
    return count


def _leaking(lat: float = 1.0, **more: Any) -> Any:
    """General, and sensitive to the weather."""
    return a_report(**{"category": "C01-04", "text": "雨水口堵塞", "facts": VULNERABLE, "lat": lat} | more)


async def test_what_the_weather_tips_is_raised_and_says_why(
    router: Service, http: httpx.AsyncClient, clock: list[datetime]
) -> None:
    tipped, far, calm, dry, rested = (
        _leaking(),
        _leaking(lon=3.0),
        _leaking(1.3, facts=ReportedFacts()),
        _leaking(1.5, category="E01-01"),
        _leaking(1.8),
    )
    await work(router, tipped, far, calm, dry, rested)
    await close(router, rested.case_id, NOON)
    before = {
        each.case_id: await urgency_of(router, each.case_id) for each in (tipped, far, calm, dry, rested)
    }
    await _state(http, areas=["D11"])
    assert await _heed(router) == 1
    after = {case_id: await urgency_of(router, case_id) for case_id in before}
    assert {case_id for case_id in before if after[case_id] != before[case_id]} == {tipped.case_id}
    assert Urgency(after[tipped.case_id]).level == Urgency(before[tipped.case_id]).level + 1
    last = (await http.get(f"/v1/cases/{tipped.case_id}/history")).json()["items"][-1]
    assert (last["type"], last["actor"]["role"]) == ("case.urgency_changed", "system")
    assert {reason["rule"]: reason["points"] for reason in last["data"]["reasons"]} == {
        "S1": 15,
        "S5": 20,
        "points": 35,
    }


async def test_a_warning_is_heeded_once_and_when_it_begins(
    router: Service, http: httpx.AsyncClient, clock: list[datetime]
) -> None:
    await work(router, report := _leaking())
    before = await urgency_of(router, report.case_id)
    await _state(http, **{"from": (NOON + HOUR).isoformat()})
    assert await _heed(router) == 0
    clock.append(NOON + HOUR)
    assert await _heed(router) == 1
    assert await _heed(router) == 0
    assert await urgency_of(router, report.case_id) != before
    await _state(http, kind="大风")
    assert await _heed(router) == 1
    (row,) = await rows_of(router, "select count(*) from case_events where type = 'case.urgency_changed'")
    assert row["count"] == 1


async def test_what_a_replica_with_a_slow_clock_files_meanwhile_is_raised_too(
    router: Service, http: httpx.AsyncClient, clock: list[datetime]
) -> None:
    """By its clock the warning had not begun; another replica had heeded it already."""
    await _state(http)
    assert await _heed(router) == 1
    clock.append(NOON - timedelta(minutes=2))
    await work(router, report := _leaking())
    before = await urgency_of(router, report.case_id)
    clock.append(NOON + timedelta(minutes=6))
    assert await _heed(router) == 1
    assert Urgency(await urgency_of(router, report.case_id)).level == Urgency(before).level + 1
    assert await _heed(router) == 0


async def test_a_warning_that_is_over_is_heeded_no_more(
    router: Service, http: httpx.AsyncClient, clock: list[datetime]
) -> None:
    await work(router, _leaking())
    await _state(http)
    clock.append(NOON + 9 * HOUR)
    assert await _heed(router) == 0


async def test_two_replicas_raise_each_case_once(
    router: Service, http: httpx.AsyncClient, clock: list[datetime]
) -> None:
    reports = [_leaking(0.1 + 0.15 * number, lon=0.1 + 0.15 * number) for number in range(12)]
    await work(router, *reports)
    await _state(http)
    await asyncio.gather(*(heed_next(router, router.app.state.rules) for _ in range(3)))
    (row,) = await rows_of(router, "select count(*) from case_events where type = 'case.urgency_changed'")
    assert row["count"] == len(reports)


async def test_what_is_closed_is_not_looked_at(router: Service, clock: list[datetime]) -> None:
    """However many rest: the cases are found by an index of what is open."""
    async with router.database.connection() as connection:
        seen: list[str] = []
        connection.add_query_logger(lambda record: seen.append(record.query))
        await store.open_under(connection, ["D11"], ["C01-04"], Urgency.URGENT)
        await asyncio.sleep(0)  # the logger is told in its turn
        (query,) = seen
        plan = await connection.fetch(
            "explain " + query.replace("$1", "'{D11}'").replace("$2", "'{C01-04}'").replace("$3", "2::int")
        )
    assert "_open_" in " ".join(row[0] for row in plan)
