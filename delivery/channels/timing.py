"""When a message may go out: quiet hours, and the hour of a digest."""

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo


@dataclass(frozen=True)
class Timetable:
    """Local times of `zone`; quiet from `quiet_from` until before `quiet_to`, over midnight when that is earlier.

    Equal times: never quiet.
    """

    zone: ZoneInfo
    quiet_from: time = time(22)
    quiet_to: time = time(6)
    digest_at: time = time(8)

    def is_quiet(self, at: datetime) -> bool:
        now = at.astimezone(self.zone).time()
        if self.quiet_from <= self.quiet_to:
            return self.quiet_from <= now < self.quiet_to
        return now >= self.quiet_from or now < self.quiet_to

    def after_quiet(self, at: datetime) -> datetime:
        """`at`, or the end of the quiet hours that it falls into."""
        return self._next(self.quiet_to, at) if self.is_quiet(at) else at

    def next_digest(self, at: datetime) -> datetime:
        """The first digest after `at`."""
        return self.after_quiet(self._next(self.digest_at, at))

    def _next(self, wanted: time, after: datetime) -> datetime:
        """The next moment at which the clocks show it, in UTC: of two times of one zone Python compares what the clocks
        show, which is an hour twice when they are put back."""
        today = after.astimezone(self.zone).date()
        shown = [
            datetime.combine(today + timedelta(days=days), wanted.replace(fold=fold), self.zone)
            for days in (0, 1)
            for fold in (0, 1)
        ]
        moments = [each.astimezone(UTC) for each in shown if each.fold == 0 or self._is_shown(each)]
        return min(moment for moment in moments if moment > after)

    def _is_shown(self, local: datetime) -> bool:
        """Not one of the times that are left out when the clocks are put forward."""
        return local.astimezone(UTC).astimezone(self.zone).time() == local.time()
