"""A gateway that is busy: how often it is asked, and that an order still comes again."""

from datetime import timedelta
from typing import Any

import pytest
from uuid_utils.compat import uuid7

from contracts.facts.case import CaseSigned
from contracts.vocabulary import Urgency
from delivery.channels.channel import Answer, Outcome
from delivery.database import Database
from delivery.pauses import PAUSES
from services.notifier.people import notices_store
from tests.notifier.case_facts import a_dispatch, an_event
from tests.notifier.people_told import DAY, AtATime, a_contact, heard, notices, sign_by

BUSY = Answer(Outcome.PASSING, 429, retry_after=0)
MEDIA = 3


async def test_a_gateway_that_asks_for_no_pause_is_not_met_by_all_attempts_at_once(
    database: Database,
) -> None:
    await a_contact(database, "LIGHTS", phone="13900001111")
    order = a_dispatch(co_handlers=(), copies=())
    await heard(database, an_event(order, urgency=Urgency.CRITICAL, recorded_at=DAY))
    clock = AtATime(database)
    clock.kept.plan = [BUSY] * 1000
    assert len(await clock.works()) == MEDIA
    for number, pause in enumerate(PAUSES[:4], start=2):
        assert len(await clock.after(seconds=pause)) == MEDIA
        assert {row["attempts"] for row in await notices(database)} == {number}
    clock.kept.plan = []
    assert len(await clock.after(seconds=PAUSES[4])) == MEDIA
    assert len(await clock.after(minutes=5)) == MEDIA, "the order comes again"


async def test_a_gateway_that_asks_for_an_hour_delays_no_repetition(database: Database) -> None:
    await a_contact(database, "LIGHTS", phone="13900001111")
    order = a_dispatch(co_handlers=(), copies=())
    await heard(database, an_event(order, urgency=Urgency.CRITICAL, recorded_at=DAY))
    clock = AtATime(database)
    clock.kept.plan = [Answer(Outcome.PASSING, 503, retry_after=3600)] * MEDIA
    assert len(await clock.works()) == MEDIA
    assert await clock.after(minutes=4) == []
    assert len(await clock.after(minutes=1)) == MEDIA


@pytest.mark.parametrize("minutes", [2, 12], ids=["before it came again", "after"])
async def test_whom_no_gateway_reached_before_another_signed_is_reached_after_it(
    database: Database, minutes: int
) -> None:
    for unit in ("LIGHTS", "TOWN-1"):
        await a_contact(database, unit, phone="13900001111")
    case = {"case_id": uuid7(), "urgency": Urgency.CRITICAL, "recorded_at": DAY}
    await heard(database, an_event(a_dispatch(co_handlers=()), **case))
    clock = AtATime(database)
    clock.kept.plan = [BUSY] * 1000
    for _ in range(minutes):
        await clock.after(minutes=1)
    await heard(database, an_event(CaseSigned(unit="LIGHTS", handler="p-1"), case_version=2, **case))
    await clock.after(minutes=20)
    clock.kept.plan = []
    sent = [address for day in range(3) for _, address in await clock.after(hours=day * 12)]
    assert sent.count("app-TOWN-1") == 1
    assert "app-LIGHTS" not in sent, "who signed knows it"
    assert {row["ended_at"] is None for row in await notices(database)} == {False}


async def _elevated(database: Database, *units: str) -> tuple[AtATime, dict[str, Any]]:
    """An order to sign within two hours, with a reminder after one, while no gateway takes anything."""
    for unit in units:
        await a_contact(database, unit)
    case = {"case_id": uuid7(), "urgency": Urgency.ELEVATED, "occurred_at": DAY, "recorded_at": DAY}
    order = a_dispatch(lead=units[0], co_handlers=units[1:], copies=())
    await heard(database, an_event(order, clocks=sign_by(DAY + timedelta(hours=2)), **case))
    clock = AtATime(database)
    clock.kept.plan = [BUSY] * 1000
    for _ in range(62):
        await clock.after(minutes=1)
    clock.kept.plan = []
    return clock, case


async def test_no_first_notice_comes_after_its_reminder(database: Database) -> None:
    clock, _ = await _elevated(database, "LIGHTS")
    assert [len(await clock.after(minutes=20)) for _ in range(12)].count(1) == 1
    assert [(row["number"], row["status"]) for row in await notices(database)] == [
        (1, "stopped"),
        (2, "delivered"),
    ]


@pytest.mark.parametrize("late", [False, True], ids=["before the reminder", "in place of the first"])
async def test_whom_neither_reached_before_another_signed_hears_once_of_it(
    database: Database, late: bool
) -> None:
    clock, case = await _elevated(database, "LIGHTS", "ROADS")
    if late:
        clock.kept.plan = [BUSY] * 1000
        await clock.after(hours=1)
        clock.kept.plan = []
    await heard(database, an_event(CaseSigned(unit="LIGHTS", handler="p-1"), case_version=2, **case))
    sent = [address for _ in range(24) for _, address in await clock.after(minutes=20)]
    assert sent.count("app-ROADS") == 1
    assert {row["ended_at"] is None for row in await notices(database)} == {False}


@pytest.mark.parametrize(
    ("status", "now", "due"),
    [
        ("delivered", 10, 300),
        ("delivered", 300, 600),
        ("expired", 10, 300),
        ("expired", 300, 300),
        ("expired", 400, 400),
    ],
)
def test_when_an_order_comes_again_by_table(status: str, now: int, due: int) -> None:
    row = {"status": status, "first_due_at": DAY, "every": timedelta(minutes=5)}
    assert notices_store._next_due(row, DAY + timedelta(seconds=now)) == DAY + timedelta(seconds=due)
