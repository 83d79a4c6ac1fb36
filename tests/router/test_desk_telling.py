"""Clocks, the history and the reasons of a case, as the desk tells them."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.facts.reason import Reason
from delivery.pages.times import span_of
from services.router.cases.visibility import Reach
from services.router.clocks.limits import parse_limit
from services.router.clocks.ticking import Ticking
from services.router.decision.explanation import decided_in, explain
from services.router.desk import telling, view
from services.router.desk.times import from_now
from services.router.desk.words import Voice
from services.router.rulesets.ruleset import SHIPPED
from tests.router.builders import NOON
from tests.router.playing import RULES, opened

EN, ZH = Voice("en"), Voice("zh")


@pytest.mark.parametrize(
    ("minutes", "en", "zh"),
    [(25, "in 25 min", "还有 25 分钟"), (-120, "2 h late", "超期 2 小时"), (190, "in 3 h 10 min", "还有 3 小时 10 分钟"),
     (0, "in 0 min", "还有 0 分钟"), (-1, "1 min late", "超期 1 分钟"), (2880, "in 2 d", "还有 2 天"),
     (1440 + 61, "in 1 d 1 h", "还有 1 天 1 小时"), (1440 + 5, "in 1 d", "还有 1 天")],
)  # fmt: skip
def test_how_long_from_now(minutes: int, en: str, zh: str) -> None:
    moment = NOON + timedelta(minutes=minutes)
    assert (from_now(moment, NOON, "en"), from_now(moment, NOON, "zh")) == (en, zh)


@given(st.integers(0, 10**7))
def test_a_span_never_says_more_than_has_passed(minutes: int) -> None:
    said = span_of(timedelta(minutes=minutes), "en")
    worth = {"d": 1440, "h": 60, "min": 1}
    total = sum(int(amount) * worth[unit] for amount, unit in re.findall(r"(\d+) (\w+)", said))
    assert total <= minutes < total + (60 if "d" in said else 1)


@pytest.mark.parametrize(("share", "colour"), [(0, "green"), (0.8, "green"), (0.801, "yellow"), (1.0, "yellow"),
                                               (1.001, "red")])  # fmt: skip
def test_colours(share: float, colour: str) -> None:
    assert view.colour_of(share) == colour


def _ticking(limit: str, *, since: datetime = NOON, due: datetime | None, left: str | None = None) -> Ticking:
    return Ticking(parse_limit(limit), parse_limit(left or limit), since, due)


@pytest.mark.parametrize(
    ("after", "colour", "percent"), [(0, "green", 0), (48, "green", 80), (50, "yellow", 83), (61, "red", 100)]
)
def test_a_running_clock(after: int, colour: str, percent: int) -> None:
    ticking = _ticking("1 urgent_hour", due=NOON + timedelta(hours=1))
    due = view.due_of(ticking, NOON + timedelta(minutes=after), RULES, EN)
    assert (due.colour, due.percent, due.absolute) == (colour, percent, "2026-11-23 13:00")


def test_a_clock_of_working_time_stands_still_over_night() -> None:
    opening = datetime(2026, 11, 23, 0, 0, tzinfo=UTC)  # 08:00 in Shanghai
    ticking = _ticking("2 work_day", since=opening, due=opening + timedelta(days=1, hours=10))
    evening, morning = opening + timedelta(hours=10), opening + timedelta(days=1)
    assert view.share_used(ticking, evening, RULES) == view.share_used(ticking, morning, RULES) == 0.5


def test_a_paused_clock_says_what_is_left() -> None:
    due = view.due_of(_ticking("2 work_hour", due=None, left="30 work_minute"), NOON, RULES, EN)
    assert (due.colour, due.relative, due.absolute, due.percent) == (
        "paused",
        "paused · left 30 min of work",
        "",
        75,
    )


def test_clocks_stand_in_the_order_in_which_they_are_due() -> None:
    play = opened("C01-05")
    bars = view.clock_bars(play.case, play.now, RULES, EN)
    assert [bar.due.absolute for bar in bars] == sorted(bar.due.absolute for bar in bars)
    assert bars[0].name == "Sign"


def test_the_queue_names_what_is_due_first_and_not_what_is_due_in_days() -> None:
    """An order that nobody has signed is late, whatever time is left to the matter itself."""
    signed = opened("C01-05").give("sign")
    late, next_ = (
        view.rows_of([case], signed.now + timedelta(days=1), Reach(None), RULES, EN)[0].first
        for case in (opened("C01-05").case, signed.case)
    )
    assert late is not None
    assert (late.name, late.due.colour) == ("Sign", "red")
    assert next_ is not None
    assert next_.name != "Sign"


def test_the_history_of_a_case_is_told_newest_first_in_words() -> None:
    play = opened().give("sign").give("progress", note="到场", contacted=True)
    events = [event.model_dump(mode="json", exclude_none=True) for event in play.events]
    told = telling.history_of(events, RULES, EN)
    assert [entry.title for entry in told] == ["Progress", "Signed", "Dispatched", "Filed", "Accepted"]
    assert ("Note", "到场") in told[0].said
    assert ("Contacted", "Yes") in told[0].said
    assert told[0].at == "2026-11-23 12:00"
    assert not any("路灯不亮" in text for entry in told for _, text in entry.said), (
        "the text stands above already"
    )


def test_every_event_that_a_case_can_have_is_told_without_a_word_of_the_wire() -> None:
    play = opened("C01-05").give("sign").give("suspend", until=NOON + timedelta(days=3)).give("resume")
    play = play.give("finish").give("check_pass").give("record_feedback").give("record_visit").give("close")
    events = [event.model_dump(mode="json", exclude_none=True) for event in play.events]
    for entry in telling.history_of(events, RULES, ZH):
        for label, text in entry.said:
            assert not re.search(r"[a-z]{4}", label), label
            assert not re.fullmatch(r"[a-z_]{4,}", text), (entry.title, label, text)


def test_reasons_are_those_of_the_decision_in_force() -> None:
    filed: dict[str, Any] = {
        "type": "case.filed",
        "data": {"reasons": [{"rule": "base", "effect": "general"}]},
    }
    again = filed | {
        "rule_set_version": SHIPPED,
        "data": {"reasons": [{"rule": "base", "effect": "urgent"}]},
    }
    raised = {"type": "case.urgency_changed", "data": {"reasons": [{"rule": "F07", "effect": "critical"}]}}
    later = {"type": "case.signed", "rule_set_version": "later-1"}
    found, version = decided_in([filed, again, later, raised | {"rule_set_version": "later-1"}])
    assert [(reason.rule, reason.effect) for reason in found] == [("base", "urgent"), ("F07", "critical")]
    assert version == SHIPPED


def test_a_rule_that_nobody_has_put_into_words_is_named() -> None:
    reason = Reason(rule="Z99", effect="urgent")
    explained = explain([reason], RULES.ruleset)
    assert telling.sentences(explained, EN) == ["rule Z99: urgent"]
    assert telling.sentences(explained, ZH) == ["规则 Z99：紧急"]
