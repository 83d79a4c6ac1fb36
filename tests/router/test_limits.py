"""When limits are due: the golden examples of the domain, and what holds for every limit."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.router.clocks.calendars import calendar_named
from services.router.clocks.limits import Limit, LimitUnit, due_at, parse_limit

CHINA = calendar_named("cn", "Asia/Shanghai")
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
    "text", ["", "2", "two work_hour", "2 fortnight", "0 minute", "-1 work_day", "nan minute"]
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


@given(_starts, _limits)
def test_a_limit_is_due_after_its_start(start: datetime, limit: Limit) -> None:
    assert due_at(start, limit, CHINA) > start


@given(_starts, st.integers(0, 3000), _limits)
def test_who_starts_later_is_never_due_earlier(start: datetime, minutes: int, limit: Limit) -> None:
    assert due_at(start + timedelta(minutes=minutes), limit, CHINA) >= due_at(start, limit, CHINA)


@given(_starts, st.integers(1, 2000), st.integers(1, 2000))
def test_working_time_adds_up(start: datetime, first: int, second: int) -> None:
    whole = due_at(start, Limit(first + second, LimitUnit.WORK_MINUTE), CHINA)
    halfway = due_at(start, Limit(first, LimitUnit.WORK_MINUTE), CHINA)
    parts = due_at(halfway, Limit(second, LimitUnit.WORK_MINUTE), CHINA)
    assert abs(whole - parts) < timedelta(seconds=1)


@given(_starts, st.integers(1, 100), st.sampled_from(WORKING))
def test_working_limits_are_due_in_working_time(start: datetime, amount: int, unit: LimitUnit) -> None:
    due = due_at(start, Limit(amount, unit), CHINA).astimezone(CHINA.zone)
    minute = due.hour * 60 + due.minute + due.second / 60
    assert CHINA.works_on(due.date())
    assert any(opens < minute <= closes for opens, closes in CHINA.windows)


def _local(text: str) -> datetime:
    return datetime.strptime(text, "%Y-%m-%d %H:%M").replace(tzinfo=CHINA.zone)
