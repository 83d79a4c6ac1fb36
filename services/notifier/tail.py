"""The end of the feed, held in memory: however many clients listen, each line is read from the database once."""

import asyncio
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import takewhile

from delivery.database import Database
from delivery.waking import wait_for_wake
from services.notifier.directory import EMPTY
from services.notifier.metrics import STREAM_CLIENTS
from services.notifier.scope import Related, remembering
from services.notifier.store import feed
from services.notifier.store.directory import KnownDirectory
from services.notifier.store.feed import Cursor, Line

PAGE = 500
KEPT = 2000
_NOWHERE = Cursor(0, 0)
POLL_SECONDS = 0.1  # finds what other replicas committed; our own commits wake us


class Tail:
    """Reads on while anybody listens; who has fallen behind what is kept reads the database himself."""

    def __init__(self, database: Database, *, kept: int = KEPT, known: KnownDirectory | None = None) -> None:
        self._database = database
        self._known = known or KnownDirectory()
        self.related: Related = remembering(EMPTY)
        """In the directory as it was when lines were read last."""
        self._kept = kept
        self._lines: deque[Line] = deque()
        self._begin = self._end = _NOWHERE
        self._clients = 0
        self._wake = asyncio.Event()
        self._grown = asyncio.Event()

    def wake(self) -> None:
        self._wake.set()

    @contextmanager
    def listening(self) -> Iterator[None]:
        self._clients += 1
        STREAM_CLIENTS.inc()
        self._wake.set()
        try:
            yield
        finally:
            self._clients -= 1
            STREAM_CLIENTS.dec()

    async def run(self) -> None:
        while True:
            self._wake.clear()
            if not self._clients:
                self._forget()
                await self._wake.wait()
                continue
            if await self._read_on() < PAGE:
                await wait_for_wake(self._wake, seconds=POLL_SECONDS)

    async def end(self) -> Cursor:
        """Where a client begins who has no place of his own."""
        async with self._database.connection() as connection:
            return await feed.end(connection)

    async def after(self, cursor: Cursor, *, patience: float) -> Sequence[Line]:
        """The next lines after `cursor`, waited for no longer than `patience` seconds; perhaps none."""
        if cursor >= self._end:
            await wait_for_wake(self._grown, seconds=patience)
        if cursor >= self._begin:
            newer = takewhile(lambda line: line.cursor > cursor, reversed(self._lines))
            return list(newer)[::-1]
        async with self._database.connection() as connection:
            self.related = await self._known.related(connection)
            return await feed.after(connection, cursor, PAGE)

    async def _read_on(self) -> int:
        async with self._database.connection() as connection:
            if self._end == _NOWHERE:
                self._begin = self._end = await feed.end(connection)
                self._tell()
            if lines := await feed.after(connection, self._end, PAGE):
                self.related = await self._known.related(connection)
        if lines:
            self._keep(lines)
        return len(lines)

    def _forget(self) -> None:
        """While nobody listens nothing is read, so what is kept would have a gap."""
        self._lines.clear()
        self._begin = self._end = _NOWHERE

    def _keep(self, lines: Sequence[Line]) -> None:
        self._lines.extend(lines)
        self._end = lines[-1].cursor
        while len(self._lines) > self._kept:
            self._begin = self._lines.popleft().cursor
        self._tell()

    def _tell(self) -> None:
        self._grown.set()
        self._grown = asyncio.Event()
