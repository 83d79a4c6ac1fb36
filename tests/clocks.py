"""Hosts whose clocks differ."""

from datetime import datetime, timedelta, tzinfo
from typing import Any


def clock_ahead(minutes: float) -> type[datetime]:
    """In the place of a module's `datetime`: the clock of a host that differs from the database's."""

    class Ahead(datetime):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> Any:
            return datetime.now(tz) + timedelta(minutes=minutes)

    return Ahead
