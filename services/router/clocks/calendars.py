"""The calendars that limits can be counted in."""

from datetime import date
from functools import lru_cache
from zoneinfo import ZoneInfo

import chinese_calendar

from services.router.clocks.limits import Calendar


@lru_cache
def calendar_named(name: str, zone: str) -> Calendar:
    """`cn`: Chinese public holidays and make-up days where published, weekdays beyond; `weekdays`: Monday to Friday."""
    kinds = {"cn": _works_in_china, "weekdays": _is_weekday}
    if name not in kinds:
        raise ValueError(f"no calendar {name!r}; there are {', '.join(kinds)}")
    calendar = Calendar(version=f"{name}/{zone}", zone=ZoneInfo(zone), works_on=kinds[name])
    _ = calendar.days  # computed once, at start and not in the first report
    return calendar


def _works_in_china(day: date) -> bool:
    try:
        return bool(chinese_calendar.is_workday(day))
    except NotImplementedError:  # not announced yet
        return _is_weekday(day)


def _is_weekday(day: date) -> bool:
    return day.weekday() < 5
