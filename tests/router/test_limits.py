"""When limits are due: the golden examples of the domain, and what holds for every limit."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.vocabulary import Tier
from services.router.clocks.calendars import CalendarDocument, calendar_from, calendar_named, calendar_of
from services.router.clocks.limits import Calendar, Limit, LimitUnit, due_at, elapsed, left, parse_limit
from services.router.directory.directory import Unit

CHINA = calendar_named("cn", "Asia/Shanghai")
NEW_YORK = calendar_named("weekdays", "America/New_York")
NIGHT = calendar_of(  # open while clocks change
    Unit("N", "N", "sanitation", Tier.TOWN, "D", hours=(("00:00", "06:00"), ("22:00", "24:00"))),
    calendar_from(
        CalendarDocument(
            name="all",
            zone="America/New_York",
            working_days=("mon", "tue", "wed", "thu", "fri", "sat", "sun"),
        )
    ),
)
WORKING = (LimitUnit.WORK_MINUTE, LimitUnit.WORK_HOUR, LimitUnit.WORK_DAY)


@pytest.mark.parametrize(
    ("start", "limit", "due"),
    [
        ("2025-09-26 16:30", "2 urgent_hour", "2025-09-26 18:30"),
        ("2025-09-26 16:30", "1 natural_day", "2025-09-27 16:30"),
        ("2025-09-26 16:30", "4 work_hour", "2025-09-28 10:30"),
        ("2025-09-26 16:30", "1 next_day_end", "2025-09-28 18:00"),
        ("2025-09-30 15:00", "4 work_hour", "2025-10-09 09:00"),
        ("2025-10-04 09:00", "4 urgent_hour", "2025-10-04 13:00"),
        ("2025-10-04 09:00", "1 work_day", "2025-10-09 18:00"),
        ("2025-10-04 09:00", "1 next_day_end", "2025-10-09 18:00"),
        ("2025-10-10 12:30", "2 work_hour", "2025-10-10 16:00"),
        ("2025-10-10 18:00", "4 work_hour", "2025-10-11 12:00"),
        ("2025-10-09 08:00", "4 work_hour", "2025-10-09 12:00"),
        ("2025-10-09 12:00", "4 work_hour", "2025-10-09 18:00"),
    ],
)
def test_golden_examples(start: str, limit: str, due: str) -> None:
    assert due_at(_local(start), parse_limit(limit), CHINA) == _local(due)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "2",
        "two work_hour",
        "2 fortnight",
        "0 minute",
        "-1 work_day",
        "nan minute",
        "inf minute",
        "1.5 next_day_end",
    ],
)
def test_what_is_no_limit_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        parse_limit(text)


@pytest.mark.parametrize(
    ("limit", "share", "part"),
    [
        ("2 work_hour", 0.25, "30 work_minute"),
        ("2 urgent_hour", 0.5, "60 minute"),
        ("1 work_day", 0.5, "240 work_minute"),
    ],
)
def test_a_part_keeps_the_kind_of_time(limit: str, share: float, part: str) -> None:
    assert str(parse_limit(limit).part(share)) == part


_starts = st.datetimes(datetime(2024, 1, 1), datetime(2030, 1, 1)).map(lambda at: at.replace(tzinfo=UTC))
_limits = st.builds(Limit, st.integers(1, 40), st.sampled_from(list(LimitUnit)))


_calendars = st.sampled_from([CHINA, NEW_YORK, NIGHT])
_minutes = st.integers(0, 3000).map(lambda minutes: timedelta(minutes=minutes))


@given(_starts, _limits, _calendars)
def test_a_limit_is_due_after_its_start(start: datetime, limit: Limit, calendar: Calendar) -> None:
    assert due_at(start, limit, calendar) > start


@given(_starts, _minutes, _limits, _calendars)
def test_who_starts_later_is_never_due_earlier(
    start: datetime, later: timedelta, limit: Limit, calendar: Calendar
) -> None:
    assert due_at(start + later, limit, calendar) >= due_at(start, limit, calendar)


@given(_starts, _limits, st.integers(1, 20), _calendars)
def test_a_longer_limit_is_due_later(start: datetime, limit: Limit, more: int, calendar: Calendar) -> None:
    assert due_at(start, Limit(limit.amount + more, limit.unit), calendar) > due_at(start, limit, calendar)


@given(_starts, _limits, _limits, _calendars)
def test_what_is_never_later_is_never_later(
    start: datetime, one: Limit, other: Limit, calendar: Calendar
) -> None:
    if one.never_later_than(other):
        assert due_at(start, one, calendar) <= due_at(start, other, calendar)


@given(_starts, st.integers(1, 2000), st.integers(1, 2000), _calendars)
def test_working_time_adds_up(start: datetime, first: int, second: int, calendar: Calendar) -> None:
    whole = due_at(start, Limit(first + second, LimitUnit.WORK_MINUTE), calendar)
    halfway = due_at(start, Limit(first, LimitUnit.WORK_MINUTE), calendar)
    assert due_at(halfway, Limit(second, LimitUnit.WORK_MINUTE), calendar) == whole


@given(_starts, st.integers(1, 100), st.sampled_from(WORKING), _calendars)
def test_working_limits_are_due_in_working_time(
    start: datetime, amount: int, unit: LimitUnit, calendar: Calendar
) -> None:
    # what is due at 24:00 is due on the day that ends
    due = (due_at(start, Limit(amount, unit), calendar) - timedelta(microseconds=1)).astimezone(calendar.zone)
    minute = due.hour * 60 + due.minute + due.second / 60
    assert calendar.works_on(due.date())
    assert any(opens <= minute < closes for opens, closes in calendar.windows)


@given(_starts, _limits, _calendars)
def test_the_limit_itself_is_what_elapses_until_it_is_due(
    start: datetime, limit: Limit, calendar: Calendar
) -> None:
    if limit.unit is not LimitUnit.NEXT_DAY_END:
        due = due_at(start, limit, calendar)
        assert elapsed(start, due, limit.unit, calendar) == timedelta(minutes=limit.minutes)


@given(_starts, _limits, st.floats(0, 1), _calendars)
def test_what_is_left_is_due_when_the_whole_was(
    start: datetime, limit: Limit, share: float, calendar: Calendar
) -> None:
    due = due_at(start, limit, calendar)
    at = start + (due - start) * share
    rest = left(at, due, limit, calendar)
    if at >= due:
        assert rest is None
    else:
        assert rest is not None
        assert due_at(at, parse_limit(str(rest)), calendar) == due


@given(_starts, _limits, st.floats(0, 0.99), _minutes, _calendars)
def test_time_that_a_clock_stands_still_never_counts(
    start: datetime, limit: Limit, share: float, pause: timedelta, calendar: Calendar
) -> None:
    due = due_at(start, limit, calendar)
    at = start + (due - start) * share
    rest = left(at, due, limit, calendar)
    assert rest is not None
    resumed = at + pause
    again = due_at(resumed, rest, calendar)
    assert again >= due
    assert elapsed(resumed, again, rest.unit, calendar) == elapsed(at, due, rest.unit, calendar)


@pytest.mark.parametrize(
    ("start", "limit", "calendar", "due"),
    [
        # office hours never meet the change: a day's work is eight hours
        ("2026-03-06 17:00", "1 work_day", NEW_YORK, "2026-03-09 17:00"),
        ("2026-10-30 17:00", "1 work_day", NEW_YORK, "2026-11-02 17:00"),
        # round the clock is a watch, not a wall clock: the night of the change has 23 hours, or 25
        ("2026-03-07 12:00", "1 natural_day", NEW_YORK, "2026-03-08 13:00"),
        ("2026-10-31 12:00", "1 natural_day", NEW_YORK, "2026-11-01 11:00"),
        # who works that night works an hour less, or more
        ("2026-03-08 00:00", "5 work_hour", NIGHT, "2026-03-08 06:00"),
        ("2026-11-01 00:00", "7 work_hour", NIGHT, "2026-11-01 06:00"),
        ("2026-11-01 00:00", "6 work_hour", NIGHT, "2026-11-01 05:00"),
    ],
)
def test_clocks_that_change(start: str, limit: str, calendar: Calendar, due: str) -> None:
    begins, ends = (datetime.fromisoformat(text).replace(tzinfo=calendar.zone) for text in (start, due))
    assert due_at(begins, parse_limit(limit), calendar) == ends.astimezone(UTC)


def test_nobody_works_on_a_holiday_of_the_law_though_its_year_is_not_announced_yet() -> None:
    """Mondays of January and October, an announced make-up Sunday, and a Monday that no law names."""
    days = [date(2035, 1, 1), date(2040, 10, 1), date(2026, 1, 4), date(2040, 10, 22)]
    assert [CHINA.works_on(day) for day in days] == [False, False, True, True]


@pytest.mark.parametrize(
    ("year", "limit"),
    [(1990, "1 work_day"), (2040, "300 work_day"), (2040, "300 next_day_end"), (2050, "1 next_day_end")],
)
def test_beyond_the_calendar_there_is_no_answer(year: int, limit: str) -> None:
    with pytest.raises(OverflowError):
        due_at(datetime(year, 6, 1, tzinfo=UTC), parse_limit(limit), CHINA)


def _local(text: str) -> datetime:
    return datetime.strptime(text, "%Y-%m-%d %H:%M").replace(tzinfo=CHINA.zone)
