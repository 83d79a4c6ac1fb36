"""Subscriptions by e-mail: confirmed first, at once or gathered, ended by one click, and only about the unit's own cases."""

import asyncio
import re
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import pytest
from uuid_utils.compat import uuid7

from contracts.events import HOME
from contracts.facts.case import CaseProgress
from contracts.topics import CASES
from contracts.vocabulary import Language, Privacy, Urgency
from delivery.channels.timing import Timetable
from delivery.database import Database
from delivery.settings import ServiceSettings
from services.notifier.app import create_service
from services.notifier.mail import reading
from services.notifier.mail.lines import PACES, Pace, due, may_read
from services.notifier.mail.words import confirmation
from services.notifier.people.phrases import PHRASES
from services.notifier.settings import Settings
from tests.mailbox import Mailbox, body_of, receiving_mail
from tests.notifier.case_facts import WRITTEN, a_dispatch, an_entry, an_event
from tests.notifier.mails import ADDRESS, OUTSIDE, Mails, a_fact
from tests.notifier.page_visits import tags, visiting
from tests.notifier.people_told import DAY, ZONE
from tests.notifier.rows import all_rows, happened, notices_in
from tests.notifier.served import serving
from tests.waiting import until

LINK = re.compile(rf"{OUTSIDE}(/v1/mail/\w+/[\w-]+)")


async def test_nothing_is_sent_before_the_address_confirms(mails: Mails, agency: Any) -> None:
    await mails.subscribe(agency, confirmed=False)
    await happened(mails.service.database, [a_fact()])
    assert await mails.brings() == []
    async with mails.service.database.connection() as connection:
        token = await connection.fetchval("select confirm_token from mail_subscriptions")
    asked = await mails.client.get(f"/v1/mail/confirm/{token}")
    assert (asked.status_code, '<form method="post">' in asked.text) == (200, True)
    await happened(mails.service.database, [a_fact()])
    assert await mails.brings() == [], "a scanner that follows links confirms nothing"
    assert (await mails.client.post(f"/v1/mail/confirm/{token}")).status_code == 200
    await happened(mails.service.database, [a_fact()])
    (message,) = await mails.brings()
    assert (message.address, message.subject) == (ADDRESS, "【紧急】新派单，请签收")
    assert WRITTEN not in message.text + message.html


async def test_by_form_as_by_the_api_and_seen_to_wait_for_its_address(
    mails: Mails, agency: Any, token: Callable[..., str]
) -> None:
    bearer = token("agency", unit="LIGHTS", sub="p-lights")
    async with visiting(mails.client, bearer, app=mails.service.app) as browser:
        filled = {"address": ADDRESS, "language": "en", "paces.general": "hourly", "paces.urgent": "daily"}
        made = await browser.post("/new", data={"name": "lights", "channel": "email"} | filled)
        where = made.headers["location"].partition("?")[0]
        row = (await all_rows(mails.service.database, "select * from mail_subscriptions"))[0]
        assert (row["language"], row["paces"]["general"], row["paces"]["urgent"]) == ("en", "hourly", "daily")
        assert tags((await browser.get(where)).text) == ["Address not confirmed"]
        assert (await mails.client.get(f"/v1{where}", headers=agency)).json()["confirmed_at"] is None
        await mails.client.post(f"/v1/mail/confirm/{row['confirm_token']}")
        assert tags((await browser.get(where)).text) == ["Active"]
        assert (await mails.client.get(f"/v1{where}", headers=agency)).json()["confirmed_at"] is not None
        changed = await browser.post(f"{where}/change", data={"name": "new", "tiers.town": "true"})
        assert changed.headers["location"] == f"{where}?done=change"
        assert ADDRESS in (await browser.get(where)).text


async def test_one_click_ends_it(mails: Mails, agency: Any) -> None:
    subscription = await mails.subscribe(agency)
    await happened(mails.service.database, [a_fact()])
    (message,) = await mails.brings()
    assert message.unsubscribe.startswith(f"{OUTSIDE}/v1/mail/leave/")
    path = message.unsubscribe.removeprefix(OUTSIDE)
    assert "退订" in (await mails.client.get(path)).text
    clicked = await mails.client.post(path, data={"List-Unsubscribe": "One-Click"})
    assert clicked.status_code == 200
    assert (await mails.client.post(path)).status_code == 200
    shown = (await mails.client.get(f"/v1/subscriptions/{subscription}", headers=agency)).json()
    assert (shown["status"], shown["target"]["address"]) == ("disabled", ADDRESS)
    await happened(mails.service.database, [a_fact()])
    assert await mails.brings(mails.now + timedelta(days=2)) == []


@pytest.mark.parametrize("how", ["left", "was deleted"])
async def test_a_link_that_confirms_what_has_ended_is_none_any_more(
    mails: Mails, agency: Any, how: str
) -> None:
    subscription = await mails.subscribe(agency)
    (row,) = await all_rows(
        mails.service.database, "select confirm_token, leave_token from mail_subscriptions"
    )
    if how == "left":
        assert (await mails.client.post(f"/v1/mail/leave/{row['leave_token']}")).status_code == 200
    else:
        await mails.client.delete(f"/v1/subscriptions/{subscription}", headers=agency)
    for method in ("GET", "POST"):
        answer = await mails.client.request(method, f"/v1/mail/confirm/{row['confirm_token']}")
        assert answer.status_code == 404, answer.text


async def test_a_new_address_is_asked_before_it_is_sent_to(mails: Mails, agency: Any) -> None:
    subscription = await mails.subscribe(agency)
    await happened(mails.service.database, [a_fact()])
    (message,) = await mails.brings()
    former = message.unsubscribe.removeprefix(OUTSIDE)
    tomorrow = datetime(2027, 3, 1, 10, 20, tzinfo=ZONE)
    await happened(mails.service.database, [a_fact(urgency=Urgency.GENERAL, recorded_at=tomorrow)])
    assert await mails.brings(tomorrow) == [], "it waits for the day's letter"
    path, target = f"/v1/subscriptions/{subscription}", {"address": "new@lights.example", "language": "en"}
    changed = await mails.client.patch(path, json={"target": target}, headers=agency)
    assert (changed.status_code, changed.json()["confirmed_at"]) == (200, None), changed.text
    assert changed.json()["target"]["address"] == "new@lights.example"
    (asked,) = await mails.brings()
    (link,) = LINK.findall(asked.text)
    assert (asked.address, asked.language) == ("new@lights.example", "en")
    await happened(mails.service.database, [a_fact()])
    assert await mails.brings() == [], "it has not confirmed"
    assert (await mails.client.post(former)).status_code == 404, (
        "the former address ends nothing of the new one"
    )
    assert (await mails.client.post(link)).status_code == 200
    await happened(mails.service.database, [a_fact()])
    (message,) = await mails.brings(tomorrow + timedelta(days=2))
    assert (message.address, message.subject.startswith("[urgent]")) == ("new@lights.example", True)


async def test_language_and_paces_change_without_a_new_confirmation(mails: Mails, agency: Any) -> None:
    subscription = await mails.subscribe(agency, paces={"elevated": "daily"})
    change = {"target": {"address": ADDRESS, "language": "en", "paces": {"general": "immediate"}}}
    changed = await mails.client.patch(f"/v1/subscriptions/{subscription}", json=change, headers=agency)
    assert changed.json()["confirmed_at"] is not None
    (row,) = await all_rows(mails.service.database, "select language, paces from mail_subscriptions")
    assert (row["language"], row["paces"]["general"], row["paces"]["elevated"]) == (
        "en",
        "immediate",
        "daily",
    )
    await happened(mails.service.database, [a_fact(urgency=Urgency.GENERAL)])
    assert [message.language for message in await mails.brings()] == ["en"]


async def test_what_is_shown_of_a_target_can_be_sent_back(mails: Mails, agency: Any) -> None:
    path = f"/v1/subscriptions/{await mails.subscribe(agency, language='en', paces={'elevated': 'daily'})}"
    shown = (await mails.client.get(path, headers=agency)).json()["target"]
    assert (shown["language"], shown["paces"]["elevated"]) == ("en", "daily")
    changed = await mails.client.patch(path, json={"target": shown}, headers=agency)
    assert (changed.status_code, changed.json()["target"]) == (200, shown)
    refused = await mails.client.patch(path, json={"target": {"url": "https://x.example/"}}, headers=agency)
    assert refused.json()["errors"][0]["pointer"] == "/target/url"


async def test_what_is_less_urgent_is_gathered(mails: Mails, agency: Any) -> None:
    await mails.subscribe(agency, language="en", paces={"elevated": "daily"})
    tomorrow = datetime(2027, 3, 1, 10, 20, tzinfo=ZONE)
    for urgency in (Urgency.GENERAL, Urgency.ELEVATED, Urgency.CRITICAL, Urgency.GENERAL):
        await happened(mails.service.database, [a_fact(urgency=urgency, recorded_at=tomorrow)])
    (at_once,) = await mails.brings(tomorrow)
    assert at_once.subject.startswith("[critical]")
    assert await mails.brings(tomorrow + timedelta(hours=3)) == []
    (digest,) = await mails.brings(tomorrow.replace(day=2, hour=8, minute=0))
    assert (digest.language, digest.subject) == ("en", "Daily digest: 3 notices")
    stated = [each["data"] for each in await notices_in(mails.service.database)]
    assert [(each["channel"], each["outcome"], each["unit"]) for each in stated] == [
        ("email", "delivered", "LIGHTS")
    ] * 4


async def test_a_unit_reads_of_its_own_cases_alone(mails: Mails, agency: Any, other_agency: Any) -> None:
    await mails.subscribe(other_agency)
    await happened(mails.service.database, [a_fact()])
    assert await mails.brings() == []


async def test_a_fact_is_mailed_once(mails: Mails, agency: Any) -> None:
    await mails.subscribe(agency)
    case = uuid7()
    await happened(
        mails.service.database,
        [a_fact(case_id=case), a_fact(CaseProgress(note="x"), case_id=case, case_version=2)],
    )
    (both,) = await mails.brings()
    assert both.subject == "【紧急】2 条通知"
    assert await mails.brings() == []


@pytest.mark.parametrize(
    ("owner", "privacy", "may"),
    [
        ("LIGHTS", Privacy.OPEN, True), ("WATER", Privacy.OPEN, False), (None, Privacy.OPEN, True),
        ("LIGHTS", Privacy.CONFIDENTIAL, True), (None, Privacy.CONFIDENTIAL, False),
        ("LIGHTS", Privacy.SEALED, False), (None, Privacy.SEALED, False),
    ],
)  # fmt: skip
def test_who_may_read_of_what(owner: str | None, privacy: Privacy, may: bool) -> None:
    assert may_read(owner, an_entry(a_dispatch(privacy=privacy))) is may


@pytest.mark.parametrize(
    ("pace", "at"),
    [
        (Pace.IMMEDIATE, DAY),
        (Pace.HOURLY, DAY + timedelta(hours=1)),
        (Pace.DAILY, DAY + timedelta(hours=22)),
    ],
)
def test_when_a_line_is_due(pace: Pace, at: datetime) -> None:
    assert set(PACES) == set(Urgency)
    assert due(pace, DAY, Timetable(ZONE)) == at


def test_every_fact_of_a_case_has_its_words() -> None:
    assert set(PHRASES) == {name for name, home in HOME.items() if home is CASES}


@pytest.mark.parametrize(
    ("language", "subject"), [("zh", "请确认订阅“灯”"), ("en", 'Please confirm the subscription "灯"')]
)
def test_the_letter_that_asks(language: str, subject: str) -> None:
    mail = confirmation("灯", "https://x.example/c", Language(language))
    assert (mail.subject, "https://x.example/c" in mail.letter.text, mail.unsubscribe) == (
        subject,
        True,
        None,
    )


@pytest.mark.parametrize("token", ["x", "y" * 43, "%2e%2e", "z" * 200])
@pytest.mark.parametrize("which", ["confirm", "leave"])
async def test_a_wrong_link_is_told_so(mails: Mails, which: str, token: str) -> None:
    for method in ("GET", "POST"):
        answer = await mails.client.request(method, f"/v1/mail/{which}/{token}")
        assert answer.status_code in (404, 422)
        assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize(
    ("target", "pointer"),
    [
        ({"address": "nobody"}, "/target/address"),
        ({"address": "a@b.example\r\nBcc: x@y.example"}, "/target/address"),
        ({"url": "https://x.example"}, "/target/address"),
        ({"address": ADDRESS, "paces": {"general": "weekly"}}, "/target/paces/general"),
        ({"address": ADDRESS, "language": "fr"}, "/target/language"),
    ],
)
async def test_a_wrong_target_is_named(mails: Mails, agency: Any, target: Any, pointer: str) -> None:
    body = {"name": "lights", "channel": "email", "target": target}
    answer = await mails.client.post("/v1/subscriptions", json=body, headers=agency)
    assert answer.status_code == 422
    assert [error["pointer"] for error in answer.json()["errors"]] == [pointer]


async def test_the_same_key_makes_one_subscription(mails: Mails, agency: Any) -> None:
    body = {"name": "lights", "channel": "email", "target": {"address": ADDRESS}}
    headers = agency | {"Idempotency-Key": "k-1"}
    first = await mails.client.post("/v1/subscriptions", json=body, headers=headers)
    second = await mails.client.post("/v1/subscriptions", json=body, headers=headers)
    assert (first.status_code, second.status_code) == (201, 200)
    assert first.json() == second.json()
    assert first.json()["target"] == {"url": None, "address": ADDRESS, "language": "zh", "paces": PACES}
    assert len(await mails.brings(datetime.now(ZONE) + timedelta(seconds=5))) == 1


async def test_in_the_running_service_with_a_real_mail_server(
    settings: ServiceSettings, create_database: Callable[[str], Awaitable[str]], agency: Any
) -> None:
    await create_database("notifier")
    async with receiving_mail() as box:
        told = {"smtp_host": "127.0.0.1", "smtp_port": box.port, "smtp_security": "none", "mail_url": OUTSIDE}
        service = create_service(Settings(**settings.model_dump(), **told))
        async with serving(service) as client:
            body = {"name": "lights", "channel": "email", "target": {"address": ADDRESS}}
            assert (await client.post("/v1/subscriptions", json=body, headers=agency)).status_code == 201
            await _arrived(box, 1)
            (link,) = LINK.findall(body_of(box.mails[0], "plain"))
            assert (await client.post(link)).status_code == 200
            await happened(service.database, [an_event(a_dispatch(), urgency=Urgency.CRITICAL)])
            await _arrived(box, 2)
            mail = box.mails[1]
            assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
            path = mail["List-Unsubscribe"].strip("<>").removeprefix(OUTSIDE)
            assert (await client.post(path)).status_code == 200
            metrics = (await client.get("/metrics")).text
    assert ADDRESS not in metrics


async def _arrived(box: Mailbox, count: int) -> None:
    async def condition() -> bool:
        return len(box.mails) >= count

    await until(condition)


async def test_a_page_of_the_feed_is_read_once(database: Database) -> None:
    read_on = partial(reading.advance, database, Timetable(ZONE))
    await read_on()
    await happened(database, [a_fact(), a_fact()])
    assert sum(await asyncio.gather(read_on(), read_on())) == 2
    assert await read_on() == 0
