"""Limits as text, such as `2 urgent_hour`, and when one that starts now is due (domain §11.1, §11.7).

Time that a clock stands still never counts: `left` gives what of a limit remains, and that, started again later, is due
as much later.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from functools import cached_property, lru_cache
from zoneinfo import ZoneInfo

from services.router.clocks.working_hours import Minutes, WorkingHours

_ROUND_THE_CLOCK = {"minute": 1, "urgent_hour": 60, "natural_day": 1440}
_WORKING_TIME = {"work_minute": 1, "work_hour": 60, "work_day": 480}
_A_DAYS_WORK = _WORKING_TIME["work_day"]
_MINUTES = {**_ROUND_THE_CLOCK, **_WORKING_TIME, "next_day_end": _A_DAYS_WORK}
_FIRST_DAY, _LAST_DAY = date(2004, 1, 1), date(2040, 12, 31)
_MICROSECONDS = 60_000_000  # of a minute
OFFICE_HOURS: tuple[tuple[Minutes, Minutes], ...] = ((8 * 60, 12 * 60), (14 * 60, 18 * 60))


class LimitUnit(StrEnum):
    MINUTE = "minute"
    URGENT_HOUR = "urgent_hour"
    NATURAL_DAY = "natural_day"
    WORK_MINUTE = "work_minute"
    WORK_HOUR = "work_hour"
    WORK_DAY = "work_day"
    NEXT_DAY_END = "next_day_end"

    @property
    def runs_on(self) -> bool:
        """Whether it counts nights and holidays too."""
        return self in _ROUND_THE_CLOCK

    @property
    def minute(self) -> "LimitUnit":
        """Of the same kind of time."""
        return LimitUnit.MINUTE if self.runs_on else LimitUnit.WORK_MINUTE


@dataclass(frozen=True)
class Limit:
    """`amount` of `unit`; the text form is what rulesets and events hold."""

    amount: float
    unit: LimitUnit

    def __str__(self) -> str:
        return f"{self.amount:.15g} {self.unit}"  # to the microsecond: what is left of a limit is read back as it was

    @property
    def minutes(self) -> float:
        """Of the clock on the wall or of working time, whichever it counts; a day's end stands for a day's work."""
        return self.amount * _MINUTES[self.unit]

    def part(self, share: float) -> "Limit":
        """A share of it, in minutes of the same kind: a quarter of `2 work_hour` is `30 work_minute`."""
        return Limit(self.minutes * share, self.unit.minute)

    def never_later_than(self, other: "Limit") -> bool:
        """Whether it is due no later than `other`, whenever both start and whatever the calendar."""
        if LimitUnit.NEXT_DAY_END in (self.unit, other.unit):
            return self.unit is other.unit and self.amount <= other.amount
        return (self.unit.runs_on or not other.unit.runs_on) and self.minutes <= other.minutes


@lru_cache(maxsize=512)
def parse_limit(text: str) -> Limit:
    """Raises ValueError when `text` is not an amount above zero and a unit."""
    amount, _, unit = text.strip().partition(" ")
    try:
        limit = Limit(float(amount), LimitUnit(unit.strip()))
    except ValueError:
        raise ValueError(
            f"a limit is an amount and one of {', '.join(LimitUnit)}, such as `4 work_hour`"
        ) from None
    if not 0 < limit.amount < 1_000_000:
        raise ValueError("a limit is above zero and below a million")
    if limit.unit is LimitUnit.NEXT_DAY_END and limit.amount != int(limit.amount):
        raise ValueError("the end of a day is counted in whole days")
    return limit


@dataclass(frozen=True, eq=False)
class Calendar:
    """Working days and the day's working windows, in minutes after midnight of `zone`."""

    version: str
    zone: ZoneInfo
    works_on: Callable[[date], bool]
    windows: tuple[tuple[Minutes, Minutes], ...] = OFFICE_HOURS

    @cached_property
    def hours(self) -> WorkingHours:
        """Of every working day of the covered years."""
        return WorkingHours(_days(self.works_on), self.windows, self.zone)


@lru_cache(maxsize=64)  # the same days for the calendar and for every unit that has its own hours on them
def _days(works_on: Callable[[date], bool]) -> list[date]:
    span = (_LAST_DAY - _FIRST_DAY).days
    return [day for day in (_FIRST_DAY + timedelta(n) for n in range(span + 1)) if works_on(day)]


@lru_cache(maxsize=4096)  # a batch has one start and few limits
def due_at(start: datetime, limit: Limit, calendar: Calendar) -> datetime:
    """The moment, in UTC, when a limit that starts at `start` has passed.

    Round-the-clock units add time; working units count only inside working windows, and work that ends exactly
    with a window is due there and not at the next window's start; `next_day_end` is the close of work of the n-th
    working day after today. Raises OverflowError beyond the calendar's years.
    """
    if limit.unit is LimitUnit.NEXT_DAY_END:
        return calendar.hours.close_of_day_after(start.astimezone(calendar.zone).date(), int(limit.amount))
    amount = max(1, round(limit.minutes * _MICROSECONDS))
    if limit.unit.runs_on:
        return start.astimezone(UTC) + timedelta(microseconds=amount)
    return calendar.hours.when_worked(calendar.hours.worked_until(start) + amount)


def elapsed(start: datetime, end: datetime, unit: LimitUnit, calendar: Calendar) -> timedelta:
    """What passes from `start` to `end` of the time that `unit` counts; nothing when `end` is the earlier."""
    if unit.runs_on:
        return max(end - start, timedelta())
    worked = calendar.hours.worked_until(end) - calendar.hours.worked_until(start)
    return timedelta(microseconds=max(worked, 0))


def left(at: datetime, due: datetime, limit: Limit, calendar: Calendar) -> Limit | None:
    """What remains at `at` of a limit that is due at `due`, in minutes of its kind; None when it has passed.

    Started again at once, it is due at `due`; started again later, as much later as the clock stood still.
    """
    unit = limit.unit.minute
    remaining = elapsed(at, due, unit, calendar) // timedelta(microseconds=1)
    return Limit(remaining / _MICROSECONDS, unit) if remaining else None
