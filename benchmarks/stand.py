"""Where measuring happens: durable PostgreSQL, a full Kafka, services as processes, all of this machine."""

import asyncio
import os
import platform
import statistics
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

import asyncpg
import psutil
from aiokafka.admin import AIOKafkaAdminClient, NewTopic

from benchmarks.placed import city
from contracts.topics import REPORTS
from deploy.local.day import import_directory
from deploy.local.interruptions import heed_interruptions, interruptions_held_off
from deploy.local.ports import free_port
from deploy.local.processes import silent
from deploy.local.service_processes import PORTS, port_setting
from deploy.local.stack import Stack, start

ROOT = Path(__file__).parents[1]
PARTITIONS = REPORTS.partitions


@dataclass(frozen=True)
class Stand:
    running: Stack
    rounds: int
    quick: bool

    @property
    def kafka(self) -> str:
        return self.running.servers.kafka_bootstrap

    @property
    def postgres(self) -> str:
        return self.running.servers.postgres_url

    def only(self, *names: str) -> None:
        """These services and no others: one process is measured, and nothing else takes its time."""
        for name, service in self.running.services.items():
            if name in names:
                service.start(silent)
            else:
                service.stop()


@contextmanager
def stand(*, rounds: int, quick: bool) -> Iterator[Stand]:
    """Everything up, with a directory in force; whatever ends the benchmark, nothing of it is left."""
    heed_interruptions()
    with tempfile.TemporaryDirectory(prefix="casegrid-bench-", ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o711)  # PostgreSQL is never root and has to pass
        ports = {
            f"CASEGRID_{server}_PORT": str(free_port())
            for server in ("POSTGRES", "KAFKA", "KAFKA_CONTROLLER")
        }
        ports |= {port_setting(service): str(free_port()) for service in PORTS}
        own = {name: value for name, value in os.environ.items() if not name.startswith("CASEGRID_")}
        running = start(Path(folder), environment=own | ports)
        try:
            asyncio.run(import_directory(running, city()))
            yield Stand(running, rounds, quick)
        finally:
            running.stop()


@contextmanager
def program(module: str, *arguments: str, patience: float = 20) -> Iterator[subprocess.Popen[str]]:
    """A baseline or a load in a process of its own, so that it shares no interpreter with what it is compared to."""
    command = [sys.executable, "-m", module, *arguments]
    process = subprocess.Popen(
        command,
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
    )
    try:
        yield process
    finally:
        with interruptions_held_off():
            _end(process, patience)


def _end(process: subprocess.Popen[str], patience: float) -> None:
    process.terminate()
    try:
        process.wait(patience)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


async def until_drained(url: str, count: int, *, limit: float | None = None) -> float:
    """Cases a second, from the transaction of the first record to the moment when all are there and the outbox is empty.

    Both ends are told by the database's clock; raises when there was more to do than `count`, or when it takes longer than
    a machine needs that drains a hundred a second.
    """
    connection = await asyncpg.connect(url)
    try:
        async with within(limit or 60 + count / 100, f"{count} queued records"):
            while await connection.fetchval("select count(*) from cases") < count:
                await asyncio.sleep(0.05)
            while await connection.fetchval("select exists (select 1 from outbox)"):
                await asyncio.sleep(0.01)
        worked, seconds = await connection.fetchrow(
            "select count(*), extract(epoch from clock_timestamp() - min(seen_at))::float from inbox"
        )
    finally:
        await connection.close()
    if worked != count:
        raise RuntimeError(
            f"{worked} records were worked where {count} were queued: something else was waiting"
        )
    return float(count / seconds)


@asynccontextmanager
async def within(limit: float, what: str) -> AsyncIterator[None]:
    """For what another process does: it may have ended, and nobody else would say so."""
    try:
        async with asyncio.timeout(limit):
            yield
    except TimeoutError:
        raise RuntimeError(f"{what}: not done in {limit:.0f} s; does what works on it still run?") from None


async def execute(url: str, statement: str) -> None:
    connection = await asyncpg.connect(url)
    try:
        await connection.execute(statement)
    finally:
        await connection.close()


async def make_topics(kafka: str, *names: str) -> None:
    admin = AIOKafkaAdminClient(bootstrap_servers=kafka)
    await admin.start()
    await admin.create_topics([NewTopic(name, PARTITIONS, 1) for name in names])
    await admin.close()


def median(values: list[float]) -> float:
    return statistics.median(values)


def machine() -> dict[str, str]:
    cpu = next(
        (
            line.split(":")[1].strip()
            for line in Path("/proc/cpuinfo").read_text().splitlines()
            if "model name" in line
        ),
        platform.processor(),
    )
    return {
        "cpu": f"{cpu}, {os.cpu_count()} cores",
        "memory": f"{psutil.virtual_memory().total / 2**30:.0f} GiB",
        "system": platform.platform(),
        "python": platform.python_version(),
        "load at the start": f"{os.getloadavg()[0]:.1f}",
        "libraries": ", ".join(
            f"{name} {version(name)}" for name in ("fastapi", "faststream", "aiokafka", "asyncpg", "pydantic")
        ),
    }
