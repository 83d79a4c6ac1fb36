"""What is left of a limit at a moment: in minutes of its own kind, so that a pause costs nobody anything."""

from bisect import bisect_left
from datetime import datetime

from services.router.clocks.limits import Calendar, Limit, LimitUnit
from services.router.clocks.ticking import Ticking

_ROUND_THE_CLOCK = {LimitUnit.MINUTE, LimitUnit.URGENT_HOUR, LimitUnit.NATURAL_DAY}


def left_at(ticking: Ticking, at: datetime, calendar: Calendar) -> Limit:
    """Minutes until it is due, round the clock or of work; nothing when overdue; as it stood while it is paused."""
    if ticking.due is None:
        return ticking.left
    if ticking.limit.unit in _ROUND_THE_CLOCK:
        return Limit(max((ticking.due - at).total_seconds() / 60, 0.0), LimitUnit.MINUTE)
    return Limit(max(_position(ticking.due, calendar) - _position(at, calendar), 0.0), LimitUnit.WORK_MINUTE)


def sum_of(left: Limit, more: Limit) -> Limit:
    """Both are minutes of the same kind, or become it."""
    more = more.part(1.0)
    return Limit(left.part(1.0).amount + more.amount, more.unit)


def _position(moment: datetime, calendar: Calendar) -> float:
    """Working minutes of the calendar that have passed at `moment`."""
    local = moment.astimezone(calendar.zone)
    index = bisect_left(calendar.days, local.date())
    minutes: float = index * calendar.minutes_a_day
    if index < len(calendar.days) and calendar.days[index] == local.date():
        now = local.hour * 60 + local.minute + local.second / 60 + local.microsecond / 60_000_000
        minutes += sum(min(max(now - start, 0.0), end - start) for start, end in calendar.windows)
    return minutes
