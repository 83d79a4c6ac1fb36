"""Everything that the desk says is said in Chinese and in English."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from pydantic import ValidationError

import services.router
from contracts.envelope import Fact
from contracts.facts import approval
from contracts.facts import case as facts
from contracts.vocabulary import CaseState as S
from contracts.vocabulary import Channel, Check, Clock, Privacy, Procedure, Role, Tier, Urgency
from delivery.field_types import detail_of
from services.router.desk import view, words
from services.router.desk.forms import fields_of, read_form
from services.router.desk.refusals import in_chinese
from services.router.desk.words import Voice
from services.router.workflow.table import TRANSITIONS

ZONE = ZoneInfo("Asia/Shanghai")
EN, ZH = Voice("en"), Voice("zh")
GIVEN = {row.command: row for row in TRANSITIONS if row.who}


def _facts() -> Iterator[type[Fact]]:
    for module in (facts, approval):
        for found in vars(module).values():
            if isinstance(found, type) and issubclass(found, Fact) and found is not Fact:
                yield found


_TOLD_OTHERWISE = {
    *("text", "place", "report_id", "reported_at", "reasons", "floors", "round", "public"),
    *("name", "name_en"),  # of a line, told in its place
}


@pytest.mark.parametrize(
    ("table", "keys"),
    [
        ("state", S),
        ("urgency", Urgency),
        ("procedure", Procedure),
        ("tier", Tier),
        ("privacy", Privacy),
        ("check", Check),
        ("clock", Clock),
        ("role", Role),
        ("channel", Channel),
        ("card", ("none", "yellow", "red")),
        ("command", GIVEN),
        ("event", {row.event for row in TRANSITIONS if row.states}),
        ("field", {field.name for row in GIVEN.values() for field in fields_of(row.data)}),
        ("told", {name for fact in _facts() for name in fact.model_fields} - _TOLD_OTHERWISE),
    ],
)
def test_everything_has_a_word_in_both_languages(table: str, keys: Any) -> None:
    missing = {str(key) for key in keys} - set(words.TABLES[table])
    assert not missing
    assert all(zh and en for zh, en in words.TABLES[table].values())


def test_every_answer_that_may_be_chosen_has_a_word() -> None:
    for row in GIVEN.values():
        for field in fields_of(row.data):
            for choice in field.choices:
                for voice in (EN, ZH):
                    said = voice.choice(field.name, str(choice))
                    assert said != str(choice), (row.command, field.name, choice)


def test_every_word_that_a_page_uses_is_there() -> None:
    folder = Path(view.__file__).parent
    texts = [path.read_text() for path in [*folder.glob("templates/*.html"), *folder.glob("*.py")]]
    used = {key for text in texts for key in re.findall(r"""\b(?:say|voice)\(["'](\w+)["']\)""", text)}
    assert len(used) > 50
    assert used <= set(words.PAGE)


def _refusals() -> Iterator[str]:
    """The details of all that guards lack, with {} for what they name."""
    for path in (Path(services.router.__file__).parent / "workflow" / "commands").glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Lack":
                detail = node.args[1]
                if isinstance(detail, ast.Constant):
                    yield str(detail.value)
                elif isinstance(detail, ast.JoinedStr):
                    yield "".join(str(getattr(part, "value", "")) if isinstance(part, ast.Constant) else "X"
                                  for part in detail.values)  # fmt: skip


def test_every_refusal_of_a_guard_is_said_in_chinese() -> None:
    found = set(_refusals())
    assert len(found) > 50
    assert {detail for detail in found if in_chinese(detail) == detail} == set()


def test_what_models_refuse_is_said_in_chinese() -> None:
    for row in GIVEN.values():
        fields = fields_of(row.data)
        wrong = {field.name: "\0" if field.kind in ("text", "line") else "？" for field in fields}
        for given_ in ({}, wrong):
            try:
                row.data.model_validate(read_form(fields, given_, ZONE))
            except ValidationError as error:
                details = {detail_of(each) for each in error.errors()}
                said = {detail for detail in details if in_chinese(detail) == detail}
                assert said == set(), row.command
