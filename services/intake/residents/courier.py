"""Brings reporters their messages: the contact is taken from the vault to send, and to nothing else."""

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import asyncpg
from uuid_utils.compat import uuid7

from contracts.vocabulary import Language, Medium, NoticeStatus, OutwardStep
from delivery import outbox
from delivery.channels.channel import Answer, Channel, Outcome, OutwardMessage
from delivery.channels.ended import Ended
from delivery.channels.postman import LEASE, Now, Postman
from delivery.channels.retrying import Verdict, judge
from delivery.channels.settings import ChannelSettings
from delivery.channels.timing import Timetable
from delivery.database import Database
from delivery.logs import log
from services.intake.metrics import RESIDENTS_TOLD
from services.intake.outward import Standing
from services.intake.reasons import Reason
from services.intake.residents import residents_store
from services.intake.residents.due import Kind
from services.intake.residents.stating import reporter_told
from services.intake.residents.words import words

# a way that nobody has set up is a state of the system, which the metric shows; a line for each would say no more
_NO_FAULT = {NoticeStatus.DELIVERED, NoticeStatus.NOT_CONFIGURED}


class Courier(Postman[asyncpg.Record]):
    """`status_url`: where residents follow a report; the receipt number goes to its end. `zone`: whose times they are
    told."""

    def __init__(
        self,
        database: Database,
        settings: ChannelSettings,
        status_url: str,
        zone: ZoneInfo,
        *,
        now: Now | None = None,
        chance: Callable[[], float] = random.random,
    ) -> None:
        super().__init__(settings, now)
        self._database = database
        self._status_url = status_url
        self._zone = zone
        self._by_day = Timetable(zone)
        self._chance = chance

    async def claim(self, room: Mapping[Medium, int]) -> list[asyncpg.Record]:
        """By SMS where there is a number; by e-mail otherwise, or where SMS is not set up and e-mail is."""
        by_mail = bool(self._settings.smtp_host and not self._settings.gateway_url)
        async with self._database.connection() as connection, connection.transaction():
            # what a service that was away finds due at night waits on
            now = await self.time(connection)
            return await residents_store.claim(
                connection,
                now=now,
                room=room,
                by_mail=by_mail,
                lease=LEASE,
                receipts_only=self._by_day.is_quiet(now),
            )

    def medium(self, claimed: asyncpg.Record) -> Medium:
        return Medium(claimed["medium"])

    def message(self, claimed: asyncpg.Record, channel: Channel) -> OutwardMessage | None:
        medium = self.medium(claimed)
        address = claimed["reporter_phone" if medium is Medium.SMS else "reporter_email"]
        if address is None or claimed["overtaken"]:
            return None
        language = Language(claimed["language"])
        subject, short, mail = words(
            Kind(claimed["kind"]),
            _standing(claimed),
            claimed["receipt_no"],
            language,
            status_url=self._status_url,
            zone=self._zone,
        )
        text, html = mail if medium is Medium.EMAIL else (short, None)
        return OutwardMessage(
            *(claimed["id"], medium, address, language, subject, text, html), at=claimed["claimed_at"]
        )

    async def record(self, answered: Sequence[tuple[asyncpg.Record, Answer | None]]) -> None:
        async with self._database.transaction() as connection:
            now = await self.time(connection)
            ended = [self._judge(row, answer, now) for row, answer in answered]
            rows = await residents_store.record(connection, ended, now=now)
            # what a newer step has overtaken is not stated, whether it was tried or not
            over = [row for row in rows if row["ended_at"] and row["status"] != NoticeStatus.STOPPED]
            await outbox.add(connection, [reporter_told(row, event_id=uuid7(), at=now) for row in over])
        for row in over:
            RESIDENTS_TOLD.labels(row["kind"], row["medium"], row["status"]).inc()
            if row["status"] not in _NO_FAULT:
                _log_failure(row)

    def _judge(self, row: asyncpg.Record, answer: Answer | None, now: datetime) -> Ended:
        """No answer: a newer step came while somebody else had it, who died; or the vault no longer holds a contact."""
        if answer is None and row["overtaken"]:
            return Ended(row["id"], row["attempts"], Answer(Outcome.LASTING), Verdict(NoticeStatus.STOPPED))
        if answer is None:
            gone = Answer(Outcome.LASTING, error="no-contact")
            return Ended(row["id"], row["attempts"], gone, Verdict(NoticeStatus.PERMANENT_FAILURE))
        age = now - row["first_due_at"]
        verdict = judge(answer, attempts=row["attempts"], age=age, chance=self._chance())
        if row["kind"] != Kind.RECEIPT:
            again = self._by_day.after_quiet(now + timedelta(seconds=verdict.pause))
            verdict = replace(verdict, pause=(again - now).total_seconds())
        return Ended(row["id"], row["attempts"], answer, verdict)


def _standing(row: asyncpg.Record) -> Standing | None:
    reason = Reason(row["reason"], row["until"], row["way"]) if row["reason"] else None
    return Standing(OutwardStep(row["step"]), reason) if row["step"] else None


def _log_failure(row: asyncpg.Record) -> None:
    log.warning(
        f"reporter: {row['status']}",
        message_id=row["id"],
        report_id=row["report_id"],
        medium=row["medium"],
        attempts=row["attempts"],
        code=row["code"],
        error=row["error"],
    )
