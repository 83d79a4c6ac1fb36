"""One report, all the way: from the front door to the agency's webhook, through the unit's hands, back to the score."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from deploy.local.observer import Seen, reading, receiving
from deploy.local.stack import Stack
from tests.journeys.counting import counted
from tests.journeys.reporting import Call, dispatched, submit
from tests.waiting import until

pytestmark = pytest.mark.usefixtures("district")

# what a report moves that is accepted, dispatched, told of, worked and closed
MOVED = {
    'casegrid_reports_accepted_total{channel="hotline"}',
    'casegrid_consumed_events_total{consumer="router",topic="reports.v1"}',
    'casegrid_cases_dispatched_total{tier="district",urgency="general"}',
    "casegrid_report_to_dispatch_seconds_count",
    'casegrid_commands_total{command="sign",outcome="done"}',
    'casegrid_deliveries_total{outcome="delivered"}',
    "casegrid_delivery_seconds_count",
    'casegrid_assignments_finished_total{outcome="in_time"}',
}


async def test_from_the_front_door_to_the_score(stack: Stack, call: Call) -> None:
    seen = Seen()
    before = await counted(stack)
    async with (
        reading(stack.servers.kafka_bootstrap, seen),
        receiving(stack.url("notifier"), stack.token("admin"), seen),
    ):
        receipt = await submit(call)
        case = await dispatched(call, receipt["case_id"])
        assert (case["tier"], case["lead"]) == ("district", "YQ-lighting")

        async def told() -> bool:
            return receipt["case_id"] in seen.notified and receipt["case_id"] in seen.dispatched

        await until(told)
    for command, role, data in [
        ("sign", "unit", {}),
        ("progress", "unit", {"note": "已到场", "contacted": True}),
        ("finish", "unit", {"result": "已修复", "evidence_method": "photo", "evidence": 1}),
        ("check_pass", "supervisor", {"evidence": 1}),
        ("record_feedback", "operator", {}),
        ("record_visit", "supervisor", {"contacted": True, "solved": True, "satisfaction": 5}),
        ("close", "supervisor", {"town_acknowledged": True}),
    ]:
        path = f"/v1/cases/{case['case_id']}/commands/{command}"
        status, answer = await call(role, "POST", "router", path, json={"data": data})
        assert status == 200, (command, answer)
    assert answer["state"] == "closed"
    await _resident_sees(call, receipt["receipt_no"])
    await _counts_as_in_time(call, "YQ-lighting")
    await _is_counted(stack, before)


async def _resident_sees(call: Call, receipt_no: str) -> None:
    async def closed() -> Any:
        _, status = await call(None, "GET", "intake", f"/v1/status/{receipt_no}")
        return status if status["step"] == "closed" else None

    status = await until(closed)
    steps = [step["step"] for step in status["history"]]
    assert steps == ["reported", "accepted", "dispatched", "handling", "feedback", "closed"]


async def _counts_as_in_time(call: Call, unit: str) -> None:
    now = datetime.now(UTC)
    period = {"from": (now - timedelta(hours=1)).isoformat(), "to": (now + timedelta(days=30)).isoformat()}

    async def counted() -> bool:
        _, told = await call(
            "supervisor", "GET", "assessment", "/v1/indicators", params=period | {"subject": unit}
        )
        return bool(told["in_time"] == 1 and told["in_time_rate"] == 1.0)

    await until(counted)


async def _is_counted(stack: Stack, before: dict[str, float]) -> None:
    async def moved() -> bool:
        now = await counted(stack)
        return all(now.get(series, 0) > before.get(series, 0) for series in MOVED)

    await until(moved)
