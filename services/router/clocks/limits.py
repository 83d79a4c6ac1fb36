"""Limits as text, such as `2 urgent_hour`, and when one that starts now is due (domain §11.1, §11.7)."""

from bisect import bisect_left
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from functools import cached_property, lru_cache
from zoneinfo import ZoneInfo

_ROUND_THE_CLOCK = {"minute": 1, "urgent_hour": 60, "natural_day": 1440}
_WORKING_TIME = {"work_minute": 1, "work_hour": 60, "work_day": 480}
_FIRST_DAY, _LAST_DAY = date(2004, 1, 1), date(2040, 12, 31)


class LimitUnit(StrEnum):
    MINUTE = "minute"
    URGENT_HOUR = "urgent_hour"
    NATURAL_DAY = "natural_day"
    WORK_MINUTE = "work_minute"
    WORK_HOUR = "work_hour"
    WORK_DAY = "work_day"
    NEXT_DAY_END = "next_day_end"


@dataclass(frozen=True)
class Limit:
    """`amount` of `unit`; the text form is what rulesets and events hold."""

    amount: float
    unit: LimitUnit

    def __str__(self) -> str:
        return f"{self.amount:.10g} {self.unit}"

    def part(self, share: float) -> "Limit":
        """A share of it, in minutes of the same kind: a quarter of `2 work_hour` is `30 work_minute`."""
        if self.unit in _ROUND_THE_CLOCK:
            return Limit(self.amount * _ROUND_THE_CLOCK[self.unit] * share, LimitUnit.MINUTE)
        minutes = self.amount * _WORKING_TIME.get(self.unit, _WORKING_TIME["work_day"])
        return Limit(minutes * share, LimitUnit.WORK_MINUTE)


@lru_cache(maxsize=512)
def parse_limit(text: str) -> Limit:
    """Raises ValueError when `text` is not an amount above zero and a unit."""
    amount, _, unit = text.partition(" ")
    limit = Limit(float(amount), LimitUnit(unit))
    if not 0 < limit.amount < 1_000_000:
        raise ValueError(f"a limit is above zero and below a million: {text!r}")
    return limit


@dataclass(frozen=True, eq=False)
class Calendar:
    """Working days and the day's working windows, in minutes after midnight of `zone`."""

    version: str
    zone: ZoneInfo
    works_on: Callable[[date], bool]
    windows: tuple[tuple[int, int], ...] = ((8 * 60, 12 * 60), (14 * 60, 18 * 60))

    @cached_property
    def days(self) -> list[date]:
        """Every working day of the covered years."""
        span = (_LAST_DAY - _FIRST_DAY).days
        return [day for day in (_FIRST_DAY + timedelta(n) for n in range(span + 1)) if self.works_on(day)]

    @cached_property
    def minutes_a_day(self) -> int:
        return sum(end - start for start, end in self.windows)


@lru_cache(maxsize=4096)  # a batch has one start and few limits
def due_at(start: datetime, limit: Limit, calendar: Calendar) -> datetime:
    """The moment, in UTC, when a limit that starts at `start` has passed.

    Round-the-clock units add time; working units count only inside working windows, and work that ends exactly
    with a window is due there and not at the next window's start; `next_day_end` is the close of work of the n-th
    working day after today. Raises OverflowError beyond the calendar's years.
    """
    if limit.unit in _ROUND_THE_CLOCK:
        return start.astimezone(UTC) + timedelta(minutes=limit.amount * _ROUND_THE_CLOCK[limit.unit])
    local = start.astimezone(calendar.zone)
    if limit.unit is LimitUnit.NEXT_DAY_END:
        return _at(
            calendar, _index_after(calendar, local.date()) + int(limit.amount) - 1, calendar.windows[-1][1]
        )
    return _add_work(calendar, local, limit.amount * _WORKING_TIME[limit.unit])


def _add_work(calendar: Calendar, local: datetime, minutes: float) -> datetime:
    index = bisect_left(calendar.days, local.date())
    today = index < len(calendar.days) and calendar.days[index] == local.date()
    total = (_worked(calendar, local) if today else 0.0) + minutes
    whole, rest = divmod(total, calendar.minutes_a_day)
    if rest == 0:
        whole, rest = whole - 1, float(calendar.minutes_a_day)
    return _at(calendar, index + int(whole), _minute_of_work(calendar, rest))


def _worked(calendar: Calendar, local: datetime) -> float:
    """Working minutes of this day that have passed."""
    now = local.hour * 60 + local.minute + local.second / 60 + local.microsecond / 60_000_000
    return sum(min(max(now - start, 0.0), end - start) for start, end in calendar.windows)


def _minute_of_work(calendar: Calendar, worked: float) -> float:
    """The minute of the day at which `worked` minutes have been worked; `worked` is above zero."""
    for start, end in calendar.windows:
        if worked <= end - start:
            return start + worked
        worked -= end - start
    raise AssertionError("more work than a day holds")


def _index_after(calendar: Calendar, day: date) -> int:
    return bisect_left(calendar.days, day + timedelta(1))


def _at(calendar: Calendar, index: int, minute: float) -> datetime:
    if index >= len(calendar.days):
        raise OverflowError(f"calendar {calendar.version} ends {_LAST_DAY}")
    midnight = datetime.combine(calendar.days[index], time(), calendar.zone)
    return (midnight + timedelta(minutes=minute)).astimezone(UTC)
