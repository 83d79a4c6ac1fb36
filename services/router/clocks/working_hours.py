"""Working time as one long line of open hours, so that time can be added, measured and split without a rest."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from itertools import accumulate
from zoneinfo import ZoneInfo

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
Minutes = int  # after midnight of the calendar's zone


class WorkingHours:
    """The open hours of `days`, in microseconds since 1970: exact, and the same length as on a watch.

    A clock change inside open hours makes that day's work an hour shorter or longer, as it does for those who work it.
    """

    def __init__(
        self, days: Sequence[date], windows: Sequence[tuple[Minutes, Minutes]], zone: ZoneInfo
    ) -> None:
        self.days = days
        self.windows_a_day = len(windows)
        spans = list(_spans(days, windows, zone))
        self._opens = [opens for opens, _ in spans]
        self._closes = [closes for _, closes in spans]
        self._worked = list(accumulate(closes - opens for opens, closes in spans))

    def worked_until(self, moment: datetime) -> int:
        """Microseconds worked from the first day until `moment`; raises OverflowError when no day reaches so far."""
        at = microseconds(moment)
        index = bisect_right(self._opens, at) - 1
        if index < 0 or at > self._closes[-1]:
            raise OverflowError("outside of the calendar's years")
        return self._worked[index] - max(0, self._closes[index] - at)

    def when_worked(self, total: int) -> datetime:
        """The first moment at which `total` microseconds have been worked since the first day."""
        index = bisect_left(self._worked, total)
        if index == len(self._worked):
            raise OverflowError("outside of the calendar's years")
        return moment_of(self._closes[index] - (self._worked[index] - total))

    def close_of_day_after(self, today: date, days: int) -> datetime:
        """When work ends on the n-th working day after `today`."""
        index = bisect_right(self.days, today) + days - 1
        if today < self.days[0] or index >= len(self.days):
            raise OverflowError("outside of the calendar's years")
        return moment_of(self._closes[(index + 1) * self.windows_a_day - 1])


def microseconds(moment: datetime) -> int:
    return (moment - _EPOCH) // _MICROSECOND


def moment_of(at: int) -> datetime:
    return _EPOCH + timedelta(microseconds=at)


def _spans(
    days: Sequence[date], windows: Sequence[tuple[Minutes, Minutes]], zone: ZoneInfo
) -> Iterator[tuple[int, int]]:
    """When it opens and closes; an hour that the clock leaps over is nobody's: no span begins before the last ended."""
    last = microseconds(datetime(1, 1, 2, tzinfo=UTC))
    for day in days:
        midnight = datetime(day.year, day.month, day.day, tzinfo=zone)
        for window in windows:
            opens, closes = (microseconds(midnight + timedelta(minutes=minute)) for minute in window)
            opens = max(opens, last)
            last = max(closes, opens)
            yield opens, last
