"""Promise 6: what a reporter says of himself stays in intake, wherever else his case is known."""

from collections.abc import Callable
from functools import partial

import asyncpg
import pytest
from aiokafka import ConsumerRecord

from contracts.topics import TOPICS
from deploy.local.stack import Stack
from tests.journeys.kafka_topics import read_topics
from tests.journeys.reporting import PLACE, Call, dispatched, submit
from tests.waiting import until

pytestmark = pytest.mark.usefixtures("district")

PLANTED = {
    "phone": "13900001111",
    "name": "欧阳建国",
    "id": "330106199001011237",
    "address": "云溪路8号3单元502室",
}
# where the case must be found, and the last that is said of it there
SAID = {
    "reports.v1": b"report.submitted",
    "cases.v1": b"case.handled",
    "dispatch.district.v1": b"case.dispatched",
    "notices.v1": b"notice.reporter_told",
}


async def test_personal_data_reaches_no_topic_no_log_and_no_other_database(
    stack: Stack, call: Call, postgres_url: str, logs: Callable[[], bytes]
) -> None:
    text = f"我叫{PLANTED['name']}，电话{PLANTED['phone']}，证件{PLANTED['id']}"
    reporter = {"name": PLANTED["name"], "phone": PLANTED["phone"]}
    receipt = await submit(call, text=text, reporter=reporter, place=PLACE | {"address": PLANTED["address"]})
    case_id = receipt["case_id"].encode()
    await dispatched(call, receipt["case_id"])
    for command, data in [
        ("sign", {}),
        ("progress", {"note": f"已联系，电话{PLANTED['phone']}"}),
        ("finish", {"result": f"已告知{PLANTED['phone']}", "evidence_method": "photo", "evidence": 1}),
    ]:
        path = f"/v1/cases/{receipt['case_id']}/commands/{command}"
        status, answer = await call("unit", "POST", "router", path, json={"data": data})
        assert status == 200, answer
    records = await until(partial(_records_once_all_is_said, stack.servers.kafka_bootstrap, case_id))
    (last,) = (record for record in records if _said(record) == ("cases.v1", case_id, b"case.handled"))
    said = b"".join((record.value or b"") + repr(record.headers).encode() for record in records)
    for name in ("router", "notifier", "assessment"):
        url = f"{postgres_url}/casegrid_{name}"
        said += await until(partial(_database_once_it_holds, url, case_id, dict(last.headers)["ce_id"]))
    written = logs()
    assert case_id in written, "the right logs"
    for kind, value in PLANTED.items():
        assert value.encode() not in said + written, kind


async def _records_once_all_is_said(kafka: str, case_id: bytes) -> list[ConsumerRecord] | None:
    """Everything on every topic, dead letters too, once what must be said of the case is."""
    records = await read_topics(kafka, *(name for topic in TOPICS for name in (topic.name, topic.dead)))
    said = {_said(record) for record in records}
    return records if all((topic, case_id, kind) in said for topic, kind in SAID.items()) else None


def _said(record: ConsumerRecord) -> tuple[str, bytes | None, bytes | None]:
    return record.topic, record.key, dict(record.headers).get("ce_type")


async def _database_once_it_holds(url: str, *needed: bytes) -> bytes | None:
    everything = await _database(url)
    return everything if all(each in everything for each in needed) else None


async def _database(url: str) -> bytes:
    """Everything that stands in a database, as text."""
    connection = await asyncpg.connect(url)
    try:
        tables = await connection.fetch("select tablename from pg_tables where schemaname = 'public'")
        rows = [await connection.fetch(f"select t::text from {table['tablename']} t") for table in tables]
        return "\n".join(row[0] for some in rows for row in some).encode()
    finally:
        await connection.close()
