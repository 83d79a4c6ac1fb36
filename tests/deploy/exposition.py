"""`python -m tests.deploy.exposition intake`: what a running service answers on `/metrics`, on a database of its own."""

import asyncio
import importlib
import os
import sys

import asyncpg
import httpx
from prometheus_client import REGISTRY, Gauge
from prometheus_client.metrics import MetricWrapperBase

from delivery.migrations import migrate
from delivery.service import Service

# values that queries ask for; every other label says its own name
_VALUES = {"status": "503"}


def main(name: str) -> None:
    settings = importlib.import_module(f"services.{name}.settings").Settings(
        namespace=f"metrics_{os.getpid()}_"
    )
    url = settings.database_of(name)
    database = url.rsplit("/", 1)[1]
    asyncio.run(_execute(settings.postgres, f'create database "{database}"'))
    try:
        migrate(url, name)
        service = importlib.import_module(f"services.{name}.app").create_service(settings)
        sys.stdout.write(asyncio.run(_scraped(service)))
    finally:
        asyncio.run(_execute(settings.postgres, f'drop database "{database}" with (force)'))


async def _scraped(service: Service) -> str:
    """Without Kafka; gauges must come from the service itself."""
    await service.database.open()
    _use_what_counts()
    try:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(service.app), base_url="http://service") as client:  # fmt: skip
            answer = await client.get("/metrics")
            return answer.raise_for_status().text
    finally:
        await service.database.close()


def _use_what_counts() -> None:
    """A labelled counter shows no series until something has happened."""
    for metric in set(REGISTRY._collector_to_names):
        if isinstance(metric, MetricWrapperBase) and not isinstance(metric, Gauge) and metric._labelnames:
            metric.labels(*(_VALUES.get(label, f"some {label}") for label in metric._labelnames))


async def _execute(postgres: str, statement: str) -> None:
    connection = await asyncpg.connect(f"{postgres}/postgres")
    try:
        await connection.execute(statement)
    finally:
        await connection.close()


if __name__ == "__main__":
    main(sys.argv[1])
