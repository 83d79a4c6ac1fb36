"""The delivery loop: claim what is due, send it with no connection held, record how it ended."""

import asyncio
import random
import time
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any

from uuid_utils.compat import uuid7

from contracts.vocabulary import DeliveryStatus
from delivery import outbox
from delivery.database import Database
from delivery.logs import log
from delivery.waking import wait_for_wake
from services.notifier import message
from services.notifier.attempt import Answered, Claimed, Ended
from services.notifier.circuit import courses
from services.notifier.lanes import Lanes
from services.notifier.metrics import DELIVERIES, DELIVERY_SECONDS
from services.notifier.retry import FORBIDDEN, FORGOTTEN, GONE, UNREADABLE, Answer, judge, passes
from services.notifier.settings import Settings
from services.notifier.stating import notices_ended
from services.notifier.store import circuits, deliveries, subscriptions
from services.notifier.webhook import TIME_LIMIT, WebhookChannel

LEASE = timedelta(seconds=3 * TIME_LIMIT)
POLL_SECONDS = 0.25  # finds retries that have become due and what other replicas committed


class Deliverer:
    """Holds what is under way; everything that must survive is in the database."""

    def __init__(
        self,
        database: Database,
        settings: Settings,
        *,
        lease: timedelta = LEASE,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        chance: Callable[[], float] = random.random,
    ) -> None:
        self._database = database
        self._settings = settings
        self._lease = lease
        self._now = now
        self._chance = chance
        self._wake = asyncio.Event()
        self._lanes = Lanes(each=settings.sending_per_subscription, all_together=settings.sending)
        self._under_way: set[asyncio.Task[None]] = set()
        self._some_answered = asyncio.Event()
        self._answered: list[Answered] = []

    def wake(self) -> None:
        self._wake.set()

    async def run(self) -> None:
        """For ever; when cancelled, what is under way is finished and recorded first."""
        async with WebhookChannel(
            allow_private=self._settings.allow_private_targets, connections=self._settings.sending
        ) as channel:
            try:
                # apart, so that what is new does not wait for the books
                async with asyncio.TaskGroup() as loops:
                    loops.create_task(self._go_on_claiming(channel))
                    loops.create_task(self._go_on_recording())
            finally:
                # why we stop matters more; what is not recorded comes back with its lease
                with suppress(Exception):
                    await self._finish()

    async def _go_on_claiming(self, channel: WebhookChannel) -> None:
        while True:
            self._wake.clear()
            await self._claim(channel)
            await wait_for_wake(self._wake, seconds=POLL_SECONDS)

    async def _go_on_recording(self) -> None:
        while True:
            self._some_answered.clear()
            await self._record()
            await self._some_answered.wait()

    async def _claim(self, channel: WebhookChannel) -> None:
        if not self._lanes.free:
            return
        self._lanes.forget_idle()
        # a statement of its own, not a transaction: its commit must not wake this loop
        async with self._database.connection() as connection:
            claimed = await deliveries.claim(
                connection,
                places=self._lanes.places(time.perf_counter()),
                limit=self._lanes.free,
                lease=self._lease,
            )
        for delivery in claimed:
            began = time.perf_counter()
            self._lanes.begin(delivery.subscription_id, began)
            task = asyncio.create_task(self._send(channel, delivery, began))
            self._under_way.add(task)
            task.add_done_callback(self._under_way.discard)

    async def _send(self, channel: WebhookChannel, claimed: Claimed, began: float) -> None:
        answer = Answer(error="interrupted")
        try:
            answer = await self._post(channel, claimed)
        finally:
            now, well = time.perf_counter(), not passes(answer)
            self._lanes.end(claimed.subscription_id, began, now=now, well=well)
        self._answered.append(Answered(claimed, answer, now - began))
        self._some_answered.set()

    async def _post(self, channel: WebhookChannel, claimed: Claimed) -> Answer:
        if not claimed.is_test and claimed.entry is None:
            return Answer(error=FORGOTTEN)
        if not claimed.is_test and claimed.view is None:
            return Answer(error=FORBIDDEN)
        try:
            body = _body(claimed)
        except Exception as error:  # whatever is wrong with one event, its case goes on
            log.warning("event cannot be shown", delivery_id=claimed.id, error=type(error).__name__)
            return Answer(error=UNREADABLE)
        # by the database's clock: receivers refuse for good what a host minutes off would sign
        headers = message.signed_headers(claimed.id, body, claimed.claimed_at, claimed.secrets)
        return await channel.post(claimed.target, body, headers)

    async def _record(self) -> None:
        """All that was answered, in one transaction with what is announced; kept for the next round when that fails."""
        if not self._answered:
            return
        ended = [self._judge(answered) for answered in self._answered]
        async with self._database.transaction() as connection:
            # subscriptions before their deliveries, as whoever changes a subscription does: so nobody waits in a circle
            unwell = {
                one.claimed.subscription_id for one in ended if one.verdict.status != DeliveryStatus.DELIVERED
            }
            locked = await circuits.lock(connection, {one.claimed.subscription_id for one in ended}, unwell)
            rows = await deliveries.record(connection, ended)
            ours = _still_ours(ended, rows)
            told = [one for one in ours if locked.get(one.claimed.subscription_id) == one.claimed.target]
            await circuits.note(connection, courses(told))
            gone = [one.claimed.subscription_id for one in told if one.verdict.disables]
            await subscriptions.disable(connection, gone, error=f"status {GONE}")
            await outbox.add(connection, notices_ended(rows, "webhook", at=self._now(), new_id=uuid7))
        del self._answered[: len(ended)]
        self._tell(ours)

    def _judge(self, answered: Answered) -> Ended:
        now, claimed = self._now(), answered.claimed
        verdict = judge(
            answered.answer,
            attempts=claimed.tries,
            age=now - claimed.renewed_at,
            now=now,
            chance=self._chance(),
        )
        return Ended(claimed, answered.answer, answered.seconds, verdict)

    def _tell(self, ended: Iterable[Ended]) -> None:
        now = self._now()
        for one in ended:
            status, entry = one.verdict.status, one.claimed.entry
            if status != DeliveryStatus.TEMPORARY_FAILURE:
                DELIVERIES.labels(status).inc()
            if status == DeliveryStatus.DELIVERED and entry is not None:
                DELIVERY_SECONDS.observe(max(0.0, (now - entry.recorded_at).total_seconds()))
            if status != DeliveryStatus.DELIVERED:
                _log_failure(one)

    async def _finish(self) -> None:
        if self._under_way:
            await asyncio.wait(self._under_way, timeout=TIME_LIMIT + 1)
        for task in list(self._under_way):
            task.cancel()
        await self._record()


def _still_ours(ended: Iterable[Ended], rows: Iterable[Mapping[str, Any]]) -> list[Ended]:
    """What a worker says that outlived its lease, frozen maybe, is no news of the target any more."""
    changed = {row["id"] for row in rows}
    return [one for one in ended if one.claimed.id in changed]


def _body(claimed: Claimed) -> bytes:
    if claimed.entry is None or claimed.view is None:
        return message.test_event(claimed.id, claimed.created_at)
    return message.cloud_event(claimed.entry, claimed.view)


def _log_failure(one: Ended) -> None:
    entry = one.claimed.entry
    log.warning(
        f"delivery: {one.verdict.status}",
        delivery_id=one.claimed.id,
        subscription_id=one.claimed.subscription_id,
        case_id=entry and entry.case_id,
        event_id=entry and entry.event_id,
        attempt=one.claimed.attempt,
        code=one.answer.code,
        error=one.answer.error,
    )
