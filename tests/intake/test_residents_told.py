"""Reporters: told of their own reports through the vault's contact, once, in their language, and of nobody else's."""

import asyncio
from datetime import datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID

import orjson
import pytest

from contracts.facts import case as facts
from contracts.facts import closing
from contracts.vocabulary import Language, OutwardStep
from delivery.channels.channel import Answer, Outcome
from delivery.channels.timing import Timetable
from delivery.redaction import redact
from services.intake.handlers import on_case_events
from services.intake.outward import Standing
from services.intake.reasons import REASONS, Reason
from services.intake.residents import courier
from services.intake.residents.due import Kind, language_of
from services.intake.residents.words import MESSAGES, STEPS, words
from tests.clocks import clock_ahead
from tests.intake.residents_post import (
    NOON,
    REPORTER,
    STATUS,
    ZONE,
    Post,
    accepted,
    an_event,
    dispatched,
    signed,
)


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


@pytest.mark.parametrize(("claims", "looks"), [(0, 5), (-5, 0)])
async def test_a_replica_whose_clock_differs_does_not_tell_it_too(
    post: Post, monkeypatch: pytest.MonkeyPatch, claims: int, looks: int
) -> None:
    """By more minutes than a claim lasts."""
    await post.report()
    await post.rows("update resident_messages set due_at = now() - interval '1 hour'")
    begun = []
    for minutes in (claims, looks):
        monkeypatch.setattr(courier, "datetime", clock_ahead(minutes))
        one = courier.Courier(post.intake.database, post.settings, STATUS, ZONE)
        begun.append(await one.turn(post.kept))
    assert begun == [1, 0]


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
        an_event(case, 4, closing.CaseRework(round=1, unit="U1", reason="照片不清")),
        an_event(
            case, 5, facts.CaseHandled(round=1, unit="U1", result="李女士家已修", evidence_method="photo")
        ),
        an_event(case, 6, closing.CaseCheckRequested(check="photo")),
        an_event(case, 7, closing.CaseChecked(result="passed", check="photo")),
        an_event(case, 8, closing.CaseFeedbackGiven(outcome="told")),
        an_event(case, 9, closing.CaseClosed()),
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


@pytest.mark.parametrize("was_away", [False, True], ids=["the gateway failed", "the service was away"])
async def test_nor_is_it_disturbed_by_what_was_due_before(post: Post, was_away: bool) -> None:
    case = (await post.report())["case_id"]
    await post.brings()
    post.now = post.now.replace(hour=21, minute=30)
    await post.hears(accepted(case, at=post.now), dispatched(case, at=post.now))
    if not was_away:
        post.kept.plan = [Answer(Outcome.PASSING, 503)] * 50
        while post.now.hour < 22:
            await post.brings(minutes=4)
        post.kept.plan = []
    morning = post.now.replace(hour=6, minute=0) + timedelta(days=1)
    post.now = post.now.replace(hour=22)
    while post.now < morning - timedelta(minutes=20):
        assert await post.brings(minutes=20) == []
    post.now = morning
    assert len(await post.brings()) == 1


async def test_a_receipt_is_tried_again_at_night(post: Post) -> None:
    await post.report()
    post.now = post.now.replace(hour=23)
    post.kept.plan = [Answer(Outcome.PASSING, 503)]
    assert len(await post.brings()) == 1
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


@pytest.mark.parametrize("merge_comes_first", [True, False])
async def test_what_another_replica_works_just_now_is_told_those_who_join(
    post: Post, merge_comes_first: bool
) -> None:
    """A case and what is merged into it lie in partitions of their own, which two replicas read."""
    first, second = await post.report(), await post.report({"email": "li@example.org"})
    await post.hears(accepted(first["case_id"]), dispatched(first["case_id"]), accepted(second["case_id"]))
    await post.brings()
    merged = an_event(second["case_id"], 2, facts.CaseMerged(master_case_id=UUID(first["case_id"])))
    earlier, later = (merged, signed(first["case_id"]))[:: 1 if merge_comes_first else -1]
    async with post.intake.database.transaction() as connection:
        await on_case_events(connection, [earlier], timetable=Timetable(ZONE))
        working = asyncio.create_task(post.hears(later))
        await asyncio.wait({working}, timeout=0.3)
    await working
    told = [message.text for message in await post.brings() if message.address == "li@example.org"]
    assert any("正在处置" in text for text in told)


async def test_feedback_to_one_reporter_invites_that_one(post: Post) -> None:
    first, second = await post.report(), await post.report({"email": "li@example.org"})
    merged = facts.CaseMerged(master_case_id=UUID(first["case_id"]))
    await post.hears(an_event(second["case_id"], 2, merged))
    await post.brings()
    given = closing.CaseFeedbackGiven(report_id=UUID(second["report_id"]), outcome="told")
    await post.hears(an_event(first["case_id"], 8, given))
    (message,) = await post.brings()
    assert message.address == "li@example.org"
    declined = closing.CaseFeedbackGiven(report_id=UUID(first["report_id"]), outcome="declined")
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


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("My name is John Smith, call me at 13912345678, the lamp is dark", "en"),
        ("Write to a.b@c.example, my card is 6222020200112233445 and I live in room 1203", "en"),
        ("我叫王小明，电话13912345678，路灯不亮", "zh"),
        ("13912345678", "zh"),
    ],
)
def test_what_was_taken_out_of_a_report_changes_no_language(text: str, language: str) -> None:
    redacted = redact(text)
    assert redacted.found
    assert language_of(redacted.text) == language


@pytest.mark.parametrize("language", list(Language))
@pytest.mark.parametrize("kind", list(Kind))
def test_every_message_has_words_in_both_languages(kind: Kind, language: Language) -> None:
    assert (set(MESSAGES), set(STEPS)) == (set(Kind), set(OutwardStep))
    say = partial(words, kind, receipt_no="R-1", language=language, zone=ZONE)
    reasons = [None, *(Reason(code, NOON, "way") for code in REASONS)]
    for standing in (Standing(step, reason) for step in OutwardStep for reason in reasons):
        subject, short, mail = say(standing, status_url=STATUS)
        chinese = [
            any("\u4e00" <= c <= "\u9fff" for c in text) for text in (subject, short, mail.text, mail.html)
        ]
        assert chinese == [language is Language.ZH] * 4
        assert all(f"{STATUS}R-1" in text for text in (short, mail.text, mail.html))
    assert STATUS not in say(Standing(OutwardStep.CLOSED), status_url="")[1]
