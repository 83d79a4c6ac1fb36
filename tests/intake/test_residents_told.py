"""Reporters: told of their own reports through the vault's contact, once, in their language, and of nobody else's."""

from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import httpx
import orjson
import pytest
from faststream.kafka import TestKafkaBroker
from uuid_utils.compat import uuid7

from contracts.envelope import SYSTEM
from contracts.events import decode, event_of, messages_of
from contracts.facts import case as facts
from contracts.facts.report import ReportSubmitted
from contracts.vocabulary import Language, OutwardStep
from delivery.channels.channel import Answer, Outcome, OutwardMessage
from delivery.channels.settings import ChannelSettings
from delivery.channels.timing import Timetable
from delivery.service import Service
from delivery.settings import ServiceSettings
from services.intake.app import create_service
from services.intake.handlers import on_case_events
from services.intake.residents.courier import Courier
from services.intake.residents.due import Kind, language_of
from services.intake.residents.handlers import on_reports
from services.intake.residents.words import MESSAGES, STEPS, words
from services.intake.settings import Settings
from tests.gateway import SECRET, Gateway, a_gateway
from tests.intake.builders import a_report
from tests.mailbox import Mailbox, body_of, receiving_mail
from tests.notifier.waiting import until

ZONE = ZoneInfo("Asia/Shanghai")
NOON = datetime(2026, 11, 23, 12, 0, tzinfo=ZONE)
REPORTER = {"name": "张建国", "phone": "13912345678", "email": "zhang@example.org"}
STATUS = "https://city.example/status?receipt="


class Kept:
    """A channel that answers as planned, then yes."""

    def __init__(self) -> None:
        self.messages: list[OutwardMessage] = []
        self.plan: list[Answer] = []

    async def send(self, message: OutwardMessage) -> Answer:
        self.messages.append(message)
        return self.plan.pop(0) if self.plan else Answer(Outcome.TAKEN, 200)


class Post:
    """Intake's courier at a time that the test sets."""

    def __init__(self, intake: Service, http: httpx.AsyncClient) -> None:
        self.intake, self.http = intake, http
        self.now, self.kept = NOON, Kept()
        self.settings = ChannelSettings(gateway_url="http://gateway.example", smtp_host="mail.example")
        self.courier = Courier(
            intake.database, self.settings, STATUS, now=lambda: self.now, chance=lambda: 0.5
        )

    async def report(self, reporter: dict[str, Any] | None = None, **more: Any) -> dict[str, Any]:
        """Submitted, and heard back of from Kafka."""
        body = a_report(reporter=REPORTER if reporter is None else reporter, **more)
        receipt = dict((await self.http.post("/v1/reports", json=body)).json())
        async with self.intake.database.transaction() as connection:
            rows = await connection.fetch("select value from outbox where topic = 'reports.v1' order by id")
            events = [decode("report.submitted", row["value"]) for row in rows]
            await on_reports(connection, [e for e in events if str(e.data.report_id) == receipt["report_id"]])
        return receipt

    async def hears(self, *events: Any) -> None:
        async with self.intake.database.transaction() as connection:
            await on_case_events(connection, list(events), timetable=Timetable(ZONE))

    async def brings(self, **later: float) -> list[OutwardMessage]:
        self.now += timedelta(**later)
        while await self.courier.turn(self.kept):
            await self.courier.settle()
        found, self.kept.messages = self.kept.messages, []
        return found

    async def rows(self, query: str) -> list[Any]:
        async with self.intake.database.connection() as connection:
            return await connection.fetch(query)


@pytest.fixture
async def post(intake: Service, http: httpx.AsyncClient) -> Post:
    one = Post(intake, http)
    one.now = datetime.now(UTC) + timedelta(seconds=5)
    return one


def an_event(case_id: str, version: int, fact: Any, at: datetime = NOON) -> Any:
    envelope = {"occurred_at": at, "recorded_at": at, "actor": SYSTEM, "correlation_id": uuid7()}
    return event_of(fact, event_id=uuid7(), case_id=UUID(case_id), case_version=version, **envelope)


def accepted(case_id: str, version: int = 1, at: datetime = NOON) -> Any:
    return an_event(case_id, version, facts.CaseAccepted(report_id=uuid7(), channel="web"), at)


def dispatched(case_id: str, version: int = 2, at: datetime = NOON) -> Any:
    fact = facts.CaseDispatched(round=1, lead="U1", procedure="coordinate", privacy="open", text="某人家门口")
    return an_event(case_id, version, fact, at)


def signed(case_id: str, version: int = 3, at: datetime = NOON) -> Any:
    return an_event(case_id, version, facts.CaseSigned(unit="U1", handler="p-1"), at)


async def test_the_receipt_goes_to_the_telephone_in_the_vault(post: Post) -> None:
    receipt = await post.report()
    (message,) = await post.brings()
    assert (message.medium, message.address, message.language) == ("sms", REPORTER["phone"], "zh")
    number = receipt["receipt_no"]
    assert message.text == f"已收到您的上报，受理编号 {number}。查询进度：{STATUS}{number}"
    (read,) = await post.rows("select * from vault_reads")
    assert (read["reader"], read["purpose"], str(read["report_id"])) == (
        "residents",
        "told: receipt",
        receipt["report_id"],
    )


@pytest.mark.parametrize(
    "reporter",
    [{}, {"name": "张建国"}, REPORTER | {"confidential": True}],
)
async def test_who_wants_silence_or_gave_no_contact_hears_nothing(
    post: Post, reporter: dict[str, Any]
) -> None:
    receipt = await post.report(reporter)
    await post.hears(accepted(receipt["case_id"]), dispatched(receipt["case_id"]))
    assert await post.brings(days=1) == []
    assert await post.rows("select 1 from resident_messages") == []


async def test_each_outward_step_once(post: Post) -> None:
    case = (await post.report())["case_id"]
    life = [
        accepted(case),
        dispatched(case),
        signed(case),
        an_event(case, 4, facts.CaseResumed()),
        an_event(
            case, 5, facts.CaseHandled(round=1, unit="U1", result="李女士家已修", evidence_method="photo")
        ),
        an_event(case, 6, facts.CaseCheckRequested(check="photo")),
        an_event(case, 7, facts.CaseChecked(result="passed", check="photo")),
        an_event(case, 8, facts.CaseFeedbackGiven(outcome="told")),
        an_event(case, 9, facts.CaseClosed()),
    ]
    await post.brings()
    for event in life:
        await post.hears(event)
        await post.hears(event)
        await post.brings()
    told = await post.rows(
        "select kind, step from resident_messages where status = 'delivered' order by sequence"
    )
    assert [(row["kind"], row["step"]) for row in told] == [
        ("receipt", None),
        ("progress", "accepted"),
        ("progress", "dispatched"),
        ("progress", "handling"),
        ("progress", "feedback"),
        ("feedback", None),
        ("visit", None),
        ("progress", "closed"),
    ]


async def test_steps_made_at_once_are_one_message(post: Post) -> None:
    case = (await post.report())["case_id"]
    await post.brings()
    await post.hears(accepted(case), dispatched(case))
    await post.hears(signed(case))
    (message,) = await post.brings()
    assert "正在处置" in message.text
    assert "某人" not in message.text


async def test_the_night_is_quiet_but_for_receipts(post: Post) -> None:
    night = datetime(2027, 1, 10, 23, 0, tzinfo=ZONE)
    case = (await post.report())["case_id"]
    assert len(await post.brings()) == 1
    post.now = night
    await post.hears(accepted(case, at=night), dispatched(case, at=night))
    assert await post.brings(hours=6, minutes=59) == []
    assert len(await post.brings(minutes=1)) == 1


async def test_a_late_fact_takes_nobody_back(post: Post) -> None:
    case = (await post.report())["case_id"]
    await post.brings()
    await post.hears(signed(case))
    assert len(await post.brings()) == 1
    await post.hears(accepted(case))
    assert await post.brings() == []


async def test_a_merged_reports_reporter_follows_the_case_and_learns_of_nobody(post: Post) -> None:
    first, second = await post.report(), await post.report({"email": "li@example.org"})
    await post.hears(accepted(first["case_id"]), dispatched(first["case_id"]), accepted(second["case_id"]))
    await post.brings()
    merged = facts.CaseMerged(master_case_id=UUID(first["case_id"]))
    await post.hears(an_event(second["case_id"], 2, merged))
    (message,) = await post.brings()
    assert (message.address, "已派遣" in message.text) == ("li@example.org", True)
    await post.hears(signed(first["case_id"]))
    told = {message.address: message.text for message in await post.brings()}
    assert set(told) == {REPORTER["phone"], "li@example.org"}
    assert second["receipt_no"] in told["li@example.org"]
    assert first["receipt_no"] not in told["li@example.org"]
    stated = await post.rows("select key, value from outbox where topic = 'notices.v1'")
    to_second = [
        row for row in stated if orjson.loads(row["value"])["data"]["report_id"] == second["report_id"]
    ]
    assert {row["key"].decode() for row in to_second} == {second["case_id"]}


async def test_feedback_to_one_reporter_invites_that_one(post: Post) -> None:
    first, second = await post.report(), await post.report({"email": "li@example.org"})
    merged = facts.CaseMerged(master_case_id=UUID(first["case_id"]))
    await post.hears(an_event(second["case_id"], 2, merged))
    await post.brings()
    given = facts.CaseFeedbackGiven(report_id=UUID(second["report_id"]), outcome="told")
    await post.hears(an_event(first["case_id"], 8, given))
    (message,) = await post.brings()
    assert message.address == "li@example.org"
    declined = facts.CaseFeedbackGiven(report_id=UUID(first["report_id"]), outcome="declined")
    await post.hears(an_event(first["case_id"], 9, declined))
    assert await post.brings() == []


async def test_what_fails_is_tried_again_and_stated(post: Post) -> None:
    await post.report()
    post.kept.plan = [Answer(Outcome.PASSING, 503), Answer(Outcome.LASTING, 400)]
    assert len(await post.brings()) == 1
    assert len(await post.brings(seconds=1)) == 1
    assert await post.brings(days=1) == []
    (stated,) = await post.rows("select value from outbox where topic = 'notices.v1'")
    data = orjson.loads(stated["value"])["data"]
    assert (data["message"], data["medium"], data["outcome"], data["attempts"]) == (
        "receipt",
        "sms",
        "permanent-failure",
        2,
    )


async def test_without_any_way_it_is_recorded(post: Post) -> None:
    await post.report()
    post.kept.plan = [Answer(Outcome.NOT_CONFIGURED)]
    await post.brings()
    (row,) = await post.rows("select status, medium from resident_messages")
    assert (row["status"], row["medium"]) == ("not-configured", "sms")


@pytest.mark.parametrize(
    ("text", "language"),
    [("路灯不亮", "zh"), ("The street lamp is dark", "en"), ("Wifi 坏了", "zh"), ("110 120", "zh")],
)
def test_the_language_is_that_of_the_report(text: str, language: str) -> None:
    assert language_of(text) == language


@pytest.mark.parametrize("language", list(Language))
@pytest.mark.parametrize("kind", list(Kind))
def test_every_message_has_words_in_both_languages(kind: Kind, language: Language) -> None:
    assert (set(MESSAGES), set(STEPS)) == (set(Kind), set(OutwardStep))
    for step in OutwardStep:
        subject, short, mail = words(kind, step, "R-1", language, STATUS)
        chinese = [
            any("\u4e00" <= c <= "\u9fff" for c in text) for text in (subject, short, mail.text, mail.html)
        ]
        assert chinese == [language is Language.ZH] * 4
        assert all(f"{STATUS}R-1" in text for text in (short, mail.text, mail.html))
    assert STATUS not in words(kind, OutwardStep.CLOSED, "R-1", language, "")[1]


@pytest.fixture
async def ways() -> AsyncIterator[tuple[Gateway, Mailbox]]:
    async with a_gateway() as gateway, receiving_mail() as mailbox:
        yield gateway, mailbox


async def test_from_kafka_to_real_telephone_and_mailbox(
    settings: ServiceSettings,
    create_database: Callable[[str], Awaitable[str]],
    token: Callable[..., str],
    ways: tuple[Gateway, Mailbox],
    capsysbinary: Any,
) -> None:
    gateway, mailbox = ways
    await create_database("intake")
    told = {
        "gateway_url": gateway.url,
        "gateway_secret": SECRET,
        "smtp_host": "127.0.0.1",
        "smtp_port": mailbox.port,
    }
    service = create_service(
        Settings(**settings.model_dump(), **told, smtp_security="none", status_url=STATUS)
    )
    headers = {"Authorization": f"Bearer {token('operator', sub='op-1')}"}
    client = partial(httpx.AsyncClient, base_url="http://intake", headers=headers)
    async with (
        TestKafkaBroker(service.broker, connect_only=False) as broker,
        service.app.router.lifespan_context(service.app),
        client(transport=httpx.ASGITransport(service.app)) as http,
    ):

        async def comes_round(receipt: dict[str, Any]) -> None:
            async with service.database.connection() as connection:
                body = await connection.fetchval(
                    "select body::text from reports where report_id = $1", UUID(receipt["report_id"])
                )
            now = datetime.now(UTC)
            event = event_of(
                ReportSubmitted.model_validate_json(body),
                event_id=uuid7(),
                case_id=UUID(receipt["case_id"]),
                occurred_at=now,
                recorded_at=now,
                actor=SYSTEM,
                correlation_id=uuid7(),
            )
            (message,) = messages_of("intake", event)
            sent = {name: (value or b"").decode() for name, value in message.headers}
            await broker.publish(
                message.value, settings.namespace + message.topic, key=message.key, headers=sent
            )

        by_phone = (await http.post("/v1/reports", json=a_report(reporter=REPORTER))).json()
        by_mail = (
            await http.post(
                "/v1/reports", json=a_report(text="Lamp is dark", reporter={"email": REPORTER["email"]})
            )
        ).json()
        await comes_round(by_phone)
        await comes_round(by_mail)

        async def both() -> bool:
            return bool(gateway.posted and mailbox.mails)

        await until(both)

        async def recorded() -> Any:
            async with service.database.connection() as connection:
                rows = await connection.fetch("select m::text as row, status from resident_messages m")
            return rows if {row["status"] for row in rows} == {"delivered"} else None

        rows = await until(recorded)
        metrics = (await http.get("/metrics")).content
    assert (gateway.posted[0]["to"], gateway.posted[0]["medium"]) == (REPORTER["phone"], "sms")
    (mail,) = mailbox.mails
    assert (mail["To"], mail["Subject"]) == (REPORTER["email"], f"Your report {by_mail['receipt_no']}")
    assert f"{STATUS}{by_mail['receipt_no']}" in body_of(mail, "html")
    everything = metrics + capsysbinary.readouterr().out + b"".join(row["row"].encode() for row in rows)
    for name, value in REPORTER.items():
        assert value.encode() not in everything, name
