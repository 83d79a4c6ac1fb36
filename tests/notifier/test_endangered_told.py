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
    # once it is signed, who works or tracks it hears of it as of news
    must_know = ("COMMUNITY-1", "TOWN-1") if signed else phones
    assert {address for medium, address in sent if medium == "call"} == {phones[unit] for unit in must_know}
    assert {address for medium, address in sent if medium == "app"} == {f"app-{unit}" for unit in phones}
    assert {row["unit"] for row in await notices(database)} == phones.keys()
