"""(c) From the acceptance of a report to its dispatch at an agency's consumer, beside a bare chain of the same hops."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, closing

import asyncpg
import uvloop
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer

from benchmarks.load import Connections, requests
from benchmarks.placed import placed_reports
from benchmarks.stand import Stand, execute, make_topics, median
from deploy.local.observer import Seen, reading
from deploy.local.quantiles import quantile

RATE = 200.0
WARM_UP_SECONDS = 40.0  # a Kafka that has just begun compiles itself for its first minute, on the same cores


def measure(stand: Stand) -> dict[str, object]:
    seconds = 3.0 if stand.quick else 15.0
    if not stand.quick:
        uvloop.run(_ours(stand, WARM_UP_SECONDS))
    ours, bare = [], []
    for number in range(stand.rounds):
        bare.append(uvloop.run(_bare(stand, number, seconds)))
        ours.append(uvloop.run(_ours(stand, seconds)))
    found: dict[str, object] = {"rate": RATE}
    for name, share in (("p50", 0.50), ("p99", 0.99)):
        found |= {
            f"ours {name}": median([quantile(each, share) * 1000 for each in ours]),
            f"bare {name}": median([quantile(each, share) * 1000 for each in bare]),
        }
    return found


async def _ours(stand: Stand, seconds: float) -> list[float]:
    seen, url = Seen(), f"{stand.running.url('intake')}/v1/reports"
    posts = requests(url, stand.running.token("operator"), placed_reports(int(RATE * seconds)))
    async with reading(stand.kafka, seen):
        with closing(Connections(url)) as connections:
            count = await _steadily(lambda number: connections.post(posts[number]), seconds)
        # an outage is reported by many, and theirs is one case
        await _until(lambda: len(seen.latencies) + len(seen.joined) >= count)
    return seen.latencies


async def _bare(stand: Stand, number: int, seconds: float) -> list[float]:
    """Commit, send, receive, commit, send, receive: the hops of a report, with nothing to decide."""
    first, second = f"chain_{number}_a", f"chain_{number}_b"
    await make_topics(stand.kafka, first, second)
    await execute(
        f"{stand.postgres}/postgres", f"create table if not exists chain_{number} (hop text, said bytea)"
    )
    pool = await asyncpg.create_pool(f"{stand.postgres}/postgres", min_size=2, max_size=8)
    latencies: list[float] = []
    async with (
        _producing(stand.kafka) as producer,
        _consuming(stand.kafka, first) as one,
        _consuming(stand.kafka, second) as other,
    ):

        async def commit_and_send(hop: str, topic: str, said: list[bytes]) -> None:
            await pool.execute(f"insert into chain_{number} select $1, unnest($2::bytea[])", hop, said)
            await asyncio.gather(*[await producer.send(topic, each) for each in said])

        async def relay() -> None:
            while True:
                batch = await one.getmany(timeout_ms=100)
                if said := [record.value for records in batch.values() for record in records]:
                    await commit_and_send("second", second, said)

        async def arrive() -> None:
            async for record in other:
                latencies.append(time.perf_counter() - float(record.value))

        tasks = [asyncio.create_task(relay()), asyncio.create_task(arrive())]

        async def begin(_: int) -> None:
            await commit_and_send("first", first, [repr(time.perf_counter()).encode()])

        count = await _steadily(begin, seconds)
        await _until(lambda: len(latencies) >= count)
        for task in tasks:
            task.cancel()
    await pool.close()
    return latencies


async def _steadily(submit: Callable[[int], Awaitable[None]], seconds: float) -> int:
    """At RATE, whatever the answers take."""
    began, count = time.perf_counter(), int(RATE * seconds)
    async with asyncio.TaskGroup() as group:
        for number in range(count):
            await asyncio.sleep(max(0.0, began + number / RATE - time.perf_counter()))
            group.create_task(submit(number))  # type: ignore[arg-type]  # a coroutine function
    return count


async def _until(done: Callable[[], bool], limit: float = 60) -> None:
    """Every report has to come: what is still under way would be work for the next measurement."""
    async with asyncio.timeout(limit):
        while not done():
            await asyncio.sleep(0.05)


@asynccontextmanager
async def _producing(kafka: str) -> AsyncIterator[AIOKafkaProducer]:
    producer = AIOKafkaProducer(bootstrap_servers=kafka, enable_idempotence=True, acks="all")
    await producer.start()
    try:
        yield producer
    finally:
        await producer.stop()


@asynccontextmanager
async def _consuming(kafka: str, topic: str) -> AsyncIterator[AIOKafkaConsumer]:
    consumer = AIOKafkaConsumer(topic, bootstrap_servers=kafka, auto_offset_reset="latest")
    await consumer.start()
    await consumer.seek_to_end()  # returns when the end is known: nothing that is sent from now on is missed
    try:
        yield consumer
    finally:
        await consumer.stop()
