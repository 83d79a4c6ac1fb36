"""Patterns that a ruleset brings: written for RE2, which takes time linear in the text whatever the pattern says.

`.` does not cross the end of a clause, case does not matter, and English patterns match whole words.
"""

from collections.abc import Iterable
from functools import lru_cache
from typing import Annotated, Any

import re2
from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from delivery.field_types import PLAIN

_NEVER = r"[^\x00-\x{10FFFF}]"  # what no text holds
_KNOWN = 8192  # patterns that need not be tried again: a ruleset has about 900, and most are those of its predecessor
_MEMORY = 64 * 1024 * 1024  # bytes for what RE2 works out about a pattern as it reads


def compiled(pattern: str) -> Any:
    """Raises ValueError that says what is wrong with `pattern`."""
    try:
        return re2.compile(pattern, _options())
    except re2.error as error:
        said = error.args[0] if error.args else error
        raise ValueError(said.decode() if isinstance(said, bytes) else str(said)) from None


def _options() -> Any:
    options = re2.Options()
    options.case_sensitive = False
    options.log_errors = False
    options.max_mem = _MEMORY
    return options


@lru_cache(_KNOWN)
def _sound(pattern: str) -> str:
    if compiled(pattern).search("") is not None:
        raise ValueError("matches the empty text")
    return pattern


Pattern = Annotated[str, Field(min_length=1, max_length=1000), PLAIN, AfterValidator(_sound)]


class Patterns(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    zh: tuple[Pattern, ...] = ()
    en: tuple[Pattern, ...] = ()

    def as_one(self) -> str:
        """All of them as one alternation, the first that matches winning; without any it matches nothing."""
        return alternation(filter(None, (alternation(self.zh), _whole_words(self.en)))) or _NEVER


class Words(BaseModel):
    """`but` are phrases that hold one of `patterns` and mean something else: fire hydrant, 消防宣传栏. Another one that
    stands in the gap of a phrase keeps its meaning."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    patterns: Patterns
    but: Patterns = Patterns()


def alternation(patterns: Iterable[str]) -> str:
    return "|".join(f"(?:{pattern})" for pattern in patterns)


def _whole_words(patterns: tuple[str, ...]) -> str:
    return rf"\b(?:{alternation(patterns)})\b" if patterns else ""
