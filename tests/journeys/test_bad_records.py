"""Promise 4: one bad record blocks nobody, and what was put aside is worked once its fault is mended."""

from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from uuid import uuid4

import asyncpg
import pytest
from aiokafka import AIOKafkaProducer, ConsumerRecord

from delivery.dead_letters import letters, replay
from deploy.local.stack import Stack
from tests.journeys.counting import counted
from tests.journeys.kafka_topics import read_topics
from tests.journeys.reporting import Call, dispatched, submit
from tests.waiting import until

pytestmark = pytest.mark.usefixtures("district")

DEAD = 'casegrid_dead_letters_total{consumer="router",topic="reports.v1"}'
UNWORKABLE = "路灯不亮，灯杆上有马蜂窝"


async def test_bad_records_are_kept_aside_and_block_nobody(stack: Stack, call: Call) -> None:
    """Nobody can mend these: one that is brought back is put aside again."""
    kafka, marker = stack.servers.kafka_bootstrap, ("x", str(uuid4()).encode())
    counted_before = await counted(stack)
    before = await submit(call)
    await _send(
        kafka,
        ([("ce_type", b"report.submitted"), marker], b"{"),
        ([("ce_type", b"report.exploded"), marker], b"{}"),
        ([("ce_type", b"\xff\xfe"), ("nothing", None), marker], None),
    )
    after = await submit(call)
    for receipt in (before, after):
        await dispatched(call, receipt["case_id"])

    async def kept(number: int) -> list[ConsumerRecord] | None:
        found = [letter for letter in await letters(kafka, "reports.v1") if marker in letter.headers]
        return found if len(found) == number else None

    found = await until(partial(kept, 3))
    assert [letter.value or b"" for letter in found] == [b"{", b"{}", b""]
    assert all(dict(letter.headers)["casegrid-dead-reason"] for letter in found)
    assert ("nothing", None) in found[2].headers
    assert await replay(kafka, "reports.v1", offsets={_place(found[1])}) == 1
    await until(partial(kept, 4))
    assert (await counted(stack))[DEAD] == counted_before[DEAD] + 4


async def test_what_a_fault_put_aside_is_worked_once_when_it_is_mended(
    stack: Stack, call: Call, postgres_url: str
) -> None:
    kafka = stack.servers.kafka_bootstrap
    async with _a_wrong_constraint(f"{postgres_url}/casegrid_router"):
        receipt = await submit(call, text=UNWORKABLE)
        case_id = receipt["case_id"].encode()
        (letter,) = await until(partial(_letters_of, kafka, case_id))
        assert b"CheckViolationError" in dict(letter.headers)["casegrid-dead-reason"]
        assert await _said_of(kafka, case_id) == {}
    for _ in range(2):
        assert await replay(kafka, "reports.v1", offsets={_place(letter)}) == 1
    await dispatched(call, receipt["case_id"])
    path = f"/v1/reports/{receipt['report_id']}/reminders"
    status, answer = await call("operator", "POST", "intake", path, json={})
    assert status == 201, answer

    async def reminded() -> Counter[str] | None:  # behind both copies, on the same partition
        said = await _said_of(kafka, case_id)
        return said if said["case.reminded"] else None

    said = await until(reminded)
    assert (said["case.accepted"], said["case.filed"], said["case.dispatched"]) == (1, 1, 1)
    assert len(await _letters_of(kafka, case_id)) == 1


@asynccontextmanager
async def _a_wrong_constraint(router: str) -> AsyncIterator[None]:
    """A fault that somebody can mend: the database refuses one text, as long as this lasts."""
    connection = await asyncpg.connect(router)
    refused = f"body ->> 'text' = '{UNWORKABLE}'"
    await connection.execute(f"alter table cases add constraint wrong check (not {refused}) not valid")
    try:
        yield
    finally:
        await connection.execute("alter table cases drop constraint wrong")
        await connection.close()


async def _send(kafka: str, *records: tuple[list[tuple[str, bytes | None]], bytes | None]) -> None:
    producer = AIOKafkaProducer(bootstrap_servers=kafka)
    await producer.start()
    try:
        for headers, value in records:
            await producer.send_and_wait("reports.v1", value, key=b"k", headers=headers)
    finally:
        await producer.stop()


async def _letters_of(kafka: str, case_id: bytes) -> list[ConsumerRecord]:
    return [letter for letter in await letters(kafka, "reports.v1") if letter.key == case_id]


def _place(letter: ConsumerRecord) -> tuple[int, int]:
    return letter.partition, letter.offset


async def _said_of(kafka: str, case_id: bytes) -> Counter[str]:
    """How often each fact of the case was stated."""
    records = await read_topics(kafka, "cases.v1")
    return Counter(dict(record.headers)["ce_type"].decode() for record in records if record.key == case_id)
