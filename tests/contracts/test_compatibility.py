"""Which changes of a published event pass, and which are refused, by the field they are about."""

from enum import StrEnum
from typing import Any, Literal

import pytest
from pydantic import Field, create_model

from contracts.compatibility import breaking_changes
from contracts.envelope import Value


class Colour(StrEnum):
    RED = "red"
    YELLOW = "yellow"


class MoreColours(StrEnum):
    RED = "red"
    YELLOW = "yellow"
    NONE = "none"


class Inner(Value):
    a: int


class WiderInner(Value):
    a: int
    b: str | None = None


class NarrowerInner(Value):
    b: str | None = None


NEEDED = ...
PASSES = [
    ("an optional field comes", {}, {"new": (str | None, None)}),
    ("a field with a default comes", {}, {"new": (int, 0)}),
    ("an enumeration grows", {"x": (Colour, NEEDED)}, {"x": (MoreColours, NEEDED)}),
    ("a literal grows", {"x": (Literal["a"], NEEDED)}, {"x": (Literal["a", "b"], NEEDED)}),
    ("a range widens", {"x": (int, Field(ge=1, le=5))}, {"x": (int, Field(ge=0, le=9))}),
    ("a limit goes", {"x": (str, Field(max_length=10))}, {"x": (str, NEEDED)}),
    ("a part gets an optional field", {"x": (Inner, NEEDED)}, {"x": (WiderInner, NEEDED)}),
    ("so do the parts of a list", {"x": (tuple[Inner, ...], ())}, {"x": (tuple[WiderInner, ...], ())}),
    ("nothing changes", {"x": (dict[str, Inner | None], NEEDED)}, {"x": (dict[str, Inner | None], NEEDED)}),
]
BREAKS = [
    ("removed", {"x": (int, 1)}, {}, "x: removed"),
    ("renamed", {"x": (int, NEEDED)}, {"y": (int, NEEDED)}, "x: removed"),
    ("newly required", {}, {"x": (int, NEEDED)}, "x: newly required"),
    ("made required", {"x": (int, 1)}, {"x": (int, NEEDED)}, "x: newly required"),
    ("made optional", {"x": (int, NEEDED)}, {"x": (int, 1)}, "x: no longer always there"),
    ("retyped", {"x": (int, NEEDED)}, {"x": (str, NEEDED)}, "x: retyped"),
    ("null comes", {"x": (int, NEEDED)}, {"x": (int | None, NEEDED)}, "x: retyped"),
    ("null goes", {"x": (int | None, None)}, {"x": (int, 0)}, "x: retyped"),
    ("a list for one", {"x": (str, NEEDED)}, {"x": (tuple[str, ...], NEEDED)}, "x: retyped"),
    ("a pair grows", {"x": (tuple[int, int], NEEDED)}, {"x": (tuple[int, int, int], NEEDED)}, "x: retyped"),
    ("other members", {"x": (tuple[int, ...], ())}, {"x": (tuple[str, ...], ())}, "x[]: retyped"),
    ("other values", {"x": (dict[str, int], {})}, {"x": (dict[str, str], {})}, "x[]: retyped"),
    ("a mapping closes", {"x": (dict[str, int], NEEDED)}, {"x": (Inner, NEEDED)}, "x: retyped"),
    ("fewer words", {"x": (MoreColours, NEEDED)}, {"x": (Colour, NEEDED)}, "x: no longer takes none"),
    ("a word for a text", {"x": (str, NEEDED)}, {"x": (Colour, NEEDED)}, "x: now a closed set"),
    ("a text for a word", {"x": (Colour, NEEDED)}, {"x": (str, NEEDED)}, "x: no longer a closed set"),
    ("higher least", {"x": (int, Field(ge=0))}, {"x": (int, Field(ge=1))}, "x: minimum narrowed"),
    ("lower most", {"x": (int, Field(le=9))}, {"x": (int, Field(le=5))}, "x: maximum narrowed"),
    ("a new length", {"x": (str, NEEDED)}, {"x": (str, Field(max_length=9))}, "x: maxLength narrowed"),
    ("other default", {"x": (int, 1)}, {"x": (int, 2)}, "x: default changed"),
    ("deep inside", {"x": (Inner, NEEDED)}, {"x": (NarrowerInner, NEEDED)}, "x.a: removed"),
    (
        "deep in a list",
        {"x": (tuple[Inner, ...], ())},
        {"x": (tuple[NarrowerInner, ...], ())},
        "x[].a: removed",
    ),
    (
        "deep in an option",
        {"x": (Inner | None, None)},
        {"x": (NarrowerInner | None, None)},
        "x[0].a: removed",
    ),
]


@pytest.mark.parametrize(("old", "new"), [case[1:] for case in PASSES], ids=[case[0] for case in PASSES])
def test_passes(old: dict[str, Any], new: dict[str, Any]) -> None:
    assert breaking_changes(_schema(old), _schema(new)) == []


@pytest.mark.parametrize(
    ("old", "new", "said"), [case[1:] for case in BREAKS], ids=[case[0] for case in BREAKS]
)
def test_breaks(old: dict[str, Any], new: dict[str, Any], said: str) -> None:
    assert any(change.startswith(said) for change in breaking_changes(_schema(old), _schema(new)))


def test_a_renamed_definition_is_no_change() -> None:
    class Renamed(Value):
        a: int

    assert breaking_changes(_schema({"x": (Inner, ...)}), _schema({"x": (Renamed, ...)})) == []


def _schema(fields: dict[str, Any]) -> dict[str, Any]:
    return create_model("Event", __base__=Value, **fields).model_json_schema()
