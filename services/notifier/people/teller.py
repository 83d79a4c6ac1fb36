"""Tells people on duty: what is due goes out, how it ended is kept and stated, and what nobody signed comes again."""

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import groupby

import asyncpg
from uuid_utils.compat import uuid7

from contracts.vocabulary import Medium, NoticeStatus, Privacy, Urgency
from delivery import outbox
from delivery.channels.channel import Answer, Channel, Outcome, OutwardMessage
from delivery.channels.ended import Ended
from delivery.channels.postman import LEASE, Now, Postman
from delivery.channels.retrying import Verdict, judge
from delivery.channels.settings import ChannelSettings
from delivery.channels.timing import Timetable
from delivery.database import Database
from delivery.logs import log
from delivery.pauses import HORIZON
from services.notifier.metrics import count_notices
from services.notifier.people import notices_store, people_store
from services.notifier.people.outward import message_of
from services.notifier.people.parties import Post, may_be_told
from services.notifier.people.stating import unit_told
from services.notifier.people.telling import by_day, media_of
from services.notifier.people.told import PLANS, Kind
from services.notifier.people.words import Style

Rows = Sequence[asyncpg.Record]
# a way that nobody has set up is a state of the system, which the metric shows; a line for each would say no more
_NO_FAULT = {NoticeStatus.DELIVERED, NoticeStatus.NOT_CONFIGURED, NoticeStatus.STOPPED}

# nobody can be reached this way before somebody sets it up, or nobody wants it to come again
_NEVER_AGAIN = {NoticeStatus.NOT_CONFIGURED, NoticeStatus.NO_CONTACT, NoticeStatus.STOPPED}


class Teller(Postman[Rows]):
    def __init__(
        self,
        database: Database,
        settings: ChannelSettings,
        style: Style,
        *,
        now: Now | None = None,
        chance: Callable[[], float] = random.random,
    ) -> None:
        super().__init__(settings, now)
        self._database = database
        self._style = style
        self._timetable = Timetable(style.zone)
        self._chance = chance

    async def claim(self, room: Mapping[Medium, int]) -> list[Rows]:
        """What a service that was away finds due at night waits on."""
        async with self._database.connection() as connection, connection.transaction():
            now = await self.time(connection)
            rows = await notices_store.claim(connection, now=now, room=room, lease=LEASE)
            later = {row["id"]: due for row in rows if (due := self._by_day(row, now)) > now}
            if later:
                await notices_store.put_off(connection, list(later.items()))
        return together([row for row in rows if row["id"] not in later])

    def _by_day(self, row: asyncpg.Record, at: datetime) -> datetime:
        timetable = people_store.timetable_of(row, self._timetable)
        return by_day(at, PLANS[Urgency(row["urgency"])], timetable)

    def medium(self, claimed: Rows) -> Medium:
        return Medium(claimed[0]["medium"])

    def message(self, claimed: Rows, channel: Channel) -> OutwardMessage | None:
        if _is_over(claimed[0]):
            return None
        medium = self.medium(claimed)
        address = claimed[0][people_store.ADDRESS_OF[medium]]
        return message_of(claimed, medium, address, self._style) if address else None

    async def record(self, answered: Sequence[tuple[Rows, Answer | None]]) -> None:
        """In one transaction with what is announced and with what comes again."""
        # what went out together is due together again, and as old as the youngest: the same digest, under the same id
        tried = [
            (rows, answer, self._chance(), max(row["first_due_at"] for row in rows))
            for rows, answer in answered
        ]
        async with self._database.transaction() as connection:
            now = await self.time(connection)
            claimed = [row for rows, _ in answered for row in rows]
            # locked, all of them: a newer order of a case that is heard just now takes up its notices too
            parties = await people_store.find_parties(connection, {row["case_id"] for row in claimed})
            unsigned = {case_id for case_id, known in parties.items() if known.waits_for_signature}
            ended = [
                self._judge(row, answer, now, chance, since=since, is_signed=row["case_id"] not in unsigned)
                for rows, answer, chance, since in tried
                for row in rows
            ]
            rows = await notices_store.record(connection, ended, now=now)
            over = [row for row in rows if row["ended_at"] is not None]
            again = [row for row in over if row["every"] and row["status"] not in _NEVER_AGAIN]
            await notices_store.repeat(connection, again, [uuid7() for _ in again], now=now)
            where = {row["id"]: row for row in claimed}
            lost = [row for row in over if row["status"] == NoticeStatus.NO_CONTACT]
            wanted = [row for row in lost if row["number"] == 1 or row["case_id"] in unsigned]
            ways = [(row["id"], uuid7(), medium) for row in wanted for medium in _ways(row, where[row["id"]])]
            await notices_store.tell_otherwise(connection, ways, now=now)
            told = [row for row in over if row["status"] != NoticeStatus.STOPPED]
            await outbox.add(connection, [unit_told(row, event_id=uuid7(), at=now) for row in told])
        count_notices(over)
        for row in over:
            if row["status"] not in _NO_FAULT:
                _log_failure(row)

    def _judge(
        self,
        row: asyncpg.Record,
        answer: Answer | None,
        now: datetime,
        chance: float,
        *,
        since: datetime,
        is_signed: bool,
    ) -> Ended:
        """An order ends at its next repetition; where none follows it goes on, but to whoever has signed it."""
        if answer is None:
            status = NoticeStatus.STOPPED if _is_over(row) else NoticeStatus.NO_CONTACT
            return Ended(row["id"], row["attempts"], Answer(Outcome.LASTING), Verdict(status))
        goes_on = is_signed and row["post"] != Post.LEAD
        verdict = judge(
            answer,
            attempts=row["attempts"],
            age=now - since,
            chance=chance,
            horizon=HORIZON if goes_on or row["every"] is None else row["every"],
        )
        again = self._by_day(row, now + timedelta(seconds=verdict.pause))
        verdict = replace(verdict, pause=(again - now).total_seconds())
        return Ended(row["id"], row["attempts"], answer, verdict)


def _sealed_meanwhile(row: asyncpg.Record) -> bool:
    privacy = Privacy(row["privacy"]) if row["privacy"] else None
    return not may_be_told(Post(row["post"]), privacy, acts=row["acts"])


def _is_over(row: asyncpg.Record) -> bool:
    """Nobody is to hear of it any more, though it may have been on its way when its sender died."""
    return row["overtaken"] or _sealed_meanwhile(row)


def _ways(row: asyncpg.Record, contact: asyncpg.Record) -> list[Medium]:
    """By which the unit would be told, had it been written by the contact as it was when this was claimed."""
    has = {medium for medium, column in people_store.ADDRESS_OF.items() if contact[column]}
    media = media_of(PLANS[Urgency(row["urgency"])], Kind(row["kind"]), has)
    return [medium for medium in media if medium in has]


def together(claimed: Rows) -> list[Rows]:
    """What goes out as one message: each notice by itself, but a unit's digest as a whole, as it was tried before,
    without what has been sealed."""

    def key(row: asyncpg.Record) -> tuple[str, str, str]:
        return row["unit"], row["medium"], row["letter"] or ""

    gathered = [row for row in claimed if row["digest"] and not _sealed_meanwhile(row)]
    digests = sorted(gathered, key=key)
    alone: list[Rows] = [[row] for row in claimed if not row["digest"] or _sealed_meanwhile(row)]
    return alone + [list(rows) for _, rows in groupby(digests, key)]


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
