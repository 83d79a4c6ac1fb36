"""A subscription by e-mail that is paused misses nothing, unless whoever makes it active again wants nothing of it."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from contracts.vocabulary import Urgency
from delivery.channels.channel import Answer, Outcome
from services.notifier import housekeeping
from services.notifier.settings import Settings
from tests.notifier.mails import Mails, a_fact
from tests.notifier.rows import all_rows, happened, notices_in


async def changed(mails: Mails, headers: Any, subscription: UUID, **body: Any) -> None:
    where = f"/v1/subscriptions/{subscription}"
    answer = await mails.client.patch(where, json=body, headers=headers)
    assert answer.status_code == 200, answer.text


async def given_up(mails: Mails) -> int:
    settings = mails.service.settings
    assert isinstance(settings, Settings)
    return await housekeeping.give_up(mails.service.database, settings)


async def lines(mails: Mails) -> list[str]:
    rows = await all_rows(
        mails.service.database, "select status from mail_lines where kind = 'event' order by id"
    )
    return [row["status"] for row in rows]


async def test_what_comes_during_a_pause_is_mailed_after_it(mails: Mails, agency: Any) -> None:
    subscription = await mails.subscribe(agency)
    await changed(mails, agency, subscription, status="paused")
    await happened(mails.service.database, [a_fact(recorded_at=mails.now), a_fact(recorded_at=mails.now)])
    assert await mails.brings() == []
    await changed(mails, agency, subscription, status="active")
    (both,) = await mails.brings()
    assert both.subject == "【紧急】2 条通知"


async def test_or_expires_where_whoever_ends_the_pause_skips_it(mails: Mails, agency: Any) -> None:
    subscription = await mails.subscribe(agency)
    mails.kept.plan = [Answer(Outcome.PASSING, 421)]
    tried = a_fact(recorded_at=mails.now)
    await happened(mails.service.database, [tried])
    assert len(await mails.brings()) == 1
    await changed(mails, agency, subscription, status="paused")
    await happened(mails.service.database, [a_fact(recorded_at=mails.now)])
    await mails.brings()
    await changed(mails, agency, subscription, status="active", skip_missed=True)
    assert await mails.brings(mails.now + timedelta(minutes=1)) == []
    later = a_fact(recorded_at=mails.now, urgency=Urgency.CRITICAL)
    await happened(mails.service.database, [later])
    (message,) = await mails.brings()
    assert str(later.case_id) in message.text
    assert str(tried.case_id) not in message.text
    assert await given_up(mails) == 2
    assert await lines(mails) == ["expired", "expired", "delivered"]
    outcomes = [notice["data"]["outcome"] for notice in await notices_in(mails.service.database)]
    assert sorted(outcomes) == ["delivered", "expired", "expired"]


async def test_what_waits_for_the_end_of_a_pause_is_no_work_for_a_claim(mails: Mails, agency: Any) -> None:
    subscription = await mails.subscribe(agency)
    await changed(mails, agency, subscription, status="paused")
    await happened(mails.service.database, [a_fact(recorded_at=mails.now)])
    await mails.brings()
    due = "select 1 from mail_lines where ended_at is null and due_at < 'infinity'"
    assert await all_rows(mails.service.database, due) == []


async def test_an_address_is_asked_though_nothing_is_wanted_of_before(mails: Mails, agency: Any) -> None:
    subscription = await mails.subscribe(agency)
    await changed(mails, agency, subscription, target={"address": "other@lights.example"})
    await changed(mails, agency, subscription, status="active", skip_missed=True)
    assert await given_up(mails) == 0
    (asked,) = await mails.brings()
    assert (asked.address, asked.unsubscribe) == ("other@lights.example", None)


async def test_an_address_is_asked_during_a_pause_too(mails: Mails, agency: Any) -> None:
    """It waited for the end of the pause, and was never asked where that came after two days."""
    subscription = await mails.subscribe(agency)
    mails.kept.plan = [Answer(Outcome.PASSING, 421)]
    await happened(mails.service.database, [a_fact(recorded_at=mails.now)])
    await mails.brings()
    await changed(mails, agency, subscription, status="paused")
    await changed(mails, agency, subscription, target={"address": "other@lights.example"})
    asked = await mails.brings(mails.now + timedelta(minutes=1))
    assert [(letter.address, letter.unsubscribe) for letter in asked] == [("other@lights.example", None)]
