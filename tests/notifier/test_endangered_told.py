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
    for unit in ("LIGHTS", "COMMUNITY-1", "TOWN-1", "GRID-1"):
        await a_contact(database, unit, phone=f"1390000{len(unit):04}")
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
    assert {"13900000011", "13900000006"} <= {address for medium, address in sent if medium == "call"}
    assert {row["unit"] for row in await notices(database)} == {"LIGHTS", "COMMUNITY-1", "TOWN-1", "GRID-1"}
