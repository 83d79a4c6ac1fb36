"""Promise 5: what one service has let in and another has worked must come to the same number."""

from datetime import datetime, timedelta

from prometheus_client import Gauge

_SETTLING = timedelta(minutes=5)
_DAY = timedelta(days=1)

LANDED = Gauge(
    "casegrid_landed",
    "Accepted reports, and the cases of them, of the 24 full hours that ended at least five minutes ago",
    ["what"],
)


def settled_day(now: datetime) -> tuple[datetime, datetime]:
    """The same 24 hours whoever asks within the hour, so that counts of two services can be compared."""
    end = (now - _SETTLING).replace(minute=0, second=0, microsecond=0)
    return end - _DAY, end
