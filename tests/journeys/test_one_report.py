"""One report, all the way: from the front door to the agency's webhook, through the unit's hands, back to the score."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import asyncpg
import pytest
from aiokafka import AIOKafkaProducer

from contracts.topics import TOPICS
from delivery.dead_letters import letters, replay
from deploy.local.observer import Seen, reading, receiving
from deploy.local.stack import Stack
from tests.journeys.kafka_topics import read_topics
from tests.journeys.waiting import eventually

pytestmark = pytest.mark.usefixtures("district")
Call = Callable[..., Awaitable[tuple[int, Any]]]

PLANTED = {
    "phone": "13900001111",
    "name": "欧阳建国",
    "id": "330106199001011237",
    "address": "云溪路8号3单元502室",
}
PLACE = {"lon": 120.43, "lat": 30.22}


def _report(**more: Any) -> dict[str, Any]:
    return {"channel": "hotline", "text": "路灯不亮", "category": "C01-05", "place": PLACE} | more


async def _submit(call: Call, **more: Any) -> dict[str, Any]:
    status, receipt = await call("operator", "POST", "intake", "/v1/reports", json=_report(**more))
    assert status == 201, receipt
    return dict(receipt)


async def _dispatched(call: Call, case_id: str) -> Any:
    async def ask() -> Any:
        status, case = await call("unit", "GET", "router", f"/v1/cases/{case_id}")
        return case if status == 200 and case["state"] == "dispatched" else None

    return await eventually(ask)


async def test_from_the_front_door_to_the_score(stack: Stack, call: Call) -> None:
    seen = Seen()
    async with (
        reading(stack.servers.kafka_bootstrap, seen),
        receiving(stack.url("notifier"), stack.token("admin"), seen),
    ):
        receipt = await _submit(call)
        case = await _dispatched(call, receipt["case_id"])
        assert (case["tier"], case["lead"]) == ("district", "YQ-lighting")

        async def told() -> bool:
            return receipt["case_id"] in seen.notified and receipt["case_id"] in seen.dispatched

        await eventually(told)
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


async def _resident_sees(call: Call, receipt_no: str) -> None:
    async def closed() -> Any:
        _, status = await call(None, "GET", "intake", f"/v1/status/{receipt_no}")
        return status if status["step"] == "closed" else None

    status = await eventually(closed)
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

    await eventually(counted)


async def test_personal_data_reaches_no_topic_no_log_and_no_other_database(
    stack: Stack, call: Call, postgres_url: str, logs: Callable[[], bytes]
) -> None:
    text = f"我叫{PLANTED['name']}，电话{PLANTED['phone']}，证件{PLANTED['id']}"
    reporter = {"name": PLANTED["name"], "phone": PLANTED["phone"]}
    receipt = await _submit(call, text=text, reporter=reporter, place=PLACE | {"address": PLANTED["address"]})
    case = await _dispatched(call, receipt["case_id"])
    for command, data in [
        ("sign", {}),
        ("progress", {"note": f"已联系，电话{PLANTED['phone']}"}),
    ]:
        await call(
            "unit", "POST", "router", f"/v1/cases/{case['case_id']}/commands/{command}", json={"data": data}
        )
    said = logs() + b"".join(
        [await _database(f"{postgres_url}/casegrid_{name}") for name in ("router", "notifier", "assessment")]
    )
    records = await read_topics(stack.servers.kafka_bootstrap, *(topic.name for topic in TOPICS))
    said += b"".join((record.value or b"") + repr(record.headers).encode() for record in records)
    assert receipt["case_id"].encode() in said, "the places searched are the right ones"
    for kind, value in PLANTED.items():
        assert value.encode() not in said, kind


async def _database(url: str) -> bytes:
    """Everything that stands in a database, as text."""
    connection = await asyncpg.connect(url)
    try:
        tables = await connection.fetch("select tablename from pg_tables where schemaname = 'public'")
        rows = [await connection.fetch(f"select t::text from {table['tablename']} t") for table in tables]
        return "\n".join(row[0] for some in rows for row in some).encode()
    finally:
        await connection.close()


async def test_bad_records_are_kept_aside_and_can_be_brought_back(stack: Stack, call: Call) -> None:
    """The fault here is a broken record, mended by sending it whole: the router works it then, once."""
    kafka, marker = stack.servers.kafka_bootstrap, str(uuid4()).encode()
    producer = AIOKafkaProducer(bootstrap_servers=kafka)
    await producer.start()
    before = await _submit(call)
    for headers, value in [
        ([("ce_type", b"report.submitted"), ("x", marker)], b"{"),
        ([("ce_type", b"report.exploded"), ("x", marker)], b"{}"),
        ([("ce_type", b"\xff\xfe"), ("nothing", None), ("x", marker)], None),
    ]:
        await producer.send_and_wait("reports.v1", value, key=b"k", headers=headers)
    await producer.stop()
    after = await _submit(call)
    for receipt in (before, after):
        await _dispatched(call, receipt["case_id"])

    async def kept() -> Any:
        found = [letter for letter in await letters(kafka, "reports.v1") if ("x", marker) in letter.headers]
        return found if len(found) == 3 else None

    found = await eventually(kept)
    assert {letter.value for letter in found} == {b"{", b"{}", None, b""} - (
        {None} if found[2].value == b"" else {b""}
    )
    assert all(dict(letter.headers)["casegrid-dead-reason"] for letter in found)
    assert ("nothing", None) in found[2].headers
    assert await replay(kafka, "reports.v1", offsets={(found[1].partition, found[1].offset)}) == 1

    async def came_back() -> bool:
        return (
            len([letter for letter in await letters(kafka, "reports.v1") if ("x", marker) in letter.headers])
            == 4
        )

    await eventually(came_back)
