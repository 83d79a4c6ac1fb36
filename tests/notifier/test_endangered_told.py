"""What becomes an emergency while it is worked is told at once to all who must know, at any hour."""

import pytest
from uuid_utils.compat import uuid7

from contracts.facts.case import CaseSigned, CaseUrgencyChanged
from contracts.vocabulary import Urgency
from delivery.database import Database
from tests.notifier.case_facts import a_dispatch, an_event
from tests.notifier.people_told import NIGHT, AtATime, a_contact, heard, notices


@pytest.mark.parametrize("signed", [True, False])
async def test_those_who_must_know_are_called(database: Database, signed: bool) -> None:
    units = ("LIGHTS", "COMMUNITY-1", "TOWN-1", "GRID-1")
    phones = {unit: f"1390000000{number}" for number, unit in enumerate(units)}
    for unit, phone in phones.items():
        await a_contact(database, unit, phone=phone)
    case = {"case_id": uuid7(), "recorded_at": NIGHT}
    clock = AtATime(database, NIGHT)
    await heard(database, an_event(a_dispatch(co_handlers=(), copies=()), urgency=Urgency.GENERAL, **case))
    if signed:
        signature = CaseSigned(unit="LIGHTS", handler="p-1")
        await heard(database, an_event(signature, case_version=2, urgency=Urgency.GENERAL, **case))
    assert await clock.works() == []
    raised = CaseUrgencyChanged(
        before=Urgency.GENERAL,
        reason="it burns",
        procedure="emergency",
        copies=("COMMUNITY-1", "TOWN-1"),
        tracker="GRID-1",
    )
    await heard(database, an_event(raised, case_version=3, urgency=Urgency.CRITICAL, **case))
    sent = await clock.works()
    assert {address for medium, address in sent if medium == "call"} == set(phones.values())
    assert {address for medium, address in sent if medium == "app"} == {f"app-{unit}" for unit in phones}
    assert {row["unit"] for row in await notices(database)} == phones.keys()
    again = {address for medium, address in await clock.after(minutes=5) if medium == "call"}
    assert again == (set() if signed else {phones["LIGHTS"], phones["GRID-1"]}), (
        "until it is signed, no longer"
    )


async def test_whoever_is_at_work_hears_by_app_alone_that_it_is_less_urgent(database: Database) -> None:
    await a_contact(database, "LIGHTS", phone="13900000000")
    case = {"case_id": uuid7(), "recorded_at": NIGHT}
    clock = AtATime(database, NIGHT)
    await heard(
        database,
        an_event(a_dispatch(co_handlers=(), copies=()), urgency=Urgency.CRITICAL, **case),
        an_event(CaseSigned(unit="LIGHTS", handler="p-1"), case_version=2, urgency=Urgency.CRITICAL, **case),
    )
    assert len(await clock.works()) == 3
    lowered = CaseUrgencyChanged(before=Urgency.CRITICAL, reason="it burns no more")
    await heard(database, an_event(lowered, case_version=3, urgency=Urgency.URGENT, **case))
    assert await clock.works() == [("app", "app-LIGHTS")]
