"""A way out that hangs delays none of the others."""

from datetime import timedelta

import pytest

from contracts.vocabulary import Medium, Urgency
from delivery.channels import postman
from delivery.database import Database
from tests.delivery.hanging_mail import MailHangs
from tests.notifier.case_facts import a_dispatch, an_event
from tests.notifier.people_told import DAY, AtATime, a_contact, heard
from tests.waiting import until


async def test_orders_are_called_and_texted_while_mail_hangs(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postman, "SENDING", 2)
    await a_contact(database, "LIGHTS", email="duty@lights.example", phone="13900001111")
    clock, channel = AtATime(database), MailHangs()

    async def order(urgency: Urgency) -> None:
        order = an_event(a_dispatch(co_handlers=(), copies=()), urgency=urgency, recorded_at=DAY)
        await heard(database, order)

    async def all_begun(mails: int, others: int) -> bool:
        await clock.teller.turn(channel)
        found = channel.begun.count(Medium.EMAIL), len(channel.begun) - channel.begun.count(Medium.EMAIL)
        return found == (mails, others)

    for _ in range(4):
        await order(Urgency.GENERAL)
    await until(lambda: all_begun(2, 4))
    await order(Urgency.CRITICAL)
    clock.now += timedelta(seconds=1)
    await until(lambda: all_begun(2, 7))
    assert {Medium.CALL, Medium.SMS} <= set(channel.begun)
    channel.lets.set()
    await until(lambda: all_begun(5, 7))
    await clock.teller.settle()
