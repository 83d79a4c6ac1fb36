"""Reports become cases: rows, history, clocks and announcements in one transaction, once."""

import re
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import asyncpg
import httpx
import orjson
import pytest
from faststream.kafka import TestKafkaBroker
from prometheus_client import REGISTRY
from structlog.testing import capture_logs

from contracts.envelope import Actor
from contracts.events import messages_of
from contracts.facts.report import SettledOnSpot
from contracts.topics import REPORTS
from contracts.vocabulary import CaseState, Role
from delivery.service import Service
from services.router.app import create_service
from services.router.cases import store
from services.router.settings import Settings
from services.router.workflow.alarms import next_alarm
from tests.router.builders import NOON, a_report
from tests.router.several_reports import work
from tests.taken_apart import taken_apart

pytestmark = pytest.mark.usefixtures("http")


async def _count(router: Service, table: str) -> int:
    async with router.database.connection() as connection:
        return int(await connection.fetchval(f"select count(*) from {table}"))


async def test_a_batch_of_reports_is_filed_and_dispatched(router: Service) -> None:
    reports = [a_report(), a_report(category="E01-01", lon=3, lat=3), a_report(lon=None, lat=None)]
    await work(router, *reports)
    async with router.database.connection() as connection:
        cases = [await store.find_case(connection, report.case_id) for report in reports]
        wakes = await connection.fetch("select case_id, wake_at from cases")
        rules = await router.app.state.rules.get(connection)
    assert [case.state for case in cases] == [CaseState.DISPATCHED, CaseState.DISPATCHED, CaseState.REPORTED]
    assert [case.grid for case in cases] == ["D111", "D122", None]
    assert {row["case_id"]: row["wake_at"] for row in wakes} == {
        case.case_id: next_alarm(case, rules).at for case in cases
    }
    assert await _count(router, "case_events") == 6


async def test_what_became_of_a_report_is_logged_with_the_event_that_caused_it(router: Service) -> None:
    reports = [a_report(), a_report(lon=None, lat=None)]
    with capture_logs() as lines:
        await work(router, *reports)
    assert [(line["event"], line["case_id"], line["event_id"]) for line in lines] == [
        ("case dispatched", reports[0].case_id, reports[0].event_id),
        ("case waits at the intake desk", reports[1].case_id, reports[1].event_id),
    ]


_SETTLED = SettledOnSpot(result="已清理", evidence_method="photo", evidence=1)


async def test_what_a_grid_worker_has_settled_is_registered_in_the_same_step(
    router: Service, http: httpx.AsyncClient
) -> None:
    worker = Actor(role=Role.GRID_WORKER, unit="UD111", person="p-1")
    report = a_report(category="E01-01", on_spot=_SETTLED, by=worker)
    await work(router, report)
    items = (await http.get(f"/v1/cases/{report.case_id}/history")).json()["items"]
    assert [item["type"] for item in items][:3] == ["case.accepted", "case.filed", "case.handled"]
    assert [item["actor"]["role"] for item in items][:3] == ["grid_worker", "system", "grid_worker"]
    case = (await http.get(f"/v1/cases/{report.case_id}")).json()
    assert case["first_responsible"] == case["lead"] == "UD111"


@pytest.mark.parametrize(
    ("category", "unit"), [("E01-01", "UD112"), ("C01-05", "UD111"), ("C01-06", "UD111")]
)
async def test_what_may_not_be_settled_on_the_spot_goes_the_ordinary_way(
    router: Service, http: httpx.AsyncClient, category: str, unit: str
) -> None:
    worker = Actor(role=Role.GRID_WORKER, unit=unit, person="p-1")
    report = a_report(category=category, on_spot=_SETTLED, by=worker)
    await work(router, report)
    assert (await http.get(f"/v1/cases/{report.case_id}")).json()["state"] == "dispatched"


async def test_what_nobody_may_lead_waits_at_the_desk_and_is_not_lost(
    router: Service, http: httpx.AsyncClient
) -> None:
    async with router.database.transaction() as connection:
        await connection.execute("delete from units")
        await connection.execute("insert into directory_versions (imported_by) values ('test')")
    report = a_report()
    await work(router, report)
    case = (await http.get(f"/v1/cases/{report.case_id}")).json()
    assert (case["state"], list(case["limits"])) == ("reported", ["accept"])


def test_no_statement_changes_or_removes_history() -> None:
    """I2: a case's events are only ever added."""
    change = re.compile(r"(?:update|delete\s+from|truncate(?:\s+table)?)\s+case_events\b", re.IGNORECASE)
    router = Path(__file__).parents[2] / "services/router"
    assert [path.name for path in router.rglob("*.py") if change.search(path.read_text("utf-8"))] == []


async def test_the_history_holds_what_was_published(router: Service, http: httpx.AsyncClient) -> None:
    report = a_report()
    await work(router, report)
    items = (await http.get(f"/v1/cases/{report.case_id}/history")).json()["items"]
    assert [item["type"] for item in items] == ["case.accepted", "case.filed", "case.dispatched"]
    assert [item["case_version"] for item in items] == [1, 2, 3]
    assert {item["causation_id"] for item in items} == {str(report.event_id)}
    assert {item["correlation_id"] for item in items} == {str(report.correlation_id)}


async def test_the_dispatch_goes_to_the_topic_of_the_tier_with_the_same_id(
    router: Service,
) -> None:
    await work(router, a_report(category="E01-01"))
    async with router.database.connection() as connection:
        rows = await connection.fetch(
            "select topic, value from outbox where topic <> 'directory.v1' order by id"
        )
    by_topic: dict[str, list[dict[str, Any]]] = {}
    for row in rows:
        for topic in row["topic"].split():
            by_topic.setdefault(topic, []).append(orjson.loads(row["value"]))
    assert set(by_topic) == {"cases.v1", "dispatch.grid.v1"}
    assert by_topic["dispatch.grid.v1"][0]["event_id"] == by_topic["cases.v1"][-1]["event_id"]


async def test_second_delivery_changes_nothing(router: Service) -> None:
    message = messages_of("intake", a_report())[0]
    async with TestKafkaBroker(router.broker, connect_only=False) as broker:
        for _ in range(2):
            await broker.publish(
                message.value,
                router.settings.namespace + REPORTS.name,
                key=message.key,
                headers={name: (value or b"").decode() for name, value in message.headers},
            )
    assert (await _count(router, "cases"), await _count(router, "case_events")) == (1, 3)
    async with router.database.connection() as connection:
        letters = await connection.fetch("select topic from outbox where topic like '%.dead'")
    assert letters == [], "known again, not given up on"


async def test_an_unsound_case_leaves_nothing_of_its_batch(router: Service) -> None:
    report = a_report()
    await work(router, report)
    with pytest.raises(asyncpg.UniqueViolationError):
        await work(router, a_report(), report)
    assert await _count(router, "cases") == 1


def test_the_service_is_built_from_its_settings_alone() -> None:
    service = create_service(Settings(kafka="127.0.0.1:1", postgres="postgresql://nowhere"))
    assert {"/v1/cases", "/v1/cases/{case_id}/commands/{command}"} <= service.app.openapi()["paths"].keys()


async def test_what_becomes_of_reports_in_a_batch_that_is_taken_apart_is_told_once(router: Service) -> None:
    dispatched = partial(REGISTRY.get_sample_value, "casegrid_report_to_dispatch_seconds_count")
    reports = [a_report(), a_report(lon=None, lat=None), a_report(category="E01-01", lon=3, lat=3)]
    before = dispatched() or 0
    consumer = next(each for each in router.consumers if each.topic == REPORTS)
    with capture_logs() as lines:
        await taken_apart(consumer, *reports)
    told = [line["event"] for line in lines if line["log_level"] == "info"]
    assert told == ["case dispatched", "case waits at the intake desk", "case dispatched"]
    assert dispatched() == before + 2


async def test_cases_are_counted_as_the_ledger_asks(router: Service) -> None:
    reports = [a_report(at=NOON + timedelta(minutes=minute)) for minute in (-1, 0, 59, 60)]
    await work(router, *reports)
    async with router.database.connection() as connection:
        assert await store.count_cases(connection, NOON, NOON + timedelta(hours=1)) == 2


async def test_no_wait_is_negative_when_the_clock_of_intake_is_ahead(router: Service) -> None:
    """A histogram's sum never falls: what reads it would take that for a restart."""

    def waited() -> float:
        return REGISTRY.get_sample_value("casegrid_report_to_dispatch_seconds_sum") or 0.0

    before, tomorrow = waited(), datetime.now(UTC) + timedelta(days=1)
    await work(router, a_report(at=tomorrow), a_report(lon=None, lat=None, at=tomorrow))
    assert waited() >= before
    async with router.database.connection() as connection:
        assert await store.oldest_undispatched(connection) == 0
