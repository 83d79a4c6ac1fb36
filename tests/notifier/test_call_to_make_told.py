"""A call about a critical word: the desk is told at once, at any hour, as of a critical case."""

from uuid import uuid4

from contracts.facts.confirmation import CaseConfirmed, CaseConfirmRequested
from contracts.vocabulary import Urgency
from delivery.database import Database
from tests.notifier.case_facts import a_dispatch, an_event
from tests.notifier.people_told import NIGHT, AtATime, a_contact, heard


async def test_the_desk_is_called_at_night_and_nobody_else(database: Database) -> None:
    for number, unit in enumerate(("LIGHTS", "CENTRE")):
        await a_contact(database, unit, phone=f"1390000000{number}")
    case = {"case_id": uuid4(), "urgency": Urgency.GENERAL, "recorded_at": NIGHT}
    clock = AtATime(database, NIGHT)
    await heard(database, an_event(a_dispatch(co_handlers=(), copies=()), **case))
    assert await clock.works() == [], "a general order waits for the morning"
    await heard(database, an_event(CaseConfirmRequested(), case_version=2, **case))
    assert await clock.works() == [("app", "app-CENTRE"), ("call", "13900000001"), ("sms", "13900000001")]
    await heard(database, an_event(CaseConfirmed(dangerous=False), case_version=3, **case))
    assert await clock.works() == []
