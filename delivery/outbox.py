"""Promise 1: nothing stated is lost. Messages are written with the state and sent in the order of their writing."""

import asyncio
import time
from collections.abc import AsyncIterator, Iterable, Iterator, Sequence
from contextlib import asynccontextmanager, suppress
from typing import Any

import asyncpg
import orjson
import sqlalchemy as sa
from aiokafka import AIOKafkaProducer
from sqlalchemy.dialects.postgresql import BYTEA

from contracts.envelope import Header, Message
from delivery import stopping
from delivery.database import CONNECT_SECONDS, Connection
from delivery.logs import log
from delivery.low_water import LowWater
from delivery.sending import COMPRESSION, send_in_order
from delivery.stopping import in_time
from delivery.waking import wait_for_wake

BATCH = 1500
ROUND_SECONDS = 0.01  # from one round to the next: what many requests commit meanwhile leaves together
POLL_SECONDS = 0.05  # finds what another replica committed; our own commits wake us
SEND_SECONDS = 60.0  # an idempotent producer would try for ever; after this a fresh one begins again
STALLED_SECONDS = 30.0
# who says nothing for longer is frozen or gone, and loses the right to send
SILENT_SECONDS = SEND_SECONDS + 15
LARGEST = 16 * 2**20  # a dead letter is larger than the record it keeps, whose topic takes 1 MiB compressed
_LOCK = 0x0B0C5  # one relay a database: two would break the order


def outbox_table(metadata: sa.MetaData) -> sa.Table:
    return sa.Table(
        "outbox",
        metadata,
        sa.Column("id", sa.BigInteger, sa.Identity(always=True), primary_key=True),
        sa.Column("topic", sa.Text, nullable=False),  # or several, each of which gets the record: `to_each`
        sa.Column("key", BYTEA),
        sa.Column("value", BYTEA),
        sa.Column("headers", BYTEA, nullable=False),
        sa.Column(
            "created_at",
            sa.TIMESTAMP(timezone=True),
            nullable=False,
            server_default=sa.func.clock_timestamp(),
        ),
    )


async def add(connection: Connection, messages: Sequence[Message]) -> None:
    """Call it after the rows it speaks of are written or locked: so the order of a key is that of its facts."""
    if messages:
        await connection.execute(INSERT.format(1, 2, 3, 4), *columns(messages))


async def unsent(connection: Connection, low_water: int) -> int:
    """About how many messages wait: quick, and never too few."""
    rows = "select coalesce(max(id) - min(id) + 1, 0) from outbox where id > $1"
    return int(await connection.fetchval(rows, low_water))


async def waiting(connection: Connection, low_water: int) -> tuple[int, float]:
    """How many messages wait, and for how many seconds the first of them has."""
    row = await connection.fetchrow(_WAITING, low_water)
    return row["depth"], max(0.0, row["age"] or 0.0)


_WAITING = """select (select count(*) from outbox where id > $1) as depth,
    (select extract(epoch from now() - created_at)::float from outbox where id > $1 order by id limit 1) as age"""

# what a statement that inserts must ask first: so its transaction is known as one that writes before it gets an id
WRITES = "pg_current_xact_id() is not null"
# for a store that writes state and messages in one statement; the numbers are those of its first four parameters
INSERT = f"""insert into outbox (topic, key, value, headers)
    select * from unnest(${{}}::text[], ${{}}::bytea[], ${{}}::bytea[], ${{}}::bytea[]) where {WRITES}"""  # noqa: S608  # our own text


def columns(messages: Sequence[Message]) -> tuple[list[Any], ...]:
    return (
        [message.topic for message in messages],
        [message.key for message in messages],
        [message.value for message in messages],
        [pack(message.headers) for message in messages],
    )


def to_each(topics: Iterable[str]) -> str:
    """As `topic` of a record that is kept once and sent to each of them."""
    return " ".join(topics)


def pack(headers: Sequence[Header]) -> bytes:
    """Any bytes survive, null too: latin-1 is a bijection and JSON keeps it."""
    return orjson.dumps(
        [(name, None if value is None else value.decode("latin-1")) for name, value in headers]
    )


def unpack(packed: bytes) -> list[Header]:
    return [
        (name, None if value is None else value.encode("latin-1")) for name, value in orjson.loads(packed)
    ]


_FORGET_AND_READ = """with sent as (delete from outbox where id = any($1::bigint[]))
    select id, topic, key, value, headers from outbox where id > $3 and id <> all($1::bigint[]) order by id limit $2"""


class Relay:
    """Sends a database's outbox, oldest first; the holder of an advisory lock is the only one that does."""

    def __init__(self, url: str, kafka: str, *, namespace: str = "") -> None:
        self._url = url
        self._kafka = kafka
        self._namespace = namespace
        self._wake = asyncio.Event()
        self._alive_at = time.monotonic()
        self._task: asyncio.Task[None] | None = None
        self._stopping = False
        self.low_water = LowWater()
        self.sent = 0
        self.trouble: str | None = None

    def wake(self) -> None:
        self._wake.set()

    def start(self) -> None:
        """Once; another call changes nothing."""
        self._task = self._task or asyncio.create_task(self._run(), name="relay")

    async def stop(self) -> None:
        """Lets the batch in hand end, so that it is not sent again; but nobody is waited for long."""
        if self._task is not None:
            self._stopping = True
            self.wake()
            await asyncio.wait({self._task}, timeout=stopping.STOP_SECONDS)
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task

    def problem(self) -> str | None:
        """Why nothing may be leaving, for `/health/ready`."""
        if self._task is None or self._task.done():
            return "relay is not running"
        silent = time.monotonic() - self._alive_at
        if silent <= STALLED_SECONDS:
            return None
        return f"relay has been stuck for {silent:.0f} s: {self.trouble or 'no answer, and no error either'}"

    async def _run(self) -> None:
        while not self._stopping:
            try:
                await self._hold_and_send()
            except Exception as error:  # whatever it is, the rows are still there: say it and begin again
                self.trouble = type(error).__name__
                log.warning("relay interrupted", error=repr(error)[:300])
                await asyncio.sleep(1)

    async def _hold_and_send(self) -> None:
        async with _session(self._url) as session, _producer(self._kafka) as producer:
            self.low_water = LowWater()
            while not self._stopping and not await session.fetchval("select pg_try_advisory_lock($1)", _LOCK):
                await self._look_on(session)
                self._alive_at = time.monotonic()  # another replica sends
                await asyncio.sleep(0.2)
            sent: list[int] = []
            while not self._stopping or sent:
                began = time.monotonic()
                self._wake.clear()  # before reading, so that a commit in between is not missed
                sent = await self._send_some(session, producer, sent)
                if len(sent) < BATCH and not self._stopping:
                    await wait_for_wake(self._wake, seconds=POLL_SECONDS)
                    await asyncio.sleep(began + ROUND_SECONDS - time.monotonic())

    async def _look_on(self, session: asyncpg.Connection) -> None:
        """Consumers here ask how much waits as well: without the low water they would walk over all that was sent."""
        await self.low_water.look(session)
        first = await session.fetchval("select min(id) from outbox where id > $1", self.low_water.at)
        self.low_water.rise([] if first is None else [first - 1], all_of_it=first is None)

    async def _send_some(
        self, session: asyncpg.Connection, producer: AIOKafkaProducer, sent: list[int]
    ) -> list[int]:
        """The ids of what has left now; those of `sent`, which left before, are forgotten with the same round trip."""
        most = 0 if self._stopping else BATCH
        await self.low_water.look(session)
        rows = await session.fetch(_FORGET_AND_READ, sent, most, self.low_water.at)
        if rows:
            async with asyncio.timeout(SEND_SECONDS):
                await send_in_order(producer, messages := list(self._messages(rows)))
            self.sent += len(messages)
        ids = [row["id"] for row in rows]
        self.low_water.rise(ids, all_of_it=len(ids) < most)
        self._alive_at, self.trouble = time.monotonic(), None
        return ids

    def _messages(self, rows: Iterable[asyncpg.Record]) -> Iterator[Message]:
        for _, topics, key, value, packed in rows:
            headers = unpack(packed)
            for topic in topics.split():
                yield Message(self._namespace + topic, key, value, headers)


@asynccontextmanager
async def _session(url: str) -> AsyncIterator[asyncpg.Connection]:
    """A connection of its own: the lock lives and dies with it, and so does the right to send."""
    settings = {
        # a deletion that a crash of the database takes back is a message sent again under the same id
        "synchronous_commit": "off",
        # a host that lost its power closes no connection; one that thaws sends again what it had in hand, and no more
        "idle_session_timeout": f"{SILENT_SECONDS:.0f}s",
    }
    session = await asyncpg.connect(
        url, timeout=CONNECT_SECONDS, command_timeout=30, server_settings=settings
    )
    try:
        yield session
    finally:
        await in_time(session.close(timeout=2))


@asynccontextmanager
async def _producer(kafka: str) -> AsyncIterator[AIOKafkaProducer]:
    producer = AIOKafkaProducer(
        bootstrap_servers=kafka,
        enable_idempotence=True,
        acks="all",
        compression_type=COMPRESSION,
        max_batch_size=2**18,
        max_request_size=LARGEST,
    )
    try:
        await producer.start()
        yield producer
    finally:
        await _close(producer)


async def _close(producer: AIOKafkaProducer) -> None:
    """An idempotent producer never gives up what it holds, not even in stop(); the outbox still has it, so we do."""
    if not await in_time(producer.stop()):
        if sender := producer._sender.sender_task:
            sender.cancel()
        await in_time(producer.client.close())
