"""The loop that tells people: claim what is due, send it with no connection held, record how it ended, and repeat."""

import asyncio
import random
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from itertools import groupby

import asyncpg
from uuid_utils.compat import uuid7

from contracts.vocabulary import Medium, NoticeStatus
from delivery import outbox
from delivery.channels.channel import Answer, Channel, Outcome, OutwardMessage
from delivery.channels.opened import open_channels
from delivery.channels.retrying import HORIZON, Verdict, judge
from delivery.channels.settings import ChannelSettings
from delivery.database import Database
from delivery.logs import log
from delivery.waking import wait_for_wake
from services.notifier.metrics import NOTICES
from services.notifier.people import notices_store, people_store
from services.notifier.people.notices_store import Ended
from services.notifier.people.outward import message_of
from services.notifier.people.stating import unit_told
from services.notifier.people.words import Style

SENDING = 64  # under way at once
CLAIMED = 256  # at once, so that a digest is whole
LEASE = timedelta(minutes=3)
POLL_SECONDS = 0.5
_FINISH_SECONDS = 16.0  # longer than any channel takes
_NO_ADDRESS = Answer(Outcome.LASTING)
Rows = Sequence[asyncpg.Record]


class Teller:
    """Holds what is under way; everything that must survive is in the database. `style`: zone and desk address."""

    def __init__(
        self,
        database: Database,
        settings: ChannelSettings,
        style: Style,
        *,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        chance: Callable[[], float] = random.random,
    ) -> None:
        self._database = database
        self._settings = settings
        self._style = style
        self._now = now
        self._chance = chance
        self._wake = asyncio.Event()
        self._slots = asyncio.Semaphore(SENDING)
        self._under_way: set[asyncio.Task[None]] = set()
        self._answered: list[tuple[Rows, Answer]] = []

    def wake(self) -> None:
        self._wake.set()

    async def run(self) -> None:
        """For ever; when cancelled, what is under way is finished and recorded first."""
        async with open_channels(self._settings) as channel:
            try:
                while True:
                    self._wake.clear()
                    await self.turn(channel)
                    await wait_for_wake(self._wake, seconds=POLL_SECONDS)
            finally:
                with suppress(Exception):  # what is not recorded comes back with its lease
                    await self._finish()

    async def turn(self, channel: Channel) -> int:
        """Record what was answered and begin what is due; gives the number of messages begun."""
        await self._record()
        free = CLAIMED - len(self._under_way)
        if free <= 0:
            return 0
        async with self._database.connection() as connection:  # its own transaction: must not wake this loop
            claimed = await notices_store.claim(connection, now=self._now(), limit=free, lease=LEASE)
        messages = together(claimed)
        for rows in messages:
            task = asyncio.create_task(self._send(channel, rows))
            self._under_way.add(task)
            task.add_done_callback(self._under_way.discard)
        return len(messages)

    async def settle(self) -> None:
        """Wait for what is under way, and record it."""
        if self._under_way:
            await asyncio.wait(list(self._under_way), timeout=_FINISH_SECONDS)
        await self._record()

    async def _finish(self) -> None:
        await self.settle()
        for task in list(self._under_way):
            task.cancel()

    async def _send(self, channel: Channel, rows: Rows) -> None:
        message = _addressed(rows, self._style)
        try:
            async with self._slots:
                answer = _NO_ADDRESS if message is None else await channel.send(message)
        except Exception as error:  # a provider that breaks its promise must not stop the others
            log.warning("channel failed", medium=rows[0]["medium"], error=type(error).__name__)
            answer = Answer(Outcome.PASSING, error=type(error).__name__)
        self._answered.append((rows, answer))
        self._wake.set()

    async def _record(self) -> None:
        """All that was answered, in one transaction with what is announced and with what comes again."""
        if not self._answered:
            return
        answered, now = list(self._answered), self._now()
        ended = [self._judge(row, answer, now) for rows, answer in answered for row in rows]
        async with self._database.transaction() as connection:
            cases = {row["case_id"] for rows, _ in answered for row in rows if row["every"]}
            if cases:
                await people_store.find_parties(connection, cases)
            rows = await notices_store.record(connection, ended, now=now)
            over = [row for row in rows if row["ended_at"] is not None]
            again = [row for row in over if row["every"] and row["status"] not in _NEVER_AGAIN]
            await notices_store.repeat(connection, again, [uuid7() for _ in again], now=now)
            await outbox.add(connection, [unit_told(row, event_id=uuid7(), at=now) for row in over])
        del self._answered[: len(answered)]
        for row in over:
            NOTICES.labels(row["medium"], row["urgency"], row["status"]).inc()
            if row["status"] != NoticeStatus.DELIVERED:
                _log_failure(row)

    def _judge(self, row: asyncpg.Record, answer: Answer, now: datetime) -> Ended:
        if answer is _NO_ADDRESS:
            return Ended(row["id"], row["attempts"], answer, Verdict(NoticeStatus.NO_CONTACT))
        verdict = judge(
            answer,
            attempts=row["attempts"],
            age=now - row["first_due_at"],
            chance=self._chance(),
            horizon=row["every"] or HORIZON,
        )
        return Ended(row["id"], row["attempts"], answer, verdict)


# nobody can be reached this way before somebody sets it up
_NEVER_AGAIN = {NoticeStatus.NOT_CONFIGURED, NoticeStatus.NO_CONTACT}


def together(claimed: Rows) -> list[Rows]:
    """What goes out as one message: each notice by itself, but a unit's digest as a whole."""

    def key(row: asyncpg.Record) -> tuple[str, str]:
        return row["unit"], row["medium"]

    digests = sorted((row for row in claimed if row["digest"]), key=key)
    alone: list[Rows] = [[row] for row in claimed if not row["digest"]]
    return alone + [list(rows) for _, rows in groupby(digests, key)]


def _addressed(rows: Rows, style: Style) -> OutwardMessage | None:
    """None when the unit can no longer be reached this way."""
    medium = Medium(rows[0]["medium"])
    address = rows[0][people_store.ADDRESS_OF[medium]]
    return message_of(rows, medium, address, style) if address else None


def _log_failure(row: asyncpg.Record) -> None:
    log.warning(
        f"notice: {row['status']}",
        notice_id=row["id"],
        unit=row["unit"],
        case_id=row["case_id"],
        medium=row["medium"],
        attempts=row["attempts"],
        code=row["code"],
        error=row["error"],
    )
