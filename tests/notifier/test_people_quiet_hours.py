"""What waits for the end of quiet hours waits also when it was due before: after a failure, and after an outage."""

from datetime import time, timedelta
from typing import Any

import pytest
from uuid_utils.compat import uuid7

from contracts.facts.case import CaseReminded
from contracts.facts.closing import CaseClosed
from contracts.vocabulary import Urgency
from delivery.channels.channel import Answer, Outcome
from delivery.database import Database
from tests.notifier.case_facts import a_dispatch, an_event
from tests.notifier.people_told import DAY, AtATime, a_contact, heard, notices

EVENING = DAY.replace(hour=21, minute=30)
LATE = DAY.replace(hour=23)
MORNING = DAY.replace(hour=6) + timedelta(days=1)
PASSING = Answer(Outcome.PASSING, 503)


async def an_order(database: Database, urgency: Urgency, at: Any = EVENING, **contact: Any) -> AtATime:
    await a_contact(database, "LIGHTS", **contact)
    await heard(database, an_event(a_dispatch(co_handlers=(), copies=()), urgency=urgency, recorded_at=at))
    return AtATime(database, at)


async def fails_until(clock: AtATime, end: Any) -> None:
    clock.kept.plan = [PASSING] * 50
    while clock.now < end:
        await clock.after(minutes=4)
    clock.kept.plan = []


@pytest.mark.parametrize("urgency", [Urgency.GENERAL, Urgency.ELEVATED])
async def test_what_fails_in_the_evening_is_tried_again_in_the_morning(
    database: Database, urgency: Urgency
) -> None:
    clock = await an_order(database, urgency)
    await fails_until(clock, DAY.replace(hour=22))
    while clock.now < MORNING - timedelta(minutes=30):
        assert await clock.after(minutes=30) == []
    (row,) = await notices(database)
    assert (row["status"], row["due_at"]) == ("temporary-failure", MORNING)
    clock.now = MORNING
    assert await clock.works() == [("app", "app-LIGHTS")]


async def test_what_is_urgent_is_tried_again_at_once(database: Database) -> None:
    clock = await an_order(database, Urgency.URGENT, LATE)
    clock.kept.plan = [PASSING]
    assert len(await clock.works()) == 1
    assert await clock.after(seconds=1) == [("app", "app-LIGHTS")]


async def test_what_a_service_that_was_away_finds_at_night_waits(database: Database) -> None:
    clock = await an_order(database, Urgency.ELEVATED)
    clock.now = LATE
    assert await clock.works() == []
    (row,) = await notices(database)
    assert (row["status"], row["attempts"], row["due_at"]) == ("waiting", 0, MORNING)
    clock.now = MORNING
    assert await clock.works() == [("app", "app-LIGHTS")]


async def test_so_does_a_digest_and_stays_whole(database: Database) -> None:
    await a_contact(database, "LIGHTS")
    clock = AtATime(database, DAY)
    for _ in range(3):
        case = {"case_id": uuid7(), "urgency": Urgency.GENERAL, "recorded_at": DAY}
        await heard(database, an_event(a_dispatch(co_handlers=(), copies=()), **case))
        await heard(database, an_event(CaseClosed(), case_version=2, **case))
    await clock.works()
    clock.now = LATE + timedelta(days=1)
    assert await clock.works() == []
    clock.now = MORNING + timedelta(days=1)
    assert await clock.works() == [("app", "app-LIGHTS")]


async def test_nor_does_a_digest_that_was_tried_take_up_the_next(database: Database) -> None:
    await a_contact(database, "LIGHTS")
    clock, sent = AtATime(database, DAY), []
    for answer in (PASSING, Answer(Outcome.TAKEN, 200)):
        case = {"case_id": uuid7(), "urgency": Urgency.GENERAL, "recorded_at": clock.now}
        await heard(database, an_event(a_dispatch(co_handlers=(), copies=()), **case))
        await heard(database, an_event(CaseClosed(), case_version=2, **case))
        await clock.works()
        clock.now = clock.now.replace(hour=8) + timedelta(days=1)
        clock.kept.plan = [answer]
        while await clock.teller.turn(clock.kept):
            await clock.teller.settle()
        sent.append([(message.id, message.text) for message in clock.kept.messages])
        clock.kept.messages.clear()
    (first,), both = sent
    assert len(both) == 2
    assert first in both


async def test_a_digest_comes_again_whole_though_some_of_it_is_two_days_old(database: Database) -> None:
    """The service was away so long; the first attempt fails."""
    await a_contact(database, "LIGHTS")
    clock, sent = AtATime(database, DAY.replace(hour=9) + timedelta(days=3)), []
    for at in (DAY, DAY + timedelta(days=1)):
        case = {"case_id": uuid7(), "urgency": Urgency.GENERAL, "recorded_at": at}
        await heard(database, an_event(a_dispatch(co_handlers=(), copies=()), **case))
        await heard(database, an_event(CaseClosed(), case_version=2, **case))
    for answer in (PASSING, Answer(Outcome.TAKEN, 200)):
        clock.kept.plan = [answer]
        await clock.teller.turn(clock.kept)
        await clock.teller.settle()
        sent += [(message.id, message.text) for message in clock.kept.messages]
        clock.kept.messages.clear()
        clock.now += timedelta(minutes=1)
    assert sent == [sent[0]] * 2


async def test_the_units_own_hours_hold(database: Database) -> None:
    clock = await an_order(database, Urgency.ELEVATED, DAY, quiet_from=time(12), quiet_to=time(14))
    clock.kept.plan = [PASSING]
    assert len(await clock.works()) == 1
    clock.now = DAY.replace(hour=13)
    assert await clock.works() == []
    clock.now = DAY.replace(hour=14)
    assert await clock.works() == [("app", "app-LIGHTS")]


async def test_what_waits_does_not_hold_up_what_is_urgent(database: Database) -> None:
    clock = await an_order(database, Urgency.ELEVATED)
    reminder = an_event(CaseReminded(), urgency=Urgency.URGENT, recorded_at=LATE)
    order = an_event(
        a_dispatch(co_handlers=(), copies=()),
        urgency=Urgency.URGENT,
        recorded_at=LATE,
        case_id=reminder.case_id,
    )
    await heard(database, order, reminder)
    clock.now = LATE
    assert await clock.works() == [("app", "app-LIGHTS")] * 2
