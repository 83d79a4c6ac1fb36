"""The end of the feed: however many clients listen, each line is read once, and only those who want it are woken."""

import asyncio
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from delivery.database import Database
from delivery.waking import wait_for_wake
from services.notifier.directory import EMPTY
from services.notifier.metrics import STREAM_CLIENTS
from services.notifier.reader import Reader
from services.notifier.scope import Related, remembering
from services.notifier.store import feed
from services.notifier.store.directory import KnownDirectory
from services.notifier.store.feed import Cursor, Line

PAGE = 500
MOST_WAITING = 1000  # frames for one client; who takes them slower reads the database himself
POLL_SECONDS = 0.1  # finds what other replicas committed; our own commits wake us
_NOWHERE = Cursor(0, 0)


class Listener:
    """One client: he catches up from the database, and from then on is given his frames as they come."""

    def __init__(self, tail: "Tail", reader: Reader, place: Cursor) -> None:
        self.reader = reader
        self.place = place
        """Up to here everything he wants was taken."""
        self.live = False
        self._tail = tail
        self._frames: list[bytes] = []
        self._wake = asyncio.Event()

    async def next(self, *, patience: float) -> bytes:
        """Frames; none when none has come for `patience` seconds."""
        deadline = time.monotonic() + patience
        while not (frames := await self._next(deadline)):
            if time.monotonic() >= deadline:
                break
        return frames

    def give(self, at: Cursor, frame: bytes) -> None:
        if not self.live or at <= self.place:
            return
        if len(self._frames) < MOST_WAITING:
            self._frames.append(frame)
        else:
            self.live = False
            self._frames.clear()
        self._wake.set()

    async def _next(self, deadline: float) -> bytes:
        if not self.live:
            return await self._catch_up()
        self._wake.clear()
        if not self._frames:
            await wait_for_wake(self._wake, seconds=deadline - time.monotonic())
        if not self.live:  # fallen behind meanwhile
            return b""
        frames, self._frames = b"".join(self._frames), []
        self.place = max(self.place, self._tail.end)
        return frames

    async def _catch_up(self) -> bytes:
        """The next page; with the last one he is where the tail is, unless it has moved on meanwhile."""
        end = self._tail.end
        lines = await self._tail.after(self.place)
        frames = [
            frame
            for line in lines
            if (frame := self.reader.frame(line, self._tail.related(*line.entry.concerns)))
        ]
        self.place = lines[-1].cursor if lines else self.place
        if len(lines) < PAGE:
            self.place = max(self.place, end)
            self.live = self._tail.begun and self.place >= self._tail.end
            if not self.live:
                await self._tail.moves()
        return b"".join(frames)


class Tail:
    """Reads on while anybody listens, and hands each line to those who want it."""

    def __init__(self, database: Database, *, known: KnownDirectory | None = None) -> None:
        self.end = _NOWHERE
        """Up to here every line has been handed out."""
        self.related: Related = remembering(EMPTY)
        """In the directory as it was when lines were read last."""
        self._database = database
        self._known = known or KnownDirectory()
        # by the unit for which they listen: who has nothing to do with a case costs it nothing
        self._listeners: dict[str | None, dict[Reader, set[Listener]]] = defaultdict(lambda: defaultdict(set))
        self._wake = asyncio.Event()
        self._moved = asyncio.Event()

    @property
    def begun(self) -> bool:
        return self.end != _NOWHERE

    def wake(self) -> None:
        self._wake.set()

    @contextmanager
    def listening(self, reader: Reader, place: Cursor) -> Iterator[Listener]:
        listener = Listener(self, reader, place)
        self._listeners[reader.owner][reader].add(listener)
        STREAM_CLIENTS.inc()
        self._wake.set()
        try:
            yield listener
        finally:
            STREAM_CLIENTS.dec()
            self._leave(listener)

    async def run(self) -> None:
        while True:
            self._wake.clear()
            if not self._listeners:
                self.end = _NOWHERE  # while nobody listens nothing is read
                await self._wake.wait()
            elif await self._read_on() < PAGE:
                await wait_for_wake(self._wake, seconds=POLL_SECONDS)

    async def moves(self) -> None:
        """Waits until there is more, but not for ever: a replica may have written it."""
        await wait_for_wake(self._moved, seconds=POLL_SECONDS)

    async def newest(self) -> Cursor:
        """Where a client begins who has no place of his own."""
        async with self._database.connection() as connection:
            return await feed.end(connection)

    async def place(self, last: Cursor) -> Cursor | None:
        """Where a client goes on; None when his place is none of this feed."""
        async with self._database.connection() as connection:
            return await feed.place(connection, last)

    async def after(self, place: Cursor) -> Sequence[Line]:
        """A page for who is not live."""
        async with self._database.connection() as connection:
            self.related = await self._known.related(connection)
            return await feed.after(connection, place, PAGE)

    async def _read_on(self) -> int:
        async with self._database.connection() as connection:
            if not self.begun:
                self.end = await feed.end(connection)
                self._tell()
            if lines := await feed.after(connection, self.end, PAGE):
                self.related = await self._known.related(connection)
        for line in lines:
            self._hand_out(line)
        if lines:
            self.end = lines[-1].cursor
            self._tell()
        return len(lines)

    def _hand_out(self, line: Line) -> None:
        related = self.related(*line.entry.concerns)
        for owner in (None, *related):
            for reader, listeners in self._listeners.get(owner, {}).items():
                if frame := reader.frame(line, related):
                    for listener in listeners:
                        listener.give(line.cursor, frame)

    def _tell(self) -> None:
        self._moved.set()
        self._moved = asyncio.Event()

    def _leave(self, listener: Listener) -> None:
        owner, reader = listener.reader.owner, listener.reader
        self._listeners[owner][reader].discard(listener)
        if not self._listeners[owner][reader]:
            del self._listeners[owner][reader]
        if not self._listeners[owner]:
            del self._listeners[owner]
