"""After its database was restored: a service's groups go back in Kafka, and what it does not know any more comes again.

Kafka remembers how far a service has read, but the restored database has forgotten what it made of it. Reading too much
again is harmless: the inbox drops what is known.
"""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from datetime import datetime
from typing import Annotated, NamedTuple

import asyncpg
import typer
from aiokafka import AIOKafkaConsumer, TopicPartition

from delivery.ahead import ahead_of
from delivery.command_line import end_with, kafka_said_plainly, moment_of
from delivery.database import Connection, Database
from delivery.migrations import SERVICES
from delivery.reading import TopicNotFound, admin_of, offsets_at
from delivery.schema_version import SchemaTooOld, require_schema
from delivery.settings import ServiceSettings, as_told

cli = typer.Typer(help=__doc__)


class StillRunning(Exception):
    """The service has a member in its group, which would go on where it is and commit that."""


class DatabaseAway(Exception):
    """Nobody answers where the environment says that it is."""


class Moved(NamedTuple):
    group: str
    place: TopicPartition
    was: int
    now: int


async def rewind(settings: ServiceSettings, service: str, to: datetime | None = None) -> list[Moved]:
    """Of each partition that the service's groups have read: where they stood, and stand now; raises StillRunning."""
    await require_stopped(settings, service)
    async with admin_of(settings.kafka) as admin:
        stood = {
            group: await admin.list_consumer_group_offsets(group) for group in _groups(settings, service)
        }
    moved: list[Moved] = []
    for group, offsets in stood.items():
        if was := {place: meta.offset for place, meta in offsets.items() if meta.offset >= 0}:
            moved += await _go_back(settings.kafka, group, was, to)
    return moved


async def require_stopped(settings: ServiceSettings, service: str) -> None:
    """Raises StillRunning."""
    async with admin_of(settings.kafka) as admin:
        for group in _groups(settings, service):
            (answer,) = await admin.describe_consumer_groups([group])
            ((_, _, _, _, _, members, *_),) = answer.groups
            if members:
                raise StillRunning(
                    f"{service} runs: stop all its replicas; one that was killed is gone after 6 s"
                )


@asynccontextmanager
async def while_stopped(settings: ServiceSettings, service: str) -> AsyncIterator[Connection]:
    """A transaction on the restored database; raises StillRunning, DatabaseAway, SchemaTooOld."""
    await require_stopped(settings, service)
    database = Database(settings.database_of(service), size=1)
    try:
        await database.open()
    except OSError as error:
        raise DatabaseAway(type(error).__name__) from error
    try:
        async with database.transaction() as connection:
            await require_schema(connection, service)
            yield connection
    finally:
        await database.close()


def _groups(settings: ServiceSettings, service: str) -> list[str]:
    return [settings.namespace + name for name in (service, ahead_of(service))]


async def _go_back(
    kafka: str, group: str, was: dict[TopicPartition, int], to: datetime | None
) -> list[Moved]:
    """Never forward; without a time to the oldest record that is kept."""
    consumer = AIOKafkaConsumer(bootstrap_servers=kafka, group_id=group, enable_auto_commit=False)
    try:
        await consumer.start()
        consumer.assign([*was])
        offsets = await offsets_at(consumer, was, to)
        now = {place: min(was[place], offset) for place, offset in offsets.items()}
        await consumer.commit(now)
    finally:
        await consumer.stop()
    return [Moved(group, place, was[place], now[place]) for place in sorted(was)]


To = Annotated[
    datetime | None,
    typer.Option(
        parser=moment_of,
        metavar="TIME",
        help="a time with its zone, before the oldest record that waited when the backup was made; without, all that "
        "Kafka keeps is read again",
    ),
]


@contextmanager
def said_plainly(settings: ServiceSettings) -> Iterator[None]:
    try:
        with kafka_said_plainly(settings):
            yield
    except StillRunning as running:
        end_with(str(running))
    except TopicNotFound as missing:
        end_with(f"Kafka at {settings.kafka} (CASEGRID_KAFKA) has no topic {missing}")
    except (DatabaseAway, SchemaTooOld, asyncpg.PostgresError) as error:
        end_with(f"the database (CASEGRID_POSTGRES): {error}")


def _service(told: str) -> str:
    if told not in SERVICES:
        raise typer.BadParameter(f"{told} is none of {', '.join(SERVICES)}")
    return told


@cli.command(help=__doc__)
def command(
    service: Annotated[str, typer.Argument(help=", ".join(SERVICES), callback=_service)], to: To = None
) -> None:
    settings = as_told(ServiceSettings)
    with said_plainly(settings):
        moved = asyncio.run(rewind(settings, service, to))
    for group, place, was, now in moved:
        typer.echo(f"{group}  {place.topic}:{place.partition}  {was} -> {now}")
    records = {place: was - now for _, place, was, now in moved}  # two groups may read the same
    typer.echo(f"{sum(records.values())} records come again to {service} once it runs")


if __name__ == "__main__":
    cli()
