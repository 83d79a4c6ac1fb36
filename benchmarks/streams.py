"""`make bench-streams`: thousands of open streams, from an event on Kafka to the client that wants it."""

import asyncio
import json
import subprocess
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import psutil
import typer
from aiokafka import AIOKafkaProducer
from rich.console import Console
from rich.table import Table

from benchmarks.notices import an_order
from benchmarks.stand import Stand, machine, program, stand
from contracts.topics import CASES
from deploy.local.quantiles import quantile

FOLDER = Path(__file__).parent
CLIENTS = (1, 1000, 3000)
UNITS = 100
RATE, SECONDS = 200.0, 15.0
console = Console()


def main(
    quick: Annotated[
        bool, typer.Option(help="few clients, nothing is written: does it all still run?")
    ] = False,
) -> None:
    """Each client listens to one of a hundred units, so that an event is wanted by every hundredth; writes
    benchmarks/streams.json."""
    with stand(rounds=1, quick=quick) as ready:
        ready.only("notifier")
        found = [asyncio.run(measure(ready, clients)) for clients in ((1, 50) if quick else CLIENTS)]
    show(found)
    if not quick:
        said = {"at": datetime.now(UTC).isoformat(timespec="minutes"), "machine": machine()}
        (FOLDER / "streams.json").write_text(json.dumps(said | {"found": found}, indent=1) + "\n")


async def measure(ready: Stand, clients: int) -> dict[str, Any]:
    seconds = 3.0 if ready.quick else SECONDS
    units = [f"BENCH-{number % UNITS:02d}" for number in range(clients)]
    arguments = (ready.running.url("notifier"), ready.running.token("admin"), *units)
    notifier = ready.running.services["notifier"].process.find()
    assert notifier is not None
    with program("benchmarks.listeners", *arguments) as listening:
        await _said(listening)
        busy = _seconds_of(notifier)
        sent = await _send(ready.kafka, seconds)
        wanted = sum(sent.get(unit, 0) for unit in units)
        latencies = await _latencies(listening, wanted)
        busy = _seconds_of(notifier) - busy
        memory = notifier.memory_info().rss / 2**20
    return {
        "clients": clients,
        "events a second": RATE,
        "frames": wanted,
        "p50": quantile(latencies, 0.50),
        "p99": quantile(latencies, 0.99),
        "cores": busy / seconds,
        "memory": round(memory),
    }


async def _send(kafka: str, seconds: float) -> dict[str, int]:
    """At RATE, of one unit after the other; how many of each."""
    sent: dict[str, int] = {}
    producer = AIOKafkaProducer(bootstrap_servers=kafka, linger_ms=1)
    await producer.start()
    began = time.perf_counter()
    for number in range(int(RATE * seconds)):
        await asyncio.sleep(max(0.0, began + number / RATE - time.perf_counter()))
        unit = f"BENCH-{number % UNITS:02d}"
        message = an_order(unit)
        await producer.send(CASES.name, message.value, key=message.key, headers=[*message.headers])
        sent[unit] = sent.get(unit, 0) + 1
    await producer.stop()
    return sent


async def _latencies(listening: subprocess.Popen[str], wanted: int) -> list[float]:
    assert listening.stdin is not None
    listening.stdin.write(f"{wanted}\n")
    listening.stdin.flush()
    return list(json.loads(await _said(listening)))


async def _said(listening: subprocess.Popen[str]) -> str:
    assert listening.stdout is not None
    return await asyncio.to_thread(listening.stdout.readline)


def _seconds_of(process: psutil.Process) -> float:
    times = process.cpu_times()
    return float(times.user + times.system)


def show(found: Sequence[dict[str, Any]]) -> None:
    table = Table("open streams", "event → client, p50", "p99", "cores of the notifier", "its memory")
    for each in found:
        table.add_row(
            f"{each['clients']:,}",
            f"{each['p50']:.0f} ms",
            f"{each['p99']:.0f} ms",
            f"{each['cores']:.2f}",
            f"{each['memory']:.0f} MB",
        )
    console.print(table)


if __name__ == "__main__":
    typer.run(main)
