"""`make bench-notices`: from an event on Kafka to the yes of every subscriber, beside a loop that only posts."""

import asyncio
import json
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import aiohttp
import asyncpg
import typer
from aiokafka import AIOKafkaProducer
from rich.console import Console
from rich.table import Table
from uuid_utils.compat import uuid7

from benchmarks.stand import Stand, machine, make_topics, median, program, stand
from contracts.envelope import SYSTEM, Message, to_message
from contracts.events import event_of
from contracts.facts.case import CaseDispatched
from contracts.topics import CASES
from contracts.vocabulary import Privacy, Procedure, Tier, Urgency
from deploy.local.ports import free_port
from deploy.local.quantiles import quantile
from services.notifier.message import new_secret

FOLDER = Path(__file__).parent
EVENTS = 1000
MANY = (3, 100)
RATE, IDLE_RATE = 200.0, 2.0
_GOALS = {"p50": 50.0, "p99": 500.0}
_BARE = "bare.notices"
_LIMIT_SECONDS = 300.0
_AT_WORK = "select exists (select 1 from deliveries where ended_at is null) or exists (select 1 from outbox)"
console = Console()


def main(
    quick: Annotated[
        bool, typer.Option(help="one short round, nothing is written: does it all still run?")
    ] = False,
) -> None:
    """Medians of three rounds, each of ours beside one of the bare loop; writes benchmarks/notices.json."""
    rounds = 1 if quick else 3
    with stand(rounds=rounds, quick=quick) as ready:
        ready.only("notifier")
        found = asyncio.run(measure(ready))
    show(found)
    if not quick:
        said = {"at": datetime.now(UTC).isoformat(timespec="minutes"), "machine": machine(), "rounds": rounds}
        (FOLDER / "notices.json").write_text(json.dumps(said | {"found": found}, indent=1) + "\n")


async def measure(ready: Stand) -> dict[str, Any]:
    await make_topics(ready.kafka, _BARE)
    port = free_port()
    sink = f"http://127.0.0.1:{port}"
    producer = AIOKafkaProducer(bootstrap_servers=ready.kafka, linger_ms=1)
    await producer.start()
    with program("benchmarks.webhook_sink", str(port)):
        async with aiohttp.ClientSession() as http:
            await _until_it_answers(http, sink)
            bench = Bench(ready, http, producer, sink)
            found: dict[str, Any] = {"throughput": [], "latency": []}
            for subscribers in MANY:
                found["throughput"].append(await bench.throughput(subscribers))
            seconds = 5.0 if ready.quick else 20.0
            found["latency"].append(await bench.latency("idle", IDLE_RATE, 2 * seconds))
            found["latency"].append(await bench.latency(f"{RATE:.0f}/s", RATE, seconds))
    await producer.stop()
    return found


class Bench:
    def __init__(
        self, ready: Stand, http: aiohttp.ClientSession, producer: AIOKafkaProducer, sink: str
    ) -> None:
        self._ready = ready
        self._http = http
        self._producer = producer
        self._sink = sink

    async def throughput(self, subscribers: int) -> dict[str, Any]:
        rounds = [await self._both(subscribers, self._drained) for _ in range(self._ready.rounds)]
        ours, bare = ([one[which] for one in rounds] for which in (0, 1))
        console.print(f"{subscribers} subscribers: {median(ours):,.0f}/s, bare {median(bare):,.0f}/s")
        return {"subscribers": subscribers, "events": EVENTS, "ours": median(ours), "bare": median(bare)}

    async def latency(self, name: str, rate: float, seconds: float) -> dict[str, Any]:
        async def steady(topic: str, subscribers: int) -> list[float]:
            return await self._steadily(topic, subscribers, rate, seconds)

        rounds = [await self._both(3, steady) for _ in range(self._ready.rounds)]
        found: dict[str, Any] = {"load": name, "subscribers": 3}
        for share in (50, 99):
            for which, whose in enumerate(("ours", "bare")):
                found[f"{whose} p{share}"] = median([quantile(one[which], share / 100) for one in rounds])
        return found

    async def _both(self, subscribers: int, work: Callable[[str, int], Any]) -> tuple[Any, Any]:
        await self._subscribe(subscribers)
        ours = await work(CASES.name, subscribers)
        await self._subscribe(0)
        arguments = (self._ready.kafka, _BARE, f"{self._sink}/hook", str(subscribers))
        with program("benchmarks.bare_notices", *arguments) as bare:
            assert bare.stdout is not None
            await asyncio.to_thread(bare.stdout.readline)
            return ours, await work(_BARE, subscribers)

    async def _subscribe(self, count: int) -> None:
        """Exactly so many, on an empty log; by SQL, because a hundred are more than one owner may have."""
        url = f"{self._ready.postgres}/casegrid_notifier"
        connection = await asyncpg.connect(url)
        try:
            async with asyncio.timeout(_LIMIT_SECONDS):
                while await connection.fetchval(_AT_WORK):
                    await asyncio.sleep(0.1)
            # one at a time: housekeeping looks at some of them together
            for table in ("subscriptions", "deliveries", "attempts", "feed"):
                await connection.execute(f"truncate {table}")
            await connection.executemany(
                """insert into subscriptions (id, name, channel, target, filter, secret, created_by)
                   values ($1, 'bench', 'webhook', $2, '{}', $3, 'bench')""",
                [(uuid7(), f"{self._sink}/hook/{number}", new_secret(b"s" * 32)) for number in range(count)],
            )
        finally:
            await connection.close()

    async def _drained(self, topic: str, subscribers: int) -> float:
        """Deliveries a second, from the first event sent to the last yes."""
        await self._get("/reset")
        began = time.perf_counter()
        await asyncio.gather(*[await self._send(topic) for _ in range(EVENTS)])
        await self._until_come(EVENTS * subscribers)
        return EVENTS * subscribers / (time.perf_counter() - began)

    async def _steadily(self, topic: str, subscribers: int, rate: float, seconds: float) -> list[float]:
        for _ in range(5):  # connections are made
            await self._send(topic)
        await self._until_come(5 * subscribers, fresh=False)
        await self._get("/reset")
        began, count = time.perf_counter(), int(rate * seconds)
        for number in range(count):
            await asyncio.sleep(max(0.0, began + number / rate - time.perf_counter()))
            await self._send(topic)
        await self._until_come(count * subscribers)
        return list(await self._get("/latencies"))

    async def _send(self, topic: str) -> Any:
        message = an_order()
        return await self._producer.send(topic, message.value, key=message.key, headers=[*message.headers])

    async def _until_come(self, count: int, *, fresh: bool = True) -> None:
        async with asyncio.timeout(_LIMIT_SECONDS):
            while await self._get("/count") < count:
                await asyncio.sleep(0.02 if fresh else 0.1)

    async def _get(self, path: str) -> Any:
        async with self._http.get(self._sink + path) as answer:
            return await answer.json()


def an_order(lead: str = "YQ-lighting") -> Message:
    """Of a case of its own, as large as most."""
    now = datetime.now(UTC)
    fact = CaseDispatched(
        round=1,
        lead=lead,
        copies=("YQ-CENTRE",),
        procedure=Procedure.COORDINATE,
        privacy=Privacy.OPEN,
        report_id=uuid7(),
        reported_at=now,
        text="路灯不亮 the street lamp is dark" * 8,
    )
    event = event_of(
        fact,
        event_id=uuid7(),
        case_id=uuid7(),
        case_version=1,
        occurred_at=now,
        recorded_at=now,
        actor=SYSTEM,
        correlation_id=uuid7(),
        tier=Tier.DISTRICT,
        grid="YQ010101",
        category="C01-05",
        urgency=Urgency.GENERAL,
    )
    return to_message(CASES.name, "router", event)


async def _until_it_answers(http: aiohttp.ClientSession, sink: str) -> None:
    async with asyncio.timeout(20):
        while True:
            with suppress(aiohttp.ClientError):
                async with http.get(f"{sink}/count"):
                    return
            await asyncio.sleep(0.05)


def show(found: dict[str, Any]) -> None:
    table = Table("what", "casegrid", "bare", "ratio", "goal")
    for each in found["throughput"]:
        what = f"notices/s, {each['events']:,} events x {each['subscribers']} subscribers"
        table.add_row(
            what, f"{each['ours']:,.0f}", f"{each['bare']:,.0f}", f"{each['ours'] / each['bare']:.2f}", ""
        )
    for each in found["latency"]:
        for name, goal in _GOALS.items():
            ours, bare = each[f"ours {name}"], each[f"bare {name}"]
            what = f"event → delivered, {each['load']} x {each['subscribers']}, {name}"
            table.add_row(what, f"{ours:.1f} ms", f"{bare:.1f} ms", f"{ours / bare:.1f}", f"≤ {goal:.0f} ms")
    console.print(table)


if __name__ == "__main__":
    typer.run(main)
