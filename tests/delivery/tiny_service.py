"""The smallest service that consumes, remembers and announces: what delivery's promises are tried on."""

import asyncio
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from uuid import UUID, uuid4

import httpx
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql
from sqlalchemy.schema import CreateIndex, CreateTable

from contracts.envelope import SYSTEM, Message, to_message
from contracts.events import event_of, facts_on
from contracts.facts.report import ReportReminded
from contracts.topics import NOTICES, REPORTS, Topic
from delivery import outbox
from delivery.ahead import CannotWait
from delivery.consumer import BATCH_SECONDS, Event, Handler
from delivery.database import Connection, Database
from delivery.inbox import inbox_table
from delivery.outbox import Relay, outbox_table
from delivery.service import Service, serve
from delivery.settings import ServiceSettings

metadata = sa.MetaData()
outbox_table(metadata)
inbox_table(metadata)
# no key but its own: what is worked twice stands here twice
sa.Table(
    "worked",
    metadata,
    sa.Column("id", sa.BigInteger, sa.Identity(always=True), primary_key=True),
    sa.Column("event_id", sa.Uuid, nullable=False),
    sa.Column("case_id", sa.Uuid, nullable=False),
    sa.Column("said", sa.Text),
)


def schema() -> str:
    dialect = postgresql.dialect()
    made = [CreateTable(table).compile(dialect=dialect) for table in metadata.sorted_tables]
    indexes = [CreateIndex(index) for table in metadata.sorted_tables for index in table.indexes]
    return ";".join(map(str, [*made, *(index.compile(dialect=dialect) for index in indexes)]))


def tiny_service(
    settings: ServiceSettings,
    handle: Handler,
    *,
    writes: tuple[Topic, ...] = (),
    cannot_wait: CannotWait | None = None,
    every: float = BATCH_SECONDS,
) -> Service:
    service = Service("tiny", settings, writes={topic: facts_on(topic) for topic in writes})
    consumer = service.consume(REPORTS, handle, [ReportReminded], every=every)
    if cannot_wait is not None:
        service.consume_ahead(consumer, cannot_wait)
    return service


@asynccontextmanager
async def running(service: Service) -> AsyncIterator[Service]:
    async with service.app.router.lifespan_context(service.app):
        yield service


@asynccontextmanager
async def relaying(settings: ServiceSettings, url: str) -> AsyncIterator[Relay]:
    """A relay without a service."""
    relay = Relay(url, settings.kafka, namespace=settings.namespace)
    relay.start()
    try:
        yield relay
    finally:
        await relay.stop()


def client_of(service: Service) -> httpx.AsyncClient:
    """A caller that gets the answer when the application raises, as one behind a network does."""
    transport = httpx.ASGITransport(app=service.app, raise_app_exceptions=False)
    return httpx.AsyncClient(transport=transport, base_url="http://tiny")


async def remember(connection: Connection, events: list[Event]) -> None:
    await connection.execute(
        "insert into worked (event_id, case_id, said) select * from unnest($1::uuid[], $2::uuid[], $3::text[])",
        [event.event_id for event in events],
        [event.case_id for event in events],
        [event.data.text for event in events],
    )


async def said_by(database: Database) -> list[str]:
    """What was worked, in the order in which it was."""
    async with database.connection() as connection:
        return [row["said"] for row in await connection.fetch("select said from worked order by id")]


async def has_worked(database: Database, number: int) -> bool:
    count = len(await said_by(database))
    assert count <= number, "something was worked twice"
    return count == number


async def problems_of(client: httpx.AsyncClient) -> list[str]:
    """Of a service that is not ready."""
    answer = await client.get("/health/ready")
    assert answer.status_code == 503
    assert answer.headers["content-type"] == "application/problem+json"
    return answer.json()["problems"]


def a_reminder(said: str | int = "again", *, case_id: UUID | None = None, topic: Topic = REPORTS) -> Message:
    now = datetime.now(UTC)
    event = event_of(
        ReportReminded(report_id=uuid4(), text=str(said)),
        event_id=uuid4(),
        case_id=case_id or uuid4(),
        occurred_at=now,
        recorded_at=now,
        actor=SYSTEM,
        correlation_id=uuid4(),
    )
    return to_message(topic.name, "tiny", event)


async def _slowly(connection: Connection, events: list[Event]) -> None:
    """Shows on standard error that it has begun, so that it can be interrupted in the middle."""
    sys.stderr.write("working\n")
    sys.stderr.flush()
    await asyncio.sleep(1)
    await remember(connection, events)
    await outbox.add(connection, [a_reminder(event.data.text, topic=NOTICES) for event in events])


if __name__ == "__main__":
    serve(tiny_service(ServiceSettings(), _slowly, writes=(NOTICES,)), int(os.environ["TINY_PORT"]))
