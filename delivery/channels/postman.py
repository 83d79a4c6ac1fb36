"""The loop that sends what a database says is due: claim, send with no connection held, record how it ended."""

import asyncio
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Generic, TypeVar

from contracts.vocabulary import Medium
from delivery.channels.channel import Answer, Channel, Outcome, OutwardMessage
from delivery.channels.opened import open_channels
from delivery.channels.settings import ChannelSettings
from delivery.database import Connection
from delivery.logs import log
from delivery.waking import wait_for_wake

# under way at once by one medium, so that a slow way out delays no other; no more are claimed, so that none waits for
# its turn until its lease has passed
SENDING = 64
LEASE = timedelta(minutes=3)
POLL_SECONDS = 0.5  # people do not notice it; waking for each commit would cost a busy service a claim each
TURN_SECONDS = 0.05  # from one turn to the next: what is answered meanwhile is recorded together
_FINISH_SECONDS = 32.0  # longer than any channel takes
T = TypeVar("T")
Now = Callable[[], datetime]


class Postman(Generic[T]):
    """Holds what is under way; everything that must survive is in the database, claimed with a lease."""

    def __init__(self, settings: ChannelSettings, now: Now | None = None) -> None:
        self._settings = settings
        self._now = now
        self._wake = asyncio.Event()
        self._under_way: dict[asyncio.Task[None], Medium] = {}
        self._answered: list[tuple[T, Answer]] = []

    async def claim(self, room: Mapping[Medium, int]) -> Sequence[T]:
        """Take what is due, for the length of `LEASE`, as many messages of a medium as it has room for."""
        raise NotImplementedError

    def medium(self, claimed: T) -> Medium:
        """By which it goes out."""
        raise NotImplementedError

    def message(self, claimed: T, channel: Channel) -> OutwardMessage | None:
        """None: it can be sent nowhere."""
        raise NotImplementedError

    async def record(self, answered: Sequence[tuple[T, Answer | None]]) -> None:
        """Keep how it ended, with what is announced of it; no answer where there was no message."""
        raise NotImplementedError

    async def time(self, connection: Connection) -> datetime:
        """The database's, which all replicas share: by the clocks of their hosts one would take what another has just
        claimed, and send it too."""
        if self._now is not None:
            return self._now()
        at: datetime = await connection.fetchval("select clock_timestamp()")
        return at

    async def run(self) -> None:
        """For ever; when cancelled, what is under way is finished and recorded first."""
        async with open_channels(self._settings) as channel:
            try:
                while True:
                    began = time.monotonic()
                    self._wake.clear()
                    await self.turn(channel)
                    await wait_for_wake(self._wake, seconds=POLL_SECONDS)
                    await asyncio.sleep(began + TURN_SECONDS - time.monotonic())
            finally:
                with suppress(Exception):  # what is not recorded comes back with its lease
                    await self._finish()

    async def turn(self, channel: Channel) -> int:
        """Record what was answered and begin what is due; gives the number of messages begun."""
        await self._keep()
        taken = Counter(self._under_way.values())
        room = {medium: SENDING - taken[medium] for medium in Medium if taken[medium] < SENDING}
        claimed = await self.claim(room) if room else ()
        for one in claimed:
            task = asyncio.create_task(self._send(channel, one))
            self._under_way[task] = self.medium(one)
            task.add_done_callback(self._under_way.pop)
        return len(claimed)

    async def settle(self) -> None:
        """Wait for what is under way, and record it."""
        if self._under_way:
            await asyncio.wait(list(self._under_way), timeout=_FINISH_SECONDS)
        await self._keep()

    async def _finish(self) -> None:
        await self.settle()
        for task in list(self._under_way):
            task.cancel()

    async def _send(self, channel: Channel, one: T) -> None:
        try:
            message = self.message(one, channel)
            answer = NOWHERE if message is None else await channel.send(message)
        except Exception as error:  # one that breaks its promise must not stop the others
            log.warning("message failed", error=type(error).__name__)
            answer = Answer(Outcome.PASSING, error=type(error).__name__)
        self._answered.append((one, answer))
        self._wake.set()

    async def _keep(self) -> None:
        """Kept for the next turn when it fails."""
        if answered := list(self._answered):
            await self.record([(one, None if answer is NOWHERE else answer) for one, answer in answered])
            del self._answered[: len(answered)]


NOWHERE = Answer(Outcome.LASTING)
