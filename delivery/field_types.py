"""Kinds of field that requests are made of, each within what the database and the clock can hold."""

import re
from datetime import UTC, datetime
from typing import Annotated, Any, Literal, TypeVar

from pydantic import AfterValidator, AwareDatetime, BeforeValidator, Field, StringConstraints
from pydantic_core import PydanticCustomError, PydanticUseDefault

from contracts.vocabulary import CATEGORY_CODE
from delivery.number_readings import UNSEEN

_WORDS: dict[str, str] = {}


def shaped(pattern: str, words: str) -> StringConstraints:
    """Text of a shape, and what a refusal calls it: who sends a report reads no regular expressions."""
    assert _WORDS.setdefault(pattern, words) == words, "one shape has one name"
    return StringConstraints(pattern=pattern)


def detail_of(error: Any) -> str:
    """One of pydantic's findings in words for people, to whom each sequence is a list."""
    if words := _WORDS.get(error.get("ctx", {}).get("pattern", "")):
        return f"must be {words}"
    said = str(error["msg"]).removeprefix("Value error, ")
    for kind in ("Tuple", "Frozenset", "Set"):
        said = said.replace(f"{kind} should", "List should").replace(
            f"a valid {kind.lower()}", "a valid list"
        )
    return said


PLAIN = shaped(r"^[^\x00]*$", "text without NUL characters")
ONE_LINE = shaped(r"^[^\x00-\x1f\x7f-\x9f\u2028\u2029]*$", "one line of text, without control characters")
Plain = Annotated[str, PLAIN]
Code = Annotated[
    str, shaped(r"^[A-Za-z0-9_.:-]{1,40}$", "a code: up to 40 of the letters A to Z, digits and . : _ -")
]
CategoryCode = Annotated[str, shaped(f"^{CATEGORY_CODE}$", "the code of a category, such as C01-02")]
Integer = Annotated[int, Field(ge=-(2**31), lt=2**31)]
BigInteger = Annotated[int, Field(ge=-(2**63), lt=2**63)]


def _default_for_null(given: Any) -> Any:
    if given is None:
        raise PydanticUseDefault
    return given


# many clients write null for what they leave out
T = TypeVar("T")
OrNull = Annotated[T, BeforeValidator(_default_for_null)]


def says_something(text: str) -> str:
    """Without what surrounds it; what nobody sees says nothing."""
    if not UNSEEN.sub("", text).strip():
        raise PydanticCustomError("blank", "must say something")
    return text.strip()


def _in_utc(at: datetime) -> datetime:
    """As it came, with its zone; a few hours beside the first and the last year there is no such moment in UTC."""
    try:
        at.astimezone(UTC)
    except OverflowError:
        raise ValueError("must lie in the years 1 to 9999 of UTC") from None
    return at


Instant = Annotated[AwareDatetime, AfterValidator(_in_utc)]


def _with_its_plus(given: Any) -> Any:
    return re.sub(r"(:.*) (\d\d:?\d\d)$", r"\1+\2", given) if isinstance(given, str) else given


# in an address a plus that is not written %2B comes as a space: 2026-11-01T00:00:00+08:00
AskedInstant = Annotated[Instant, BeforeValidator(_with_its_plus)]


def _in_writing(given: Any) -> Any:
    if isinstance(given, bool | int | float) or (isinstance(given, str) and "-" not in given.lstrip()[1:]):
        raise PydanticCustomError("not_in_writing", "must be a time as ISO 8601 writes it, with its zone")
    return given


# a bare number may count seconds or thousandths of them, and is more often a mistake than a time
Written = Annotated[AwareDatetime, BeforeValidator(_in_writing)]
Degrees = Annotated[float, Field(strict=True, allow_inf_nan=False)]
YesOrNo = Annotated[bool, Field(strict=True)]


def _no_yes_or_no(given: Any) -> Any:
    if isinstance(given, bool):
        raise PydanticCustomError("yes_or_no", "Input should be 1, 2, 3, 4 or 5")
    return given


# to Python true is 1: who is satisfied would be the least satisfied
Satisfaction = Annotated[Literal[1, 2, 3, 4, 5], BeforeValidator(_no_yes_or_no)]
