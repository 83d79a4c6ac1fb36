"""People on duty: who is told of what at which urgency, again and again until somebody signs, and at no wrong hour."""

import asyncio
from datetime import time, timedelta
from typing import Any

import pytest
from uuid_utils.compat import uuid7

from contracts.events import FACTS, HOME
from contracts.facts.case import (
    CaseDispatched,
    CaseEscalated,
    CaseHandled,
    CaseReminded,
    CaseReturned,
    CaseSigned,
    CaseSupervised,
    CaseUrgencyChanged,
)
from contracts.facts.closing import CaseClosed
from contracts.topics import CASES
from contracts.vocabulary import Clock, Urgency
from delivery.channels.channel import Answer, Outcome
from delivery.database import Database
from services.notifier.people.told import TOLD
from tests.notifier.case_facts import a_dispatch, an_event
from tests.notifier.people_told import DAY, NIGHT, AtATime, a_contact, heard, notices, sign_by
from tests.notifier.rows import notices_in

CRITICAL_UNITS = ("LIFT", "GRID-1", "COMMUNITY-1", "TOWN-1", "CENTRE")


def a_critical_dispatch(**more: Any) -> Any:
    fact = a_dispatch(
        lead="LIFT", co_handlers=(), copies=("COMMUNITY-1", "TOWN-1", "CENTRE"), tracker="GRID-1"
    )
    return an_event(fact, **{"urgency": Urgency.CRITICAL, "recorded_at": DAY, "case_version": 4} | more)


def test_what_people_are_told_of_are_facts_of_cases() -> None:
    assert {name for name in TOLD if HOME.get(name) is not CASES} == set()
    assert {name for name in FACTS if name.startswith(("case.", "approval."))} - set(TOLD) == {
        *(
            "case.accepted",
            "case.rejected",
            "case.filed",
            "case.signed",
            "case.reclassified",
        ),
        *("case.confirmed", "case.progress", "case.feedback_given", "case.visited", "case.archived"),
        "case.privacy_changed",
        *("approval.materials_asked", "approval.materials_received", "approval.objection_answered"),
    }


async def test_critical_calls_everybody_every_five_minutes_until_signed(database: Database) -> None:
    for unit in CRITICAL_UNITS:
        await a_contact(database, unit, phone=f"1390000{len(unit):04}")
    event, clock = a_critical_dispatch(), AtATime(database)
    await heard(database, event)
    first = await clock.works()
    assert len(first) == 3 * len(CRITICAL_UNITS)
    assert {medium for medium, _ in first} == {"call", "sms", "app"}
    assert await clock.after(minutes=4, seconds=59) == []
    assert await clock.after(seconds=1) == first
    assert await clock.after(minutes=5) == first
    signed = an_event(CaseSigned(unit="LIFT", handler="p-1"), case_id=event.case_id, case_version=5)
    await heard(database, signed)
    assert await clock.after(minutes=30) == []


@pytest.mark.parametrize(
    ("urgency", "media", "again_after"),
    [
        (Urgency.CRITICAL, ["app", "call", "sms"], timedelta(minutes=5)),
        (Urgency.URGENT, ["app", "sms"], timedelta(minutes=15)),
        (Urgency.ELEVATED, ["app"], timedelta(hours=1)),
        (Urgency.GENERAL, ["app"], None),
    ],
)
async def test_how_loudly_and_how_often(
    database: Database, urgency: Urgency, media: list[str], again_after: timedelta | None
) -> None:
    await a_contact(database, "LIGHTS", phone="13900001111")
    event = an_event(
        a_dispatch(co_handlers=(), copies=()),
        urgency=urgency,
        occurred_at=DAY,
        recorded_at=DAY,
        clocks=sign_by(DAY + timedelta(hours=2)),
    )
    clock = AtATime(database)
    await heard(database, event)
    assert [medium for medium, _ in await clock.works()] == media
    if again_after is None:
        assert await clock.after(days=3) == []
        return
    clock.now = DAY + again_after - timedelta(seconds=1)
    assert await clock.works() == []
    assert [medium for medium, _ in await clock.after(seconds=1)] == media


@pytest.mark.parametrize(
    ("urgency", "hour"),
    [(Urgency.CRITICAL, 23), (Urgency.URGENT, 23), (Urgency.ELEVATED, 6), (Urgency.GENERAL, 6)],
)
async def test_the_night_lets_only_danger_through(database: Database, urgency: Urgency, hour: int) -> None:
    await a_contact(database, "LIGHTS", phone="13900001111")
    await heard(database, an_event(a_dispatch(co_handlers=(), copies=()), urgency=urgency, recorded_at=NIGHT))
    clock = AtATime(database, NIGHT)
    sent_at_night = await clock.works()
    assert bool(sent_at_night) is (hour == 23)
    assert bool(await clock.after(hours=6, minutes=59)) is (hour == 23)
    assert (hour == 23) or await clock.after(minutes=1)


async def test_a_unit_has_its_own_quiet_hours(database: Database) -> None:
    await a_contact(database, "LIGHTS", quiet_from=time(9), quiet_to=time(12))
    await heard(database, an_event(a_dispatch(co_handlers=(), copies=()), recorded_at=DAY))
    clock = AtATime(database)
    assert await clock.works() == []
    assert await clock.after(hours=2) == [("app", "app-LIGHTS")]


async def test_news_of_general_cases_is_one_digest_in_the_morning(database: Database) -> None:
    await a_contact(database, "LIGHTS", email="duty@lights.example")
    clock = AtATime(database)
    for _ in range(3):
        case = {"case_id": uuid7(), "urgency": Urgency.GENERAL, "recorded_at": DAY}
        await heard(database, an_event(a_dispatch(co_handlers=(), copies=()), **case))
        assert len(await clock.works()) == 2
        await heard(database, an_event(CaseClosed(), case_version=2, **case))
    assert await clock.works() == []
    assert await clock.after(hours=21, minutes=59) == []
    assert await clock.after(minutes=1) == [("app", "app-LIGHTS"), ("email", "duty@lights.example")]
    told = [row for row in await notices(database) if row["digest"]]
    assert [row["status"] for row in told] == ["delivered"] * 6


async def test_a_digest_is_one_however_many_units_have_one(database: Database) -> None:
    units = [f"U{number}" for number in range(40)]
    for unit in units:
        await a_contact(database, unit)
    case = {"urgency": Urgency.GENERAL, "recorded_at": DAY}
    for _ in range(10):
        case_id = uuid7()
        closed = an_event(
            CaseHandled(round=1, unit="U0", result="x", evidence_method="photo"),
            case_id=case_id,
            case_version=2,
            **case,
        )
        told = an_event(
            CaseDispatched(
                round=1, lead="U0", copies=tuple(units[1:]), procedure="coordinate", privacy="open"
            ),
            case_id=case_id,
            **case,
        )
        await heard(database, told, closed)
    replicas = [AtATime(database, DAY + timedelta(days=2)) for _ in range(2)]
    async with database.connection() as connection:
        await connection.execute("update notices set ended_at = now(), status = 'stopped' where not digest")
    sent = await asyncio.gather(*(replica.works() for replica in replicas))
    assert sorted(address for some in sent for _, address in some) == sorted(
        f"app-{unit}" for unit in units[1:]
    )


async def test_a_new_lead_ends_what_was_repeated_for_the_former(database: Database) -> None:
    for unit in ("LIGHTS", "TOWN-1"):
        await a_contact(database, unit, phone="13900001111")
    case = {"case_id": uuid7(), "urgency": Urgency.URGENT, "recorded_at": DAY}
    await heard(database, an_event(a_dispatch(co_handlers=(), copies=()), **case))
    clock = AtATime(database)
    assert len(await clock.works()) == 2
    escalated = CaseEscalated(round=2, lead="TOWN-1", former_lead="LIGHTS", cause="overdue", clock=Clock.SIGN)
    await heard(database, an_event(escalated, case_version=2, **case))
    assert len(await clock.works()) == 4
    assert {row["unit"] for row in await notices(database) if row["ended_at"] is None} == {"TOWN-1"}
    assert await clock.after(minutes=15) == [("app", "app-TOWN-1"), ("sms", "13900001111")]


async def test_a_return_is_the_desks(database: Database) -> None:
    for unit in ("LIGHTS", "CENTRE"):
        await a_contact(database, unit)
    case = {"case_id": uuid7(), "urgency": Urgency.URGENT, "recorded_at": DAY}
    clock = AtATime(database)
    await heard(database, an_event(a_dispatch(co_handlers=(), copies=()), **case))
    await clock.works()
    await heard(
        database, an_event(CaseReturned(unit="LIGHTS", reason="不属于我单位"), case_version=2, **case)
    )
    assert await clock.works() == [("app", "app-CENTRE")]
    assert await clock.after(hours=1) == []


async def test_raised_while_unsigned_it_repeats_as_its_new_urgency(database: Database) -> None:
    await a_contact(database, "LIGHTS", phone="13900001111")
    case = {"case_id": uuid7(), "recorded_at": DAY}
    clock = AtATime(database)
    await heard(database, an_event(a_dispatch(co_handlers=(), copies=()), urgency=Urgency.URGENT, **case))
    await clock.works()
    raised = CaseUrgencyChanged(before=Urgency.URGENT, reason="trapped")
    await heard(database, an_event(raised, case_version=2, urgency=Urgency.CRITICAL, **case))
    assert len(await clock.works()) == 3
    assert len(await clock.after(minutes=5)) == 3
    assert len(await clock.after(minutes=10)) == 3


@pytest.mark.parametrize(
    ("fact", "units"),
    [
        (CaseSupervised(clock="handle", stage="L0"), {"LIGHTS"}),
        (
            CaseSupervised(clock="handle", stage="L1", card="yellow", supervisor="TOWN-1"),
            {"LIGHTS", "TOWN-1"},
        ),
        (CaseSupervised(clock="accept", stage="L1", supervisor="TOWN-1"), {"CENTRE", "TOWN-1"}),
        (CaseSupervised(supervisor="TOWN-1"), {"LIGHTS", "TOWN-1"}),
        (CaseReminded(), {"LIGHTS"}),
    ],
)
async def test_a_stage_tells_who_is_late_and_who_stands_above(
    database: Database, fact: Any, units: set[str]
) -> None:
    case = {"case_id": uuid7(), "recorded_at": DAY}
    event = an_event(fact, case_version=2, **case)
    await heard(database, an_event(a_dispatch(co_handlers=(), copies=()), **case), event)
    assert {row["unit"] for row in await notices(database) if row["event_id"] == event.event_id} == units


async def test_the_same_fact_again_tells_nobody_twice(database: Database) -> None:
    await a_contact(database, "LIGHTS")
    event = an_event(a_dispatch(co_handlers=(), copies=()), recorded_at=DAY)
    await heard(database, event)
    await heard(database, event)
    assert len(await notices(database)) == 1


async def test_an_order_that_a_newer_one_has_overtaken_is_told_to_nobody(database: Database) -> None:
    case = {"case_id": uuid7(), "recorded_at": DAY}
    await heard(
        database, an_event(a_dispatch(lead="ROADS", co_handlers=(), copies=()), case_version=7, **case)
    )
    await heard(database, an_event(a_dispatch(co_handlers=(), copies=()), case_version=3, **case))
    assert {row["unit"] for row in await notices(database)} == {"ROADS"}


async def test_who_gave_no_contact_is_seen_to_have_been_told_nothing(database: Database) -> None:
    await heard(database, an_event(a_dispatch(co_handlers=(), copies=()), recorded_at=DAY))
    (row,) = await notices(database)
    assert (row["medium"], row["status"], row["ended_at"] is not None) == ("none", "no-contact", True)


async def test_a_way_that_nobody_set_up_is_recorded_and_stated(database: Database) -> None:
    await a_contact(database, "LIGHTS", phone="13900001111")
    await heard(
        database, an_event(a_dispatch(co_handlers=(), copies=()), urgency=Urgency.CRITICAL, recorded_at=DAY)
    )
    clock = AtATime(database)
    clock.kept.plan = [Answer(Outcome.NOT_CONFIGURED)] * 3
    await clock.works()
    assert {row["status"] for row in await notices(database)} == {"not-configured"}
    stated = await notices_in(database)
    assert {notice["data"]["outcome"] for notice in stated} == {"not-configured"}
    assert await clock.after(minutes=5) == []


async def test_what_fails_in_passing_is_tried_again_and_what_lasts_is_not(database: Database) -> None:
    await a_contact(database, "LIGHTS")
    await heard(database, an_event(a_dispatch(co_handlers=(), copies=()), recorded_at=DAY))
    clock = AtATime(database)
    clock.kept.plan = [
        Answer(Outcome.PASSING, 503),
        Answer(Outcome.PASSING, error="timeout"),
        Answer(Outcome.LASTING, 400),
    ]
    assert len(await clock.works()) == 1
    assert len(await clock.after(seconds=1)) == 1
    assert len(await clock.after(seconds=5)) == 1
    assert await clock.after(days=1) == []
    (row,) = await notices(database)
    assert (row["status"], row["attempts"], row["code"]) == ("permanent-failure", 3, 400)


async def test_a_failing_gateway_does_not_end_the_repetitions(database: Database) -> None:
    await a_contact(database, "LIGHTS")
    await heard(
        database, an_event(a_dispatch(co_handlers=(), copies=()), urgency=Urgency.URGENT, recorded_at=DAY)
    )
    clock = AtATime(database)
    clock.kept.plan = [Answer(Outcome.PASSING, 503)] * 20
    while clock.kept.plan:
        await clock.after(minutes=1)
    await clock.after(minutes=15)
    rows = [row for row in await notices(database) if row["medium"] == "app"]
    assert rows[0]["status"] == "expired"
    assert "delivered" in {row["status"] for row in rows}


async def test_a_reminder_that_was_on_its_way_while_somebody_signed_is_not_tried_again(
    database: Database,
) -> None:
    await a_contact(database, "LIGHTS")
    case = {"case_id": uuid7(), "urgency": Urgency.ELEVATED, "occurred_at": DAY, "recorded_at": DAY}
    order = a_dispatch(co_handlers=(), copies=())
    await heard(database, an_event(order, clocks=sign_by(DAY + timedelta(hours=2)), **case))
    clock = AtATime(database)
    assert len(await clock.works()) == 1
    clock.now += timedelta(hours=1)
    clock.kept.plan = [Answer(Outcome.PASSING, 503)]
    assert await clock.teller.turn(clock.kept) == 1
    await heard(database, an_event(CaseSigned(unit="LIGHTS", handler="p-1"), case_version=2, **case))
    await clock.teller.settle()
    assert len(clock.kept.sent()) == 1
    assert await clock.after(hours=1) == []
    assert [row["status"] for row in await notices(database)] == ["delivered", "stopped"]


async def test_repetitions_survive_a_worker_that_died(database: Database) -> None:
    await a_contact(database, "LIGHTS")
    await heard(
        database, an_event(a_dispatch(co_handlers=(), copies=()), urgency=Urgency.URGENT, recorded_at=DAY)
    )
    dying, living = AtATime(database), AtATime(database)

    async def never(message: Any) -> Answer:
        await asyncio.sleep(3600)
        raise AssertionError

    dying.kept.send = never  # type: ignore[method-assign]
    assert await dying.teller.turn(dying.kept) == 2
    for task in list(dying.teller._under_way):
        task.cancel()
    assert await living.works() == []
    assert await living.after(minutes=3) == [("app", "app-LIGHTS")]
    assert await living.after(minutes=12) == [("app", "app-LIGHTS")]


async def test_two_replicas_send_once(database: Database) -> None:
    for unit in CRITICAL_UNITS:
        await a_contact(database, unit, phone="13900001111")
    for _ in range(10):
        await heard(database, a_critical_dispatch())
    replicas = [AtATime(database), AtATime(database)]
    sent = await asyncio.gather(*(replica.works() for replica in replicas))
    assert sum(map(len, sent)) == 10 * 3 * len(CRITICAL_UNITS)
