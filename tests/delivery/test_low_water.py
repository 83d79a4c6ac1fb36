"""The relay reads from the low water on: nothing that is deleted is walked over again, and nothing that comes is missed."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import Any, TypeVar

import asyncpg
import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contracts.topics import NOTICES
from delivery import low_water, outbox
from delivery.database import Connection, Database
from delivery.low_water import LowWater
from delivery.settings import ServiceSettings as Settings
from tests.delivery.tiny_service import a_reminder, relaying
from tests.delivery.wire import Wire
from tests.waiting import until

Answer = TypeVar("Answer")


@pytest.fixture(autouse=True)
def looks_each_round(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(low_water, "LOOK_SECONDS", 0.0)


async def test_while_a_backup_reads_the_relay_does_not_read_what_it_has_sent(
    settings: Settings, wire: Wire, database: Database
) -> None:
    await wire.create(NOTICES.name)
    async with _backup(database), relaying(settings, database.url) as relay:
        await _write(database, 300)
        await until(lambda: relay.sent == 300)
        await until(lambda: relay.low_water.at == 300)
        async with database.connection() as connection:
            assert await outbox.unsent(connection, relay.low_water.at) == 0
            assert await outbox.waiting(connection, relay.low_water.at) == (0, 0.0)
            for reading in (partial(_pages_of_a_round, connection), partial(_pages_of_a_scrape, connection)):
                assert await reading(0) > 30, "what the backup can see is walked over"
                assert await reading(relay.low_water.at) < 10


async def test_a_replica_that_does_not_send_walks_over_nothing_that_was_sent_either(
    settings: Settings, wire: Wire, database: Database
) -> None:
    await wire.create(NOTICES.name)
    async with _backup(database), relaying(settings, database.url) as relay:
        await _write(database, 300)
        await until(lambda: relay.sent == 300)
        async with relaying(settings, database.url) as other:
            await until(lambda: other.low_water.at == 300)
            async with database.transaction() as late:
                await outbox.add(late, [_message("late")])
                await _write(database, 30)
                await until(lambda: relay.sent == 330)
                for _ in range(2):  # whatever it sees meanwhile
                    looked_at = other._alive_at
                    await until(lambda: other._alive_at > looked_at)  # noqa: B023  # before the next
                assert other.low_water.at == 300
            await until(lambda: other.low_water.at == 331)
            assert other.sent == 0


async def test_what_is_committed_late_is_waited_for(
    settings: Settings, wire: Wire, database: Database
) -> None:
    await wire.create(NOTICES.name)
    async with relaying(settings, database.url) as relay:
        await _write(database, 10)
        await until(lambda: relay.low_water.at == 10)
        async with database.transaction() as late:
            await outbox.add(late, [_message("late")])
            await _write(database, 30)
            await until(lambda: relay.sent == 40)
            for _ in range(5):  # whatever it sees meanwhile
                await _write(database, 1)
            await until(lambda: relay.sent == 45)
            assert relay.low_water.at == 10
        await until(lambda: relay.sent == 46)
        await until(lambda: relay.low_water.at == 46)
    assert len(await wire.records(NOTICES.name)) == 46


async def test_a_writer_is_waited_for_though_no_other_has_ended_since_it_began(
    settings: Settings, wire: Wire, database: Database
) -> None:
    """A snapshot does not speak of such a one."""
    async with database.transaction() as late:
        await outbox.add(late, [_message("late")])
        async with database.connection() as session:
            water = LowWater()
            for _ in range(3):
                await water.look(session)
                water.rise([], all_of_it=True)
                assert water.at == 0
    async with database.connection() as session:
        for _ in range(2):
            await water.look(session)
        water.rise([1], all_of_it=True)
        assert water.at == 1


async def test_who_inserts_is_known_as_a_writer_before_it_gets_an_id(database: Database) -> None:
    async with database.connection() as connection:
        plan = await connection.fetch(
            "explain (verbose) " + outbox.INSERT.format(1, 2, 3, 4), ["t"], [b"k"], [b"v"], [b"h"]
        )
    lines = [row[0].strip() for row in plan]
    asked = lines.index("One-Time Filter: (pg_current_xact_id() IS NOT NULL)")
    assert any("nextval" in line for line in lines[:asked]), lines
    assert not any("nextval" in line for line in lines[asked:]), "an id would be taken before it is asked"


KINDS = ["begin", "insert", "insert", "commit", "roll back", "read", "read", "read"]
STEPS = st.lists(st.tuples(st.sampled_from(KINDS), st.integers(0, 9)), min_size=20, max_size=80)


@settings(max_examples=300)
@given(steps=STEPS, most=st.integers(1, 4))
def test_in_no_order_of_events_does_a_row_appear_below(steps: list[tuple[str, int]], most: int) -> None:
    """Also when they happen between the two questions of a look."""
    asyncio.run(_live(Outbox(steps), most))


async def _live(outbox: "Outbox", most: int) -> None:
    water, sent = LowWater(), set[int]()
    while outbox.go_on():
        await water.look(outbox)  # type: ignore[arg-type]  # it answers what is asked
        lost = [row for row in outbox.committed - sent if row <= water.at]
        assert not lost, f"{lost} came below {water.at}"
        read = sorted(row for row in outbox.committed - sent if row > water.at)[:most]
        water.rise(read, all_of_it=len(read) < most)
        sent |= set(read)


@dataclass
class Outbox:
    """PostgreSQL as far as it matters here: who writes gets the next number, who inserts the next id. A snapshot ends
    after the highest number that has completed, and knows nothing of writers from there on."""

    steps: list[tuple[str, int]]
    following: int = 1
    completed: int = 0
    given: int = 0
    open: dict[int, list[int]] = field(default_factory=dict)
    committed: set[int] = field(default_factory=set)

    def go_on(self) -> bool:
        """Until the next reading; False when nothing is left."""
        while self.steps:
            step, which = self.steps.pop()
            if step == "read":
                return True
            self._do(step, which)
        return False

    def _do(self, step: str, which: int) -> None:
        if step == "begin":
            self.open[self.following] = []
            self.following += 1
        elif self.open:
            transaction = sorted(self.open)[which % len(self.open)]
            if step == "insert":
                self.given += 1
                self.open[transaction].append(self.given)
            else:
                rows = self.open.pop(transaction)
                self.completed = max(self.completed, transaction)
                self.committed |= set(rows) if step == "commit" else set()

    async def fetchval(self, statement: str) -> int:
        assert statement == low_water._GIVEN
        return self._while_the_answer_travels(self.given)

    async def fetchrow(self, statement: str) -> dict[str, int]:
        assert statement == low_water._WRITERS
        end = self.completed + 1
        oldest = min((transaction for transaction in self.open if transaction < end), default=end)
        asking, self.following = self.following, self.following + 1
        self.completed = max(self.completed, asking)
        return self._while_the_answer_travels({"oldest": oldest, "following": asking})

    def _while_the_answer_travels(self, answer: Answer) -> Answer:
        while self.steps and self.steps[-1][0] != "read" and self.steps[-1][1] > 4:
            self._do(*self.steps.pop())
        return answer


@asynccontextmanager
async def _backup(database: Database) -> AsyncIterator[None]:
    """What `pg_dump` does for as long as it takes."""
    connection = await asyncpg.connect(database.url)
    try:
        await connection.execute("begin isolation level repeatable read read only")
        await connection.fetchval("select count(*) from pg_class")
        yield
    finally:
        await connection.close()


async def _pages_of_a_round(connection: Connection, low: int) -> int:
    return await _pages(connection, outbox._FORGET_AND_READ, [], outbox.BATCH, low)


async def _pages_of_a_scrape(connection: Connection, low: int) -> int:
    return await _pages(connection, outbox._WAITING, low)


async def _pages(connection: Connection, statement: str, *given: Any) -> int:
    explained = f"explain (analyze, buffers, format json) {statement}"
    (found,) = orjson.loads(await connection.fetchval(explained, *given))
    return int(found["Plan"]["Shared Hit Blocks"] + found["Plan"]["Shared Read Blocks"])


def _message(said: str) -> Any:
    return a_reminder(said, topic=NOTICES)


async def _write(database: Database, count: int) -> None:
    async with database.transaction() as connection:
        await outbox.add(connection, [_message(str(number)) for number in range(count)])
