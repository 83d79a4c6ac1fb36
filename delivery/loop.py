"""A loop that lives as long as its service: it begins again when it fails, and says so when it does nothing else."""

import asyncio
import time
from collections.abc import Awaitable, Callable

from delivery.consumer import ATTEMPTS
from delivery.logs import log
from delivery.metrics import LOOP_FAILURES

STEADY_SECONDS = 20.0  # longer than a loop that has failed takes to part from what it has under way


class Loop:
    """`run` may return, and is run again, or go on for ever: then to last is to be well."""

    def __init__(self, service: str, name: str, run: Callable[[], Awaitable[None]]) -> None:
        self.name = name
        self._run = run
        self._failed = LOOP_FAILURES.labels(service, name)
        self._failures = 0  # in a row
        self._trouble = ""
        self._began_at = 0.0
        self.task: asyncio.Task[None] | None = None

    def start(self) -> asyncio.Task[None]:
        self.task = asyncio.create_task(self._go_on(), name=self.name)
        return self.task

    def problem(self) -> str | None:
        """Why nothing may be happening, for `/health/ready`."""
        if self.task is not None and self.task.done():
            return f"{self.name} is not running"
        failing = self._failures >= ATTEMPTS and not self._is_steady()
        return f"{self.name} keeps failing: {self._trouble}" if failing else None

    async def _go_on(self) -> None:
        while True:
            self._began_at = time.monotonic()
            try:
                await self._run()
                self._failures = 0
            except Exception as error:  # a loop that ended would be a promise silently broken
                self._note(_first(error))
                await asyncio.sleep(1)

    def _note(self, error: Exception) -> None:
        self._failures = 1 if self._is_steady() else self._failures + 1
        self._trouble = type(error).__name__
        self._failed.inc()
        log.warning("loop failed and begins again", loop=self.name, error=self._trouble, exc_info=error)

    def _is_steady(self) -> bool:
        return time.monotonic() - self._began_at > STEADY_SECONDS


def _first(error: Exception) -> Exception:
    """Tasks that run together fail as a group, which says nothing by itself."""
    return _first(error.exceptions[0]) if isinstance(error, ExceptionGroup) else error
