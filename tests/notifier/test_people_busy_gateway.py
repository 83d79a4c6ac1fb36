"""A gateway that is busy: how often it is asked, and that an order still comes again."""

from datetime import timedelta

import pytest

from contracts.vocabulary import Urgency
from delivery.channels.channel import Answer, Outcome
from delivery.database import Database
from delivery.pauses import PAUSES
from services.notifier.people import notices_store
from tests.notifier.case_facts import a_dispatch, an_event
from tests.notifier.people_told import DAY, AtATime, a_contact, heard, notices

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
