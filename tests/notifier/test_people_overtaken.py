"""A new order comes while the former one is on its way: the former lead hears no more of it."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from uuid_utils.compat import uuid7

from contracts.facts.case import CaseSigned, CaseUrgencyChanged, CaseVoided
from contracts.vocabulary import Urgency
from delivery.channels.channel import Answer, Outcome
from delivery.channels.postman import LEASE
from delivery.database import Database
from tests.notifier.case_facts import a_dispatch, an_event
from tests.notifier.people_told import DAY, AtATime, a_contact, heard, notices
from tests.notifier.rows import notices_in, somebody_waits
from tests.waiting import until

PASSING = Answer(Outcome.PASSING, 503)
TAKEN = Answer(Outcome.TAKEN, 200)


def an_order(lead: str) -> Any:
    return a_dispatch(lead=lead, co_handlers=(), copies=())


async def sending_while(database: Database, answer: Answer, *facts: Any) -> AtATime:
    """The first order goes out, the facts are heard, and only then is it recorded how that ended."""
    for unit in ("LIGHTS", "ROADS"):
        await a_contact(database, unit, phone="13900001111")
    case = {"case_id": uuid7(), "urgency": Urgency.URGENT, "recorded_at": DAY}
    await heard(database, an_event(an_order("LIGHTS"), **case))
    clock = AtATime(database)
    clock.kept.plan = [answer] * 2
    assert await clock.teller.turn(clock.kept) == 2
    for version, fact in enumerate(facts, start=2):
        await heard(database, an_event(fact, case_version=version, **case))
    await clock.teller.settle()
    clock.kept.sent()
    return clock


@pytest.mark.parametrize(("answer", "status"), [(PASSING, "stopped"), (TAKEN, "delivered")])
async def test_the_former_lead_is_not_called_again(database: Database, answer: Answer, status: str) -> None:
    clock = await sending_while(database, answer, an_order("ROADS"))
    former = [row for row in await notices(database) if row["unit"] == "LIGHTS"]
    assert [row["status"] for row in former] == [status] * 2
    for minutes in (0, 15, 15):
        sent = await clock.after(minutes=minutes)
        assert [address for medium, address in sent if medium == "app"] == ["app-ROADS"]
    told = [notice["data"] for notice in await notices_in(database) if notice["data"]["unit"] == "LIGHTS"]
    assert [notice["outcome"] for notice in told] == (["delivered"] * 2 if answer is TAKEN else [])


async def test_nor_is_the_lead_of_a_case_that_has_ended(database: Database) -> None:
    clock = await sending_while(database, PASSING, CaseVoided(reason="nobody there"))
    assert await clock.after(hours=1) == [("app", "app-LIGHTS")], "the news alone"


async def test_a_change_of_urgency_overtakes_only_what_it_tells_itself(database: Database) -> None:
    raised = CaseUrgencyChanged(before=Urgency.URGENT, reason="trapped")
    await sending_while(database, PASSING, raised)
    rows = [row for row in await notices(database) if row["unit"] == "LIGHTS"]
    assert [row["status"] for row in rows if row["event_type"] == "case.dispatched"] == ["stopped"] * 2


async def test_what_nobody_overtook_is_tried_again(database: Database) -> None:
    clock = await sending_while(database, PASSING)
    assert len(await clock.after(seconds=1)) == 2


async def test_what_a_sender_that_died_had_under_way_is_not_sent_after_a_newer_order(
    database: Database,
) -> None:
    died = await sending_while(database, TAKEN)
    await _dies_while_it_sends_again(died)
    (case,) = {row["case_id"] for row in await notices(database)}
    newer = {"case_id": case, "case_version": 2, "urgency": Urgency.URGENT, "recorded_at": died.now}
    await heard(database, an_event(an_order("ROADS"), **newer))
    other = AtATime(database, died.now + LEASE)
    assert {address for _, address in await other.works()} == {"13900001111", "app-ROADS"}
    former = [row for row in await notices(database) if row["unit"] == "LIGHTS"]
    assert [row["status"] for row in former] == ["delivered"] * 2 + ["stopped"] * 2


async def test_nor_after_a_signature(database: Database) -> None:
    died = await sending_while(database, TAKEN)
    await _dies_while_it_sends_again(died)
    (case,) = {row["case_id"] for row in await notices(database)}
    signed = CaseSigned(unit="LIGHTS", handler="p-1")
    await heard(database, an_event(signed, case_id=case, case_version=2, urgency=Urgency.URGENT))
    assert await AtATime(database, died.now + LEASE).works() == []
    assert [row["status"] for row in await notices(database) if row["number"] > 1] == ["stopped"] * 2


async def _dies_while_it_sends_again(clock: AtATime) -> None:
    """Sent, and not noted."""
    clock.now += timedelta(minutes=15)
    assert await clock.teller.turn(clock.kept) == 2
    await asyncio.sleep(0)


async def test_newer_orders_of_several_cases_and_their_notices_on_the_way_do_not_wait_in_a_circle(
    database: Database,
) -> None:
    await a_contact(database, "LIGHTS")
    cases = [uuid7() for _ in range(3)]
    orders = [{"case_id": case, "urgency": Urgency.ELEVATED, "recorded_at": DAY} for case in cases]
    clock = AtATime(database)
    for order in reversed(
        orders
    ):  # recorded in this order, the other way about than the newer ones are heard
        await heard(database, an_event(an_order("LIGHTS"), **order))
    assert await clock.teller.turn(clock.kept) == 3
    newer = [an_event(an_order("ROADS"), case_version=2, **order) for order in orders]
    async with database.transaction() as somebody:
        await somebody.execute("select from notices where case_id = $1 for update", cases[1])
        hearing = asyncio.create_task(heard(database, *newer))
        await until(lambda: _wait(database, 1))
        recording = asyncio.create_task(clock.teller.settle())
        await until(lambda: _wait(database, 2))
    await asyncio.gather(hearing, recording)
    former = [row["status"] for row in await notices(database) if row["unit"] == "LIGHTS"]
    assert former == ["delivered"] * 3


async def _wait(database: Database, count: int) -> bool:
    return len(await somebody_waits(database)) >= count
