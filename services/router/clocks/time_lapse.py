"""The router's time: the real one, or for a demonstration one that runs faster from some moment on."""

from collections.abc import Callable
from datetime import UTC, datetime

Now = Callable[[], datetime]


def real_time() -> datetime:
    return datetime.now(UTC)


def time_lapse(since: datetime, speed: float, real: Now = real_time) -> Now:
    """A clock that agrees with the real one until `since` and from then on runs `speed` times as fast; the same on
    every replica and after every restart."""

    def now() -> datetime:
        at = real()
        return at if at <= since else since + (at - since) * speed

    return now
