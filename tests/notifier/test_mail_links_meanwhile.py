"""A link is clicked in the moment in which the subscription's owner changes it: one waits for the other."""

import asyncio
from typing import Any
from uuid import UUID

import httpx
import pytest
from uuid_utils.compat import uuid7

from services.notifier.mail import mail_store
from services.notifier.store import subscriptions
from tests.notifier.mails import Mails, a_fact
from tests.notifier.rows import all_rows, happened, somebody_waits
from tests.waiting import until


@pytest.mark.parametrize("which", ["confirm", "leave"])
async def test_a_link_of_the_former_address_says_nothing_for_the_new_one(
    mails: Mails,
    agency: Any,
    which: str,
) -> None:
    subscription_id = await mails.subscribe(agency, confirmed=False)
    async with mails.service.database.transaction() as owner:
        await subscriptions.find(owner, subscription_id, to_change=True)
        new = ("n" * 43, "m" * 43)
        await mail_store.begin_anew(owner, subscription_id, tokens=new, line_id=uuid7())
        clicked = await _click(mails, subscription_id, which)
    assert (await clicked).status_code == 404
    (row,) = await all_rows(mails.service.database, "select confirmed_at, left_at from mail_subscriptions")
    assert (row["confirmed_at"], row["left_at"]) == (None, None)
    shown = (await mails.client.get(f"/v1/subscriptions/{subscription_id}", headers=agency)).json()
    assert shown["status"] == "active"


async def test_who_leaves_and_who_changes_paces_do_not_wait_in_a_circle(mails: Mails, agency: Any) -> None:
    subscription_id = await mails.subscribe(agency)
    async with mails.service.database.transaction() as owner:
        await subscriptions.find(owner, subscription_id, to_change=True)
        clicked = await _click(mails, subscription_id, "leave")
        await mail_store.change(owner, subscription_id, language=None, paces={})
    assert (await clicked).status_code == 200
    shown = (await mails.client.get(f"/v1/subscriptions/{subscription_id}", headers=agency)).json()
    assert shown["status"] == "disabled"


async def test_what_is_read_while_another_address_is_given_is_for_nobody(mails: Mails, agency: Any) -> None:
    subscription_id = await mails.subscribe(agency)
    await happened(mails.service.database, [a_fact()])
    async with mails.service.database.transaction() as owner:
        await subscriptions.find(owner, subscription_id, to_change=True)
        new = ("n" * 43, "m" * 43)
        await mail_store.begin_anew(owner, subscription_id, tokens=new, line_id=uuid7())
        reading = asyncio.create_task(mails.read_on())
        await until(lambda: _done_or_waiting(mails, reading))
    assert await reading == 1
    waits = "select status from mail_lines where kind = 'event'"
    assert await all_rows(mails.service.database, waits) == []


async def _done_or_waiting(mails: Mails, task: "asyncio.Task[int]") -> bool:
    return task.done() or bool(await somebody_waits(mails.service.database))


async def _click(mails: Mails, subscription_id: UUID, which: str) -> "asyncio.Task[httpx.Response]":
    """It waits for the owner's change when this returns."""
    query = f"select {which}_token from mail_subscriptions where subscription_id = $1"
    (row,) = await all_rows(mails.service.database, query, subscription_id)
    clicked = asyncio.create_task(mails.client.post(f"/v1/mail/{which}/{row[0]}"))
    await until(lambda: somebody_waits(mails.service.database))
    return clicked
