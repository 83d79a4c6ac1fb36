"""Sends the letters of subscriptions: what may not wait is a letter of its own, and what was gathered another."""

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from itertools import groupby

import asyncpg
from uuid_utils.compat import uuid7

from contracts.vocabulary import Language, Medium, Privacy, Urgency
from delivery import outbox
from delivery.channels.channel import Answer, Channel, Outcome, OutwardMessage
from delivery.channels.ended import Ended
from delivery.channels.postman import LEASE, Now, Postman
from delivery.channels.retrying import judge
from delivery.database import Database
from services.notifier.mail import mail_store
from services.notifier.mail.lines import Pace, is_mailed
from services.notifier.mail.words import confirmation, news
from services.notifier.metrics import count_mails
from services.notifier.people.parties import Post
from services.notifier.people.words import Notified, Style
from services.notifier.settings import Settings
from services.notifier.stating import notices_ended

Rows = Sequence[asyncpg.Record]


class Mailman(Postman[Rows]):
    def __init__(
        self,
        database: Database,
        settings: Settings,
        style: Style,
        *,
        now: Now | None = None,
        chance: Callable[[], float] = random.random,
    ) -> None:
        super().__init__(settings, now)
        self._database = database
        self._mail_url = settings.mail_url
        self._style = style
        self._chance = chance

    async def claim(self, room: Mapping[Medium, int]) -> list[Rows]:
        if Medium.EMAIL not in room:
            return []
        async with self._database.connection() as connection, connection.transaction():
            now, limit = await self.time(connection), room[Medium.EMAIL]
            claimed = await mail_store.claim(connection, now=now, limit=limit, lease=LEASE)
            withheld = {row["id"] for row in claimed if not is_mailed(row["owner"], _level(row))}
            stopped = await mail_store.stop(connection, withheld)
        count_mails(stopped)
        rows = [row for row in claimed if row["id"] not in withheld]

        def key(row: asyncpg.Record) -> tuple[str, str, bool, str]:
            at_once = row["pace"] == Pace.IMMEDIATE
            return str(row["subscription_id"]), row["kind"], at_once, row["letter"] or ""

        return [list(together) for _, together in groupby(sorted(rows, key=key), key)]

    def medium(self, claimed: Rows) -> Medium:
        return Medium.EMAIL

    def message(self, claimed: Rows, channel: Channel) -> OutwardMessage | None:
        first, language = claimed[0], Language(claimed[0]["language"])
        if first["kind"] == "confirmation":
            link = address_of(self._mail_url, "confirm", first["confirm_token"])
            mail = confirmation(first["name"], link, language)
        else:
            style = replace(self._style, language=language)
            leave = address_of(self._mail_url, "leave", first["leave_token"])
            is_daily = any(row["pace"] == Pace.DAILY for row in claimed)
            mail = news([_notified(row) for row in claimed], first["name"], leave, style, is_daily=is_daily)
        text, html = mail.letter
        return OutwardMessage(
            first["id"], Medium.EMAIL, first["target"], language, mail.subject, text, html, mail.unsubscribe
        )

    async def record(self, answered: Sequence[tuple[Rows, Answer | None]]) -> None:
        # what went out together is due together again: the same letter, under the same Message-ID
        chances = [(rows, answer, self._chance()) for rows, answer in answered]
        async with self._database.transaction() as connection:
            now = await self.time(connection)
            ended = [
                one for rows, answer, chance in chances for one in self._judge(rows, answer, now, chance)
            ]
            rows = await mail_store.record(connection, ended, now=now)
            await outbox.add(connection, notices_ended(rows, "email", at=now, new_id=uuid7))
        count_mails(row for row in rows if row["ended_at"] is not None)

    def _judge(self, rows: Rows, answer: Answer | None, now: datetime, chance: float) -> list[Ended]:
        """A letter is as old as the youngest of it, so that it comes again whole."""
        answer = answer or Answer(Outcome.LASTING)
        age = now - max(row["first_due_at"] for row in rows)
        verdict = judge(answer, attempts=rows[0]["attempts"], age=age, chance=chance)
        return [Ended(row["id"], row["attempts"], answer, verdict) for row in rows]


def _level(row: asyncpg.Record) -> Privacy | None:
    return Privacy(row["privacy"]) if row["privacy"] else None


def address_of(mail_url: str, which: str, token: str) -> str:
    return f"{mail_url.rstrip('/')}/v1/mail/{which}/{token}"


def _notified(row: asyncpg.Record) -> Notified:
    urgency = Urgency(row["urgency"])
    return Notified(row["event_type"], row["case_id"], Post.NAMED, urgency, 1, row["about"])
