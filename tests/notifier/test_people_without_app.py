"""A unit that no planned way reaches is told in another one that it has given."""

import pytest
from uuid_utils.compat import uuid7

from contracts.facts.closing import CaseClosed
from contracts.vocabulary import Urgency
from delivery.database import Database
from tests.notifier.case_facts import a_dispatch, an_event
from tests.notifier.people_told import DAY, AtATime, a_contact, heard, notices


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"phone": "13900001111"}, ["sms"]),
        ({"email": "duty@lights.example"}, ["email"]),
        ({"phone": "13900001111", "email": "duty@lights.example"}, ["email", "sms"]),
        ({"phone": "13900001111", "app": "app-LIGHTS"}, ["app"]),
    ],
)
@pytest.mark.parametrize("urgency", [Urgency.GENERAL, Urgency.ELEVATED])
async def test_who_has_no_app_is_told_in_another_way(
    database: Database, urgency: Urgency, given: dict[str, str], told: list[str]
) -> None:
    await a_contact(database, "LIGHTS", **{"app": None} | given)
    case = {"case_id": uuid7(), "recorded_at": DAY, "urgency": urgency}
    await heard(database, an_event(a_dispatch(co_handlers=(), copies=()), **case))
    clock = AtATime(database)
    assert [medium for medium, _ in await clock.works()] == told
    await heard(database, an_event(CaseClosed(), case_version=2, **case))
    assert [medium for medium, _ in await clock.after(days=1)] == told, "of news as well"
    assert {row["status"] for row in await notices(database)} == {"delivered"}
