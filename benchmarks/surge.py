"""`python -m benchmarks.surge`: how long an emergency takes while thousands of reports wait, overtaking or in line."""

import asyncio
import json
import time
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import asyncpg
import orjson
import typer
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from rich.console import Console
from rich.table import Table

from benchmarks.queued import messages, queue
from benchmarks.stand import Stand, execute, machine, stand, until_drained, within
from contracts.envelope import Message
from contracts.topics import DISPATCH, REPORTS
from deploy.local.processes import silent
from deploy.local.quantiles import quantile

FOLDER = Path(__file__).parent
_URGENT = 20
_GOAL_SECONDS = 2.0
console = Console()


def main(
    waiting: Annotated[int, typer.Option(help="reports in the queue when the router comes back")] = 50_000,
) -> None:
    """Prints a table and writes benchmarks/surge.json."""
    with stand(rounds=1, quick=False) as ready:
        ready.only()
        found = {name: asyncio.run(_measure(ready, waiting, overtakes)) for name, overtakes in _WAYS.items()}
    table = Table(
        "", "p50", "p95", "longest", "drained at", title=f"{_URGENT} emergencies, {waiting:,} waiting"
    )
    for name, row in found.items():
        times = (f"{row[each]:.2f} s" for each in ("p50", "p95", "longest"))
        table.add_row(name, *times, f"{row['drained']:,.0f}/s")
    console.print(table)
    at = datetime.now(UTC).isoformat(timespec="minutes")
    said = {"at": at, "machine": machine(), "waiting": waiting, "goal": _GOAL_SECONDS, "found": found}
    (FOLDER / "surge.json").write_text(json.dumps(said, indent=1) + "\n")


_WAYS = {"overtaking": True, "waiting in line": False}


async def _measure(ready: Stand, waiting: int, overtakes: bool) -> dict[str, Any]:
    """The queue holds nothing urgent; emergencies come one after the other while it is drained."""
    database = f"{ready.postgres}/casegrid_router"
    await execute(database, "truncate inbox, cases, case_events, outbox")
    await queue(ready.kafka, [_with(each, "C01-05", "路灯不亮") for each in messages(REPORTS.name, waiting)])
    urgent = [_with(each, "E01-01", "楼道里起火了，冒浓烟") for each in messages(REPORTS.name, _URGENT)]
    router = ready.running.services["router"]
    router = replace(router, environment={**router.environment, "CASEGRID_OVERTAKES": str(overtakes).lower()})
    seen: dict[bytes, float] = {}
    watching = asyncio.create_task(_watch(ready.kafka, {each.key or b"" for each in urgent}, seen))
    starting = asyncio.create_task(asyncio.to_thread(router.start, silent))
    try:
        sent = await _send_spread(ready.kafka, database, urgent)
        drained = await until_drained(database, waiting + _URGENT)
        async with within(60, "orders of the emergencies"):
            await watching
    finally:
        watching.cancel()
        await starting
        await asyncio.to_thread(router.stop)
    took = sorted(seen[key] - at for key, at in sent.items())
    return {
        "p50": quantile(took, 0.50),
        "p95": quantile(took, 0.95),
        "longest": took[-1],
        "drained": drained,
        "every": took,
    }


async def _send_spread(kafka: str, database: str, urgent: list[Message]) -> dict[bytes, float]:
    """One every half second from the first case on, so that each meets a queue that is still long."""
    connection = await asyncpg.connect(database)
    async with within(120, "the first case"):
        while not await connection.fetchval("select exists (select 1 from cases)"):
            await asyncio.sleep(0.02)
    await connection.close()
    producer = AIOKafkaProducer(bootstrap_servers=kafka)
    await producer.start()
    sent: dict[bytes, float] = {}
    for each in urgent:
        sent[each.key or b""] = time.monotonic()
        await producer.send_and_wait(each.topic, each.value, key=each.key, headers=each.headers)
        await asyncio.sleep(0.5)
    await producer.stop()
    return sent


async def _watch(kafka: str, keys: set[bytes], seen: dict[bytes, float]) -> None:
    """When the order of each emergency is there to be read by its unit."""
    topics = [topic.name for topic in DISPATCH.values()]
    consumer = AIOKafkaConsumer(*topics, bootstrap_servers=kafka, auto_offset_reset="latest")
    await consumer.start()
    await consumer.seek_to_end()
    try:
        while len(seen) < len(keys):
            for records in (await consumer.getmany(timeout_ms=50)).values():
                for record in records:
                    if record.key in keys:
                        seen.setdefault(record.key, time.monotonic())
    finally:
        await consumer.stop()


def _with(message: Message, category: str, text: str) -> Message:
    event = orjson.loads(message.value or b"")
    event["data"] |= {"category": category, "text": text, "facts": {}}
    return message._replace(value=orjson.dumps(event))


if __name__ == "__main__":
    typer.run(main)
