"""Promises 2 and 4: a batch of records in one transaction, one by one when it fails, given up on only with a reason."""

import asyncio
import random
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from typing import Any
from uuid import NAMESPACE_URL, UUID, uuid5

from aiokafka import ConsumerRecord, TopicPartition
from aiokafka.errors import IllegalStateError, KafkaError
from faststream.kafka import KafkaBroker

from contracts.envelope import Envelope, Removed
from contracts.events import NotAnEvent, decode, type_of
from contracts.topics import Topic
from delivery import inbox, outbox
from delivery.broker import subscriber_of
from delivery.database import TOOK_TOO_LONG, Connection, Database, is_outage, once_committed
from delivery.dead_letters import dead_letter
from delivery.group_member import GroupMember
from delivery.logs import log
from delivery.metrics import BATCHES, CONSUMED, DEAD_LETTERS, RETRIES

ATTEMPTS = 3
STALLED_SECONDS = 60.0
# from one batch to the next while there is no backlog: what comes meanwhile is one transaction and not many
BATCH_SECONDS = 0.01
_LONGEST_PAUSE = 5.0
_MOST_UNSENT = 2 * outbox.BATCH

Event = Envelope[Any] | Removed
Handler = Callable[[Connection, list[Any]], Awaitable[None]]


@dataclass
class Consumer:
    """A group's reading of one topic: which facts it works, with what, and how it is doing."""

    name: str
    topic: Topic
    handle: Handler
    facts: Sequence[type[Any]]
    database: Database
    now: Callable[[], datetime] = lambda: datetime.now(UTC)
    low_water: Callable[[], int] = lambda: 0
    batch_size: int = 500
    every: float = BATCH_SECONDS
    failures: int = 0
    done_at: float = field(default_factory=time.monotonic)
    trouble: str | None = None
    halvings: int = 0  # of a batch that took too long, until what is left can be done in time
    subscriber: Any = None
    _seen: tuple[bool, float] = (True, 0.0)  # whether nothing waits, and what was done last
    _seen_since: float = 0.0

    def __post_init__(self) -> None:
        self.types = {type_of(fact) for fact in self.facts}
        for counter in (CONSUMED, RETRIES, DEAD_LETTERS):
            # a series that is born with its first dead letter shows no increase to whoever watches
            counter.labels(self.name, self.topic.name)

    def subscribe(self, broker: KafkaBroker, namespace: str = "") -> None:
        self.subscriber = subscriber_of(
            broker,
            namespace + self.topic.name,
            group=namespace + self.name,
            most=self.batch_size,
            title=f"{self.topic.name}:{self.name}",
        )
        self.subscriber(self.on_records)

    async def on_records(self, records: Sequence[ConsumerRecord]) -> None:
        """Returns when all is done and may be committed; raises, after a pause, when all must come again."""
        began = time.monotonic()
        try:
            if 2 * len(records) > self.batch_size:  # a fetch of large records brings less than a batch
                await self._keep_pace_with_the_relay()
            await self._work(records)
        except Exception as error:
            self.failures += 1
            self.trouble = type(error).__name__
            if isinstance(error, TOOK_TOO_LONG):
                self.halvings = min(self.halvings + 1, self.batch_size.bit_length())
            RETRIES.labels(self.name, self.topic.name).inc()
            said = repr(error)[:300] if is_outage(error) else _reason(error)
            log.warning("batch will come again", topic=self.topic.name, consumer=self.name, error=said)
            await asyncio.sleep(self.pause())  # a negative acknowledgement has no pause of its own
            raise
        self.failures, self.trouble, self.done_at = 0, None, time.monotonic()
        self.halvings = max(0, self.halvings - 1)
        rest = began + self.every - self.done_at
        if rest > 0 and not await self._is_behind():
            await asyncio.sleep(rest)

    def pause(self) -> float:
        return min(_LONGEST_PAUSE, 0.05 * 2.0 ** min(self.failures, 10)) * random.uniform(0.5, 1)

    async def _is_behind(self) -> bool:
        """Whether another whole batch waits: then nothing is gained by gathering."""
        with suppress(TimeoutError, IllegalStateError):  # the group's partitions are just being dealt anew
            return await asyncio.wait_for(self.lag(), self.every) >= self.batch_size
        return False

    async def _keep_pace_with_the_relay(self) -> None:
        """Under a backlog a handler says more than leaves, and the outbox would be where all else waits."""
        deadline = time.monotonic() + _LONGEST_PAUSE
        async with self.database.connection() as connection:
            while await outbox.unsent(connection, self.low_water()) > _MOST_UNSENT:
                if time.monotonic() > deadline:
                    break
                await asyncio.sleep(0.01)  # rows of another process: there is nothing to be woken by

    async def _work(self, records: Sequence[ConsumerRecord]) -> None:
        BATCHES.labels(self.name, self.topic.name).observe(len(records))
        size = max(1, len(records) >> self.halvings)
        for start in range(0, len(records), size):
            await self._work_part(records[start : start + size])

    async def _work_part(self, records: Sequence[ConsumerRecord]) -> None:
        try:
            await self._together(records)
        except Exception as error:
            if is_outage(error):
                raise
            # some record of the batch is at fault: find it
            log.warning("batch taken apart", topic=self.topic.name, consumer=self.name, error=_reason(error))
            for record in records:
                await self._alone(record)

    async def _together(self, records: Sequence[ConsumerRecord]) -> None:
        events: list[Event] = []
        unreadable: list[tuple[ConsumerRecord, str]] = []
        for record in records:
            try:
                events.extend(self._read(record))
            except NotAnEvent as error:
                unreadable.append((record, str(error)))
        async with self.database.transaction() as connection:
            fresh = await self._fresh(connection, events)
            if fresh:
                await self.handle(connection, fresh)
            for record, reason in unreadable:
                await self._bury(connection, record, reason, attempts=1)
        CONSUMED.labels(self.name, self.topic.name).inc(len(fresh))

    def _read(self, record: ConsumerRecord) -> list[Event]:
        if record.value is None and self.topic.compacted:
            return [_removed(record)]
        event_type = dict(record.headers).get("ce_type")
        event = decode(None if event_type is None else event_type.decode(errors="replace"), record.value)
        return [event] if event.type in self.types else []

    async def _fresh(self, connection: Connection, events: list[Event]) -> list[Event]:
        """Each event once, in the order of the records; a batch can hold both copies of one."""
        by_id = {event.event_id: event for event in events}
        fresh = await inbox.claim(connection, self.name, by_id) if by_id else set()
        return [event for event_id, event in by_id.items() if event_id in fresh]

    async def _alone(self, record: ConsumerRecord) -> None:
        for attempt in range(1, ATTEMPTS + 1):
            try:
                return await self._together([record])
            except Exception as error:
                if is_outage(error):
                    raise
                if attempt == ATTEMPTS:
                    async with self.database.transaction() as connection:
                        await self._bury(connection, record, _reason(error), attempts=attempt)
                    return None
                await asyncio.sleep(0.05 * 2**attempt)
        return None

    async def _bury(
        self, connection: Connection, record: ConsumerRecord, reason: str, *, attempts: int
    ) -> None:
        """Once, though a record comes again whose offset was not committed before a crash."""
        if not await inbox.claim(connection, self.name, [uuid5(NAMESPACE_URL, f"dead/{_place(record)}")]):
            return
        letter = dead_letter(
            self.topic, record, consumer=self.name, reason=reason, attempts=attempts, at=self.now()
        )
        await outbox.add(connection, [letter])
        once_committed(partial(self._tell_of_burial, record, reason))

    def _tell_of_burial(self, record: ConsumerRecord, reason: str) -> None:
        DEAD_LETTERS.labels(self.name, self.topic.name).inc()
        where = f"{record.partition}:{record.offset}"
        log.error(
            "dead letter",
            topic=self.topic.name,
            consumer=self.name,
            record=where,
            event_id=_event_id(record),
            case_id=_uuid(record.key) if self.topic.key == "case_id" else None,
            reason=reason[:300],
        )

    def problem(self) -> str | None:
        """Why nothing may be arriving, for `/health/ready`."""
        if self.subscriber is None or not any(not task.done() for task in self.subscriber.tasks):
            return f"{self._named} is not running"
        return f"{self._named} keeps failing: {self.trouble}" if self.failures >= ATTEMPTS else None

    async def stall(self) -> str | None:
        """The trouble that no handler sees: what fails while records are fetched leaves them waiting, in silence."""
        consumer = self._member()
        if consumer is None:
            return None
        waiting: int | None = None
        with suppress(KafkaError, TimeoutError):  # partitions are dealt anew, or get another leader
            waiting = await asyncio.wait_for(consumer.waiting(), 2)
        if self._stands_still_for(waiting) <= STALLED_SECONDS:
            return None
        if waiting is None:
            return f"{self._named} does not know where it stands"
        return f"{self._named} works none of {waiting} records that wait"

    def _stands_still_for(self, waiting: int | None) -> float:
        """Since it was first seen so: who looks seldom may meet the very moment in which a record comes."""
        seen = (waiting == 0, self.done_at)
        if seen != self._seen:
            self._seen, self._seen_since = seen, time.monotonic()
        return 0.0 if waiting == 0 else time.monotonic() - self._seen_since

    def _member(self) -> GroupMember | None:
        return self.subscriber.consumer if self.subscriber else None

    @property
    def _named(self) -> str:
        return f"consumer {self.name} of {self.topic.name}"

    async def lag(self) -> int:
        """Records that wait in the partitions this process reads."""
        consumer = self._member()
        if consumer is None:
            return 0
        waiting = 0
        for partition in consumer.assignment():
            highwater = consumer.highwater(partition)
            waiting += max(0, highwater - await consumer.position(partition)) if highwater else 0
        return waiting

    async def is_near(self, records: Sequence[ConsumerRecord]) -> bool:
        """Whether its next batch brings these; no, when another process reads their partitions, or nobody yet."""
        consumer = self._member()
        if consumer is None:
            return False
        read = {partition for partition in consumer.assignment() if consumer.highwater(partition) is not None}
        asked = {TopicPartition(record.topic, record.partition) for record in records}
        return asked <= read and await self.lag() <= self.batch_size


def _removed(record: ConsumerRecord) -> Removed:
    """A tombstone; one that somebody wrote by hand, without an id, is known by its place."""
    event_id = _event_id(record) or uuid5(NAMESPACE_URL, _place(record))
    return Removed(event_id=event_id, subject=(record.key or b"").decode(errors="replace"))


def _place(record: ConsumerRecord) -> str:
    """With the time: offsets begin anew when a topic is made anew."""
    return f"{record.topic}/{record.partition}/{record.offset}/{record.timestamp}"


def _event_id(record: ConsumerRecord) -> UUID | None:
    return _uuid(dict(record.headers).get("ce_id"))


def _uuid(said: bytes | None) -> UUID | None:
    """None when it is something else, which nobody knows: it is not logged."""
    try:
        return UUID((said or b"").decode())
    except ValueError:
        return None


def _reason(error: Exception) -> str:
    """The kind of fault and where; the text of a database error can hold a row, so it is left out."""
    frame = error.__traceback__
    while frame is not None and frame.tb_next is not None:
        frame = frame.tb_next
    place = f" at {frame.tb_frame.f_code.co_name}:{frame.tb_lineno}" if frame else ""
    return f"{type(error).__name__}{place}"
