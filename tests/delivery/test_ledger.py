"""The hours for which two services compare their counts."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from delivery.ledger import settled_day

moments = st.datetimes(datetime(2020, 1, 1), datetime(2099, 1, 1), timezones=st.just(UTC))


@given(moments)
def test_a_settled_day_is_24_full_hours_that_ended_five_minutes_ago_or_more(now: datetime) -> None:
    begin, end = settled_day(now)
    assert end - begin == timedelta(hours=24)
    assert (end.minute, end.second, end.microsecond) == (0, 0, 0)
    assert timedelta(minutes=5) <= now - end < timedelta(minutes=65)


def test_who_asks_within_the_hour_asks_of_the_same_hours() -> None:
    asked = [datetime(2026, 11, 23, 12, 5, tzinfo=UTC) + timedelta(minutes=minute) for minute in range(60)]
    assert len({settled_day(now) for now in asked}) == 1
