"""A unit is reached otherwise while a notice waits: it is told where it is reached then."""

from typing import Any

from uuid_utils.compat import uuid7

from contracts.facts.case import CaseSigned
from contracts.vocabulary import Urgency
from delivery.database import Database
from tests.notifier.case_facts import a_dispatch, an_event
from tests.notifier.people_told import DAY, NIGHT, AtATime, a_contact, heard, notices

PHONE = "13900001111"


async def ordered(database: Database, at: Any, urgency: Urgency, **contact: Any) -> AtATime:
    await a_contact(database, "LIGHTS", **contact)
    order = a_dispatch(co_handlers=(), copies=())
    await heard(database, an_event(order, urgency=urgency, recorded_at=at, occurred_at=at))
    return AtATime(database, at)


async def test_what_waits_for_the_morning_comes_by_sms_where_the_app_is_taken_back(
    database: Database,
) -> None:
    clock = await ordered(database, NIGHT, Urgency.ELEVATED)
    assert await clock.works() == []
    await a_contact(database, "LIGHTS", app=None, phone=PHONE)
    assert await clock.after(hours=7) == [("sms", PHONE)]
    assert await clock.after(hours=7) == []


async def test_or_by_mail_where_there_is_no_telephone(database: Database) -> None:
    clock = await ordered(database, NIGHT, Urgency.ELEVATED)
    await a_contact(database, "LIGHTS", app=None, email="duty@lights.example")
    assert await clock.after(hours=7) == [("email", "duty@lights.example")]


async def test_an_order_goes_on_by_the_other_way_until_it_is_signed(database: Database) -> None:
    clock = await ordered(database, DAY, Urgency.ELEVATED, app=None, phone=PHONE)
    assert await clock.works() == [("sms", PHONE)]
    case = {"case_id": uuid7(), "urgency": Urgency.URGENT, "recorded_at": clock.now}
    await heard(database, an_event(a_dispatch(co_handlers=(), copies=()), **case))
    await clock.works()
    await a_contact(database, "LIGHTS")
    for _ in range(2):
        assert await clock.after(minutes=15) == [("app", "app-LIGHTS")]
    await heard(database, an_event(CaseSigned(unit="LIGHTS", handler="p-1"), case_version=2, **case))
    assert await clock.after(hours=1) == []


async def test_nobody_is_told_more_often_for_having_one_way_less(database: Database) -> None:
    clock = await ordered(database, DAY, Urgency.URGENT, phone=PHONE)
    assert len(await clock.works()) == 2
    await a_contact(database, "LIGHTS", email="duty@lights.example")
    assert await clock.after(minutes=15) == [("app", "app-LIGHTS")]
    assert await clock.after(minutes=15) == [("app", "app-LIGHTS")]
    await a_contact(database, "LIGHTS", app=None)
    assert await clock.after(minutes=15) == []
    assert [row["status"] for row in await notices(database) if row["ended_at"] is None] == []
