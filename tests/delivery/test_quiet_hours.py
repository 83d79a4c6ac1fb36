"""Quiet hours end when the clocks say so, also in the nights in which the clocks are put on or back."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from delivery.channels.timing import Timetable

NIGHTS = [
    ("Europe/Berlin", datetime(2026, 10, 24, 12, tzinfo=UTC)),
    ("Europe/Berlin", datetime(2026, 3, 28, 12, tzinfo=UTC)),
    ("Africa/Cairo", datetime(2026, 10, 29, 12, tzinfo=UTC)),
    ("Australia/Lord_Howe", datetime(2026, 4, 4, 6, tzinfo=UTC)),
    ("Asia/Shanghai", datetime(2026, 11, 23, 4, tzinfo=UTC)),
]
HOURS = [(22, 0, 6, 0), (20, 0, 2, 30), (1, 30, 2, 15), (23, 30, 0, 30), (1, 45, 1, 50)]


@pytest.mark.parametrize(("zone", "begin"), NIGHTS)
@pytest.mark.parametrize("hours", HOURS)
def test_what_waits_goes_out_at_their_next_end(
    zone: str, begin: datetime, hours: tuple[int, int, int, int]
) -> None:
    timetable = Timetable(ZoneInfo(zone), time(*hours[:2]), time(*hours[2:]))
    for minutes in range(0, 24 * 60, 5):
        at = begin + timedelta(minutes=minutes)
        found = timetable.after_quiet(at).astimezone(UTC)
        assert not timetable.is_quiet(found), at
        if timetable.is_quiet(at):
            assert timedelta() < found - at <= timedelta(hours=10), at
            # a time that is left out is shown an hour later
            assert _shown(found, zone) in (timetable.quiet_to, _an_hour_later(timetable.quiet_to)), at
        else:
            assert found == at


def _shown(moment: datetime, zone: str) -> time:
    return moment.astimezone(ZoneInfo(zone)).time()


def _an_hour_later(at: time) -> time:
    return at.replace(hour=at.hour + 1)
