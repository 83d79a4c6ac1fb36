"""Hours of opening as text, such as [["07:00","11:00"],["13:00","17:00"]], and as minutes after midnight."""

import re
from typing import Annotated

from pydantic import AfterValidator

from services.router.clocks.working_hours import Minutes

_TIME = re.compile(r"([01]\d|2[0-3]):[0-5]\d|24:00")
Texts = tuple[tuple[str, str], ...]


def _ascending(hours: Texts) -> Texts:
    if not all(_TIME.fullmatch(time) for window in hours for time in window):
        raise ValueError("a time of day is written as 08:00, up to 24:00")
    times = [time for window in hours for time in window]
    if any(opens >= closes for opens, closes in hours) or times != sorted(times):
        raise ValueError(
            "hours end after they begin, stand in order and do not overlap; a night is two: to 24:00, from 00:00"
        )
    return hours


OpeningHours = Annotated[Texts, AfterValidator(_ascending)]


def as_minutes(hours: Texts) -> tuple[tuple[Minutes, Minutes], ...]:
    return tuple((_minutes(opens), _minutes(closes)) for opens, closes in hours)


def as_text(hours: Texts) -> str:
    """`07:00-11:00,13:00-17:00`, and nothing for nothing."""
    return ",".join("-".join(window) for window in hours)


def from_text(text: str) -> Texts:
    windows = (window.split("-") for window in text.split(",") if window)
    return tuple((opens, closes) for opens, closes in windows)


def _minutes(time: str) -> Minutes:
    hour, minute = time.split(":")
    return int(hour) * 60 + int(minute)
