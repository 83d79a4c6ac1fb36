"""Letters whose reader leaves, moves or stays away while they are on their way are not tried for ever, nor elsewhere."""

import asyncio
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from delivery.channels.channel import Answer, Outcome
from delivery.channels.postman import LEASE
from services.notifier import housekeeping
from services.notifier.metrics import MAILS
from services.notifier.settings import Settings
from tests.notifier.mails import OUTSIDE, Mails, a_fact
from tests.notifier.rows import all_rows, happened, notices_in

AWAY = Answer(Outcome.PASSING, 421)
TAKEN = Answer(Outcome.TAKEN, 250)
OTHER = "other@lights.example"


async def on_its_way(mails: Mails, agency: Any, answer: Answer) -> tuple[UUID, str]:
    """The subscription, and where it is left."""
    subscription = await mails.subscribe(agency)
    await happened(mails.service.database, [a_fact(recorded_at=mails.now)])
    while await mails.read_on():
        pass
    mails.kept.plan = [answer]
    assert await mails.mailman.turn(mails.kept) == 1
    await asyncio.sleep(0)
    return subscription, mails.kept.messages.pop().unsubscribe.removeprefix(OUTSIDE)


async def another_address(mails: Mails, agency: Any, subscription: UUID) -> None:
    body = {"target": {"address": OTHER}}
    answer = await mails.client.patch(f"/v1/subscriptions/{subscription}", json=body, headers=agency)
    assert answer.status_code == 200, answer.text
    (row,) = await all_rows(mails.service.database, "select confirm_token from mail_subscriptions")
    assert (await mails.client.post(f"/v1/mail/confirm/{row['confirm_token']}")).status_code == 200


async def event_lines(mails: Mails) -> list[str]:
    rows = await all_rows(mails.service.database, "select status from mail_lines where kind = 'event'")
    return [row["status"] for row in rows]


@pytest.mark.parametrize("died", [False, True], ids=["failed", "its sender died"])
async def test_what_was_for_the_former_address_is_not_sent_to_the_new_one(
    mails: Mails, agency: Any, died: bool
) -> None:
    subscription, _ = await on_its_way(mails, agency, AWAY)
    await another_address(mails, agency, subscription)
    if died:
        mails.mailman._answered.clear()
    sent = await mails.brings(mails.now + LEASE + timedelta(seconds=10))
    assert [message.subject for message in sent if message.unsubscribe] == []
    assert await event_lines(mails) == ["stopped"]


async def test_nor_does_it_wait_for_ever_once_its_address_has_left(mails: Mails, agency: Any) -> None:
    _, leave = await on_its_way(mails, agency, AWAY)
    assert (await mails.client.post(leave)).status_code == 200
    await mails.brings(mails.now + timedelta(minutes=1))
    assert await event_lines(mails) == ["stopped"]
    assert await notices_in(mails.service.database) == []


async def test_what_arrived_all_the_same_is_stated(mails: Mails, agency: Any) -> None:
    _, leave = await on_its_way(mails, agency, TAKEN)
    assert (await mails.client.post(leave)).status_code == 200
    await mails.brings(mails.now + timedelta(minutes=1))
    assert await event_lines(mails) == ["delivered"]
    (notice,) = await notices_in(mails.service.database)
    assert notice["data"]["outcome"] == "delivered"


async def test_what_a_paused_subscription_has_waiting_too_long_is_given_up_on_and_stated(
    mails: Mails, agency: Any
) -> None:
    subscription, _ = await on_its_way(mails, agency, AWAY)
    await mails.mailman.settle()
    where = f"/v1/subscriptions/{subscription}"
    paused = await mails.client.patch(where, json={"status": "paused"}, headers=agency)
    assert paused.status_code == 200, paused.text
    async with mails.service.database.transaction() as connection:
        await connection.execute("update mail_lines set first_due_at = now() - interval '49 hours'")
    before = MAILS.labels("event", "expired")._value.get()
    settings = mails.service.settings
    assert isinstance(settings, Settings)
    assert await housekeeping.give_up(mails.service.database, settings) == 1
    assert await event_lines(mails) == ["expired"]
    (notice,) = await notices_in(mails.service.database)
    assert (notice["data"]["channel"], notice["data"]["outcome"]) == ("email", "expired")
    assert MAILS.labels("event", "expired")._value.get() == before + 1


async def test_what_waits_for_a_subscription_that_is_deleted_is_stopped(mails: Mails, agency: Any) -> None:
    subscription, _ = await on_its_way(mails, agency, AWAY)
    await mails.mailman.settle()
    deleted = await mails.client.delete(f"/v1/subscriptions/{subscription}", headers=agency)
    assert deleted.status_code == 204, deleted.text
    assert await event_lines(mails) == ["stopped"]
    assert await notices_in(mails.service.database) == []
