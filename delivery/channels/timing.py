"""When a message may go out: quiet hours, and the hour of a digest."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta
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
        local = after.astimezone(self.zone)
        found = datetime.combine(local.date(), wanted, self.zone)
        return (
            found if found > local else datetime.combine(local.date() + timedelta(days=1), wanted, self.zone)
        )
