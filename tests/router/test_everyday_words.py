"""Danger in the words of people who call, for each floor, and what sounds alike and is none: `everyday_words.csv`."""

import csv
from itertools import groupby
from pathlib import Path

import pytest

from services.router.decision.urgency import mentioned
from services.router.rulesets.ruleset import load_ruleset

RULES = load_ruleset()
TABLE = Path(__file__).with_name("everyday_words.csv")


def _told() -> dict[tuple[str, str], list[str]]:
    with TABLE.open(encoding="utf-8", newline="") as file:
        rows = sorted(csv.DictReader(file), key=_of)
    return {key: [row["text"] for row in group] for key, group in groupby(rows, _of)}


def _of(row: dict[str, str]) -> tuple[str, str]:
    return row["floor"], row["is"]


TOLD = _told()


@pytest.mark.parametrize("floor", RULES.urgency.floors)
def test_danger_is_heard_however_it_is_told(floor: str) -> None:
    told = TOLD[floor, "danger"]
    assert [text for text in told if _forces(text).get(floor) != "holds"] == []


@pytest.mark.parametrize("floor", RULES.urgency.floors)
def test_what_sounds_like_it_and_is_none_sets_nothing(floor: str) -> None:
    told = TOLD[floor, "harmless"]
    assert {text: _forces(text) for text in told if _forces(text)} == {}


@pytest.mark.parametrize(
    "text",
    [
        "消防演练，楼道里都是烟", "没有人掉井里", "小孩差点掉河里了", "咨询电梯里困了人怎么办", "怕房子烧起来了",
        "并没有闻到煤气味", "I do not think the house is burning", "Enquiry: what to do if the kitchen is burning",
    ],
)  # fmt: skip
def test_what_is_denied_feared_or_talked_about_in_these_words_is_asked_about_by_phone(text: str) -> None:
    assert set(_forces(text).values()) & {"negated", "risk", "talk"}
    assert "holds" not in _forces(text).values()


@pytest.mark.parametrize("text", ["大火已经无法扑灭", "大火已经没法扑灭了", "火已经没有办法灭了，大火"])
def test_what_cannot_be_put_out_is_not_over(text: str) -> None:
    assert _forces(text)["F01"] == "holds"


def _forces(text: str) -> dict[str, str]:
    return {floor: str(mention.force) for floor, mention in mentioned(text, RULES).items()}
