"""The words of notices, in both languages, made of nothing but codes and times."""

import re
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest

from contracts.facts.case import CaseFiled, CaseLineCalled, CaseProgress
from contracts.vocabulary import Check, Clock, Language, Medium, Privacy, Procedure, Urgency
from services.notifier.people.outward import message_of
from services.notifier.people.parties import NOBODY, Parties, Post, fold
from services.notifier.people.phrases import CLOCKS, DIGEST, EVENTS, FACTS, LINES, POSTS, STAGES, URGENCIES
from services.notifier.people.telling import about
from services.notifier.people.told import TOLD
from services.notifier.people.words import Notified, Style, said
from tests.notifier.case_facts import a_dispatch, an_event
from tests.notifier.people_told import DAY, STYLE, ZONE, sign_by

CASE = UUID("01939d3e-0000-7000-8000-000000000001")
CHINESE = re.compile(r"[\u4e00-\u9fff]")
ABOUT = {"grid": "YQ010101", "category": "C01-05", "sign_by": "2026-11-23T02:30:00+00:00"}


def a_row(**more: Any) -> dict[str, Any]:
    return {
        "id": CASE,
        "event_type": "case.dispatched",
        "case_id": CASE,
        "post": "lead",
        "urgency": "critical",
        "number": 1,
        "digest": False,
        "language": "zh",
        "about": ABOUT,
        "privacy": None,
        "claimed_at": datetime.now(UTC),
    } | more


def test_every_phrase_is_said_in_both_languages() -> None:
    assert set(EVENTS) == set(TOLD)
    assert (set(URGENCIES), set(POSTS)) == (set(Urgency), set(Post))
    for table in (EVENTS, URGENCIES, POSTS, STAGES, CLOCKS, LINES, FACTS, DIGEST):
        for phrase in table.values():
            assert set(phrase) == set(Language)
            assert not CHINESE.search(phrase[Language.EN])


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("zh", f"【特急】新派单，请签收（主办）：类别 C01-05，网格 YQ010101，请于 11-23 10:30 前签收。https://desk.example/cases/{CASE}"),
        ("en", f"[critical] New order, please sign (lead): category C01-05, grid YQ010101, sign by 11-23 10:30. https://desk.example/cases/{CASE}"),
    ],
)  # fmt: skip
def test_a_short_text(language: str, text: str) -> None:
    assert message_of([a_row(language=language)], Medium.SMS, "1", STYLE).text == text


@pytest.mark.parametrize(
    ("about", "chinese", "english"),
    [
        ({"stage": "L1", "clock": "handle"}, "黄牌，时限 处置。", "yellow card, clock handle."),
        (
            {"stage": "L0", "clock": "town_review"},
            "时限提醒，时限 镇街审核。",
            "limit reminder, clock town review.",
        ),
        ({"line": "utility"}, "专线 公用事业抢修。", "line utility."),
        ({"line": "119"}, "专线 119 消防。", "line 119 fire."),
        ({"line": "GAS-1"}, "专线 GAS-1。", "line GAS-1."),
        (
            {"line": "GAS-1", "line_zh": "燃气企业", "line_en": "gas company"},
            "专线 燃气企业。",
            "line gas company.",
        ),
    ],
)
def test_codes_are_said_in_words(about: dict[str, str], chinese: str, english: str) -> None:
    for language, text in (("zh", chinese), ("en", english)):
        row = a_row(event_type="case.supervised", about=about, language=language)
        assert text in message_of([row], Medium.SMS, "1", STYLE).text


def test_every_clock_has_words() -> None:
    assert set(CLOCKS) == set(Clock)


def test_without_a_desk_the_case_is_named() -> None:
    message = message_of([a_row(number=3)], Medium.APP, "1", Style(ZONE))
    assert "（第 3 次提醒）" in message.subject
    assert message.text.endswith(f"案件 {CASE}")


@pytest.mark.parametrize("language", list(Language))
@pytest.mark.parametrize("event_type", sorted(TOLD))
def test_every_notice_has_words(event_type: str, language: Language) -> None:
    facts = ABOUT | {"stage": "L2", "clock": "sign", "line": "119"}
    words = said(
        Notified(event_type, CASE, Post.LEAD, Urgency.URGENT, 1, facts), Style(ZONE, language=language)
    )
    assert EVENTS[event_type][language] in words.subject
    assert bool(CHINESE.search(words.short + words.why)) is (language is Language.ZH)


@pytest.mark.parametrize(
    ("language", "subject"), [("zh", "每日摘要：60 条通知"), ("en", "Daily digest: 60 notices")]
)
def test_a_digest_says_how_many(language: str, subject: str) -> None:
    rows = [a_row(language=language, digest=True, urgency="general", event_type="case.closed", about={})] * 60
    mail = message_of(rows, Medium.EMAIL, "a@b.example", STYLE)
    assert mail.subject == subject
    assert mail.text.count(str(CASE)) == 50
    assert ("另有 10 条" if language == "zh" else "and 10 more") in mail.text
    assert mail.html
    assert f'lang="{ {"zh": "zh-CN", "en": "en"}[language] }"' in mail.html


def test_nothing_that_somebody_wrote_is_in_it() -> None:
    event = an_event(CaseProgress(note="李女士 13900001111"), clocks=sign_by(DAY))
    assert set(about(event, NOBODY)) == {"grid", "category", "tier", "sign_by"}


def test_a_sealed_case_does_not_say_where_or_what() -> None:
    said_of = about(an_event(a_dispatch()), Parties(privacy=Privacy.SEALED))
    assert set(said_of) == {"tier"}


def test_privacy_is_known_from_filing_on() -> None:
    filed = CaseFiled(
        procedure=Procedure.COORDINATE,
        privacy=Privacy.SEALED,
        check=Check.NONE,
        visit=False,
        base_urgency=Urgency.GENERAL,
    )
    assert fold(NOBODY, an_event(filed)).privacy is Privacy.SEALED


def test_times_are_local() -> None:
    at = datetime(2026, 11, 23, 16, 5, tzinfo=UTC)
    row = a_row(about={"sign_by": at.isoformat()})
    assert "11-24 00:05" in message_of([row], Medium.SMS, "1", STYLE).text


def test_a_line_is_told_as_the_fact_calls_it() -> None:
    """A ruleset may name lines of its own."""
    for fact, words in (
        (CaseLineCalled(line="gas_company", name="燃气企业", name_en="gas company"), "line gas company"),
        (CaseLineCalled(line="gas_company", name="燃气企业"), "line 燃气企业"),
        (CaseLineCalled(line="gas_company"), "line gas_company"),
        (CaseLineCalled(line="119", name="119 消防", name_en="119 fire brigade"), "line 119 fire"),
    ):
        told = about(an_event(fact), NOBODY)
        one = Notified("case.line_called", CASE, Post.LEAD, Urgency.URGENT, 1, told)
        assert words in said(one, Style(ZONE, language=Language.EN)).lines
