"""What is counted in the database before each scrape of `/metrics`."""

import asyncio
from collections.abc import Awaitable, Callable

from delivery.logs import log
from delivery.metrics import MEASURE_FAILURES

_LONGEST_SECONDS = 2


class Measure:
    """`run` sets gauges. While it fails they say what they said last, so each failure is counted, and the first of a
    row is logged."""

    def __init__(self, service: str, name: str, run: Callable[[], Awaitable[None]]) -> None:
        self.name = name
        self._run = run
        self._failed = MEASURE_FAILURES.labels(service, name)
        self._is_failing = False

    async def take(self) -> None:
        """Raises nothing: a scrape during an outage still shows the rest."""
        try:
            await asyncio.wait_for(self._run(), _LONGEST_SECONDS)
        except Exception as error:
            self._note(error)
        else:
            self._is_failing = False

    def _note(self, error: Exception) -> None:
        self._failed.inc()
        if not self._is_failing:
            log.warning("measure failed", measure=self.name, error=type(error).__name__, exc_info=error)
        self._is_failing = True
