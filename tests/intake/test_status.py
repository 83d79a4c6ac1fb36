"""What a resident is told: steps from events in whatever order, and receipts that cannot be guessed."""

from datetime import date
from functools import partial
from itertools import permutations
from typing import Any

import httpx
import pytest
from faststream.kafka import TestKafkaBroker
from hypothesis import given
from hypothesis import strategies as st
from prometheus_client import REGISTRY

from contracts.envelope import ClockChange
from contracts.events import FACTS, HOME, messages_of
from contracts.facts import case as facts
from contracts.facts.closing import CaseClosed
from contracts.topics import CASES
from delivery.service import Service
from services.intake.handlers import on_case_events
from services.intake.outward import STEP_AFTER, STEP_ZH
from services.intake.receipt import RANDOM_BYTES, read_receipt_no, receipt_no
from tests.intake.builders import BY_DAY, a_report
from tests.intake.case_facts import a_life, an_event


async def _submit(http: httpx.AsyncClient) -> dict[str, Any]:
    return dict((await http.post("/v1/reports", json=a_report())).json())


@pytest.mark.parametrize("order", list(permutations(range(3))))
async def test_events_in_any_order_tell_the_same(
    http: httpx.AsyncClient, intake: Service, order: Any
) -> None:
    report = await _submit(http)
    life = a_life(report["case_id"])
    for index in order:
        async with intake.database.transaction() as connection:
            await on_case_events(connection, [life[index]], timetable=BY_DAY)
    status = (await http.get(report["links"]["status"], headers={"Authorization": ""})).json()
    assert [step["step"] for step in status["history"]] == ["reported", "accepted", "dispatched", "handling"]
    assert (status["step"], status["step_zh"]) == ("handling", "处置")
    assert status["expected_by"] == "2026-11-24T04:00:00Z"


@pytest.mark.parametrize("end", [CaseClosed(), facts.CaseVoided(reason="test", asked_by="p-2")], ids=str)
async def test_nothing_is_expected_of_what_has_ended(
    http: httpx.AsyncClient, intake: Service, end: Any
) -> None:
    report = await _submit(http)
    stopped = {"clocks": (ClockChange(name="handle", action="stop"),)}
    ended = an_event(report["case_id"], 4, end).model_copy(update=stopped)
    async with intake.database.transaction() as connection:
        await on_case_events(connection, [*a_life(report["case_id"]), ended], timetable=BY_DAY)
    status = (await http.get(report["links"]["status"])).json()
    assert (status["step"], status["expected_by"]) == ("closed", None)


async def test_second_delivery_changes_nothing(http: httpx.AsyncClient, intake: Service) -> None:
    report = await _submit(http)
    message = messages_of("router", a_life(report["case_id"])[0])[0]
    labels = {"consumer": "intake", "topic": CASES.name}
    worked = partial(REGISTRY.get_sample_value, "casegrid_consumed_events_total", labels)
    before = worked() or 0
    async with TestKafkaBroker(intake.broker) as broker:
        for _ in range(2):
            headers = {name: (value or b"").decode() for name, value in message.headers}
            topic = intake.settings.namespace + CASES.name
            await broker.publish(message.value, topic, key=message.key, headers=headers)
    async with intake.database.connection() as connection:
        assert await connection.fetchval("select count(*) from case_progress") == 1
        assert await connection.fetchval("select count(*) from outbox where topic = $1", CASES.dead) == 0
    assert worked() == before + 1


async def test_a_new_report_is_reported_and_nothing_personal_is_shown(http: httpx.AsyncClient) -> None:
    report = await _submit(http)
    status = await http.get(report["links"]["status"])
    assert set(status.json()) == {"receipt_no", "step", "step_zh", "reason", "history", "expected_by"}
    assert status.json()["step"] == "reported"


@pytest.mark.parametrize("receipt", ["20261123-AAAAAAAAA0", "nonsense", "%00", "2026112-AAAAAAAAAA"])
async def test_unknown_receipts_are_not_found(receipt: str, http: httpx.AsyncClient) -> None:
    assert (await http.get(f"/v1/status/{receipt}")).status_code == 404


def test_every_step_has_its_chinese_word_and_every_type_exists() -> None:
    assert set(STEP_AFTER.values()) <= set(STEP_ZH)
    assert set(STEP_AFTER) <= set(FACTS)
    assert {HOME[name] for name in STEP_AFTER} == {CASES}


_receipts = st.builds(
    receipt_no,
    st.dates(date(2020, 1, 1), date(2099, 1, 1)),
    st.binary(min_size=RANDOM_BYTES, max_size=RANDOM_BYTES),
)


@given(_receipts)
def test_a_receipt_is_read_back_however_it_is_typed(receipt: str) -> None:
    assert read_receipt_no(f" {receipt.lower()} ".replace("0", "o").replace("1", "i")) == receipt


@given(_receipts, st.integers(0, 18), st.sampled_from("23456789ABCDEFGH"))
def test_one_wrong_character_shows(receipt: str, place: int, wrong: str) -> None:
    if place == 8 or receipt[place] == wrong:
        return
    assert read_receipt_no(receipt[:place] + wrong + receipt[place + 1 :]) != receipt
    if place < 18:
        assert read_receipt_no(receipt[:place] + wrong + receipt[place + 1 :]) is None
