"""What may not wait is not buried in what was gathered, and no letter is without a bound."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from uuid_utils.compat import uuid7

from contracts.facts.closing import CaseClosed
from contracts.vocabulary import Urgency
from delivery.channels.postman import LEASE
from delivery.database import Database
from services.notifier.mail import mail_store
from services.notifier.people import notices_store, words
from tests.notifier.case_facts import a_dispatch, an_event
from tests.notifier.mails import Mails, a_fact
from tests.notifier.people_told import DAY, ZONE, AtATime, a_contact, heard, notices
from tests.notifier.rows import all_rows, happened

YESTERDAY = datetime(2027, 3, 1, 10, 20, tzinfo=ZONE)
AT_EIGHT = datetime(2027, 3, 2, 8, 0, tzinfo=ZONE)


async def _some(mails: Mails, number: int, urgency: Urgency, at: datetime = YESTERDAY) -> None:
    await happened(mails.service.database, [a_fact(urgency=urgency, recorded_at=at) for _ in range(number)])


async def test_a_critical_line_is_a_letter_apart_from_a_full_digest(mails: Mails, agency: Any) -> None:
    await mails.subscribe(agency, language="en")
    await _some(mails, 60, Urgency.GENERAL)
    assert await mails.brings(YESTERDAY) == []
    await _some(mails, 1, Urgency.CRITICAL, AT_EIGHT)
    subjects = {message.subject for message in await mails.brings(AT_EIGHT)}
    assert subjects == {"[critical] New order, please sign", "Daily digest: 60 notices"}


@pytest.mark.parametrize("urgency", [Urgency.CRITICAL, Urgency.URGENT])
async def test_what_may_not_wait_does_not_wait_behind_the_digests_of_a_morning(
    mails: Mails,
    agency: Any,
    urgency: Urgency,
) -> None:
    database = mails.service.database
    first, last = await mails.subscribe(agency), await mails.subscribe(agency)
    await _some(mails, 3, Urgency.GENERAL)
    await _some(mails, 1, urgency, AT_EIGHT + timedelta(minutes=1))
    await mails.read_on()
    mine = "delete from mail_lines where subscription_id = $1 and urgency = $2"
    await all_rows(database, mine, first, urgency)
    async with database.transaction() as connection:
        pressing = await mail_store.claim(connection, now=AT_EIGHT + timedelta(hours=1), limit=1, lease=LEASE)
    assert {row["subscription_id"] for row in pressing} == {last}
    assert pressing[0]["urgency"] == urgency


async def test_the_most_urgent_stands_first(mails: Mails, agency: Any) -> None:
    await mails.subscribe(agency, language="en", paces={"elevated": "daily"})
    for urgency in (Urgency.URGENT, Urgency.CRITICAL, Urgency.URGENT, Urgency.GENERAL, Urgency.ELEVATED):
        await _some(mails, 1, urgency)
    (at_once,) = await mails.brings(YESTERDAY)
    assert (at_once.subject, _urgencies(at_once)) == (
        "[critical] 3 notices",
        ["critical", "urgent", "urgent"],
    )
    (digest,) = await mails.brings(AT_EIGHT)
    assert (digest.subject, _urgencies(digest)) == ("Daily digest: 2 notices", ["elevated", "general"])


def _urgencies(message: Any) -> list[str]:
    return [line[1:].partition("]")[0] for line in message.text.splitlines() if line.startswith("[")]


async def test_of_many_urgent_lines_each_is_shown(mails: Mails, agency: Any) -> None:
    assert mail_store.AT_ONCE_LINES <= words.LONGEST_DIGEST
    await mails.subscribe(agency, language="en")
    await _some(mails, 70, Urgency.URGENT)
    await _some(mails, 1, Urgency.CRITICAL)
    first, second = await mails.brings(YESTERDAY)
    assert (first.subject, second.subject) == ("[critical] 50 notices", "[urgent] 21 notices")
    assert len(_urgencies(first)) + len(_urgencies(second)) == 71


async def test_what_is_beyond_a_letter_is_the_next(
    mails: Mails,
    agency: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(mail_store, "GATHERED_LINES", 3)
    await mails.subscribe(agency, language="en")
    await _some(mails, 7, Urgency.GENERAL)
    found = await mails.brings(AT_EIGHT)
    assert [message.subject for message in found[:2]] == ["Daily digest: 3 notices"] * 2
    assert len(found) == 3
    rows = await all_rows(
        mails.service.database, "select status, attempts from mail_lines where kind = 'event'"
    )
    assert [(row["status"], row["attempts"]) for row in rows] == [("delivered", 1)] * 7
    assert await mails.brings(AT_EIGHT + timedelta(days=1)) == []


async def test_what_is_beyond_a_digest_is_the_next(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(notices_store, "DIGEST_LINES", 3)
    await a_contact(database, "LIGHTS", email="duty@lights.example")
    for _ in range(7):
        case = {"case_id": uuid7(), "urgency": Urgency.GENERAL, "recorded_at": DAY}
        dispatched = an_event(a_dispatch(co_handlers=(), copies=()), **case)
        await heard(database, dispatched, an_event(CaseClosed(), case_version=2, **case))
    clock = AtATime(database)
    await clock.works()
    sent = await clock.after(hours=22)
    assert sent == [("app", "app-LIGHTS")] * 3 + [("email", "duty@lights.example")] * 3
    told = [row for row in await notices(database) if row["digest"]]
    assert [(row["status"], row["attempts"]) for row in told] == [("delivered", 1)] * 14
