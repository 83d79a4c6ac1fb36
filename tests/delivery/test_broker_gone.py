"""Kafka frozen, killed and back: nothing is lost, health tells, and stopping never hangs."""

import asyncio
import time
from collections.abc import AsyncIterator, Iterable, Iterator
from contextlib import contextmanager

import httpx
import psutil
import pytest
from aiokafka import AIOKafkaProducer

from contracts.envelope import Message
from contracts.topics import REPORTS
from delivery import outbox, stopping
from delivery.database import Database
from delivery.outbox import Relay
from delivery.settings import ServiceSettings
from deploy.local.kafka_server import KafkaServer
from deploy.local.ports import free_port
from tests.delivery.tiny_service import a_reminder, client_of, has_worked, remember, running, tiny_service
from tests.delivery.wire import Wire
from tests.waiting import until


@pytest.fixture(scope="module")
async def server(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[KafkaServer]:
    """A broker of our own, because we are going to hurt it."""
    server = KafkaServer(tmp_path_factory.mktemp("kafka"), free_port(), free_port(), short_lived=True)
    await asyncio.to_thread(server.start)
    yield server
    await asyncio.to_thread(server.stop)


@pytest.fixture
def settings(settings: ServiceSettings, server: KafkaServer) -> ServiceSettings:
    return settings.model_copy(update={"kafka": server.bootstrap})


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outbox, "STALLED_SECONDS", 1.0)
    monkeypatch.setattr(stopping, "STOP_SECONDS", 1.0)


async def test_a_relay_stops_in_seconds_though_the_broker_is_frozen_and_nothing_is_lost(
    settings: ServiceSettings,
    server: KafkaServer,
    wire: Wire,
    database: Database,
    caplog: pytest.LogCaptureFixture,
) -> None:
    await wire.create(REPORTS.name)
    relay = _relay(settings, database)
    await _write(database, map(_numbered, range(10)))
    await until(lambda: relay.sent == 10)
    with _frozen(server):
        await _write(database, map(_numbered, range(10, 300)))
        await until(relay.problem)
        assert await _seconds_to_stop(relay) < 5
        while_frozen = _relay(settings, database)
        await until(while_frozen.problem)
        assert await _seconds_to_stop(while_frozen) < 5
    after = _relay(settings, database)
    await until(lambda: after.sent == 290)
    assert after.problem() is None
    await after.stop()
    said = [record.value for record in await wire.records(REPORTS.name)]
    firsts = list(dict.fromkeys(said))
    assert firsts == [b"%d" % number for number in range(300)]
    assert "Unclosed" not in caplog.text


async def test_by_default_an_idempotent_producer_does_not_stop_while_the_broker_is_frozen(
    settings: ServiceSettings, server: KafkaServer, wire: Wire
) -> None:
    await wire.create(REPORTS.name)
    producer = AIOKafkaProducer(
        bootstrap_servers=settings.kafka, enable_idempotence=True, request_timeout_ms=500
    )
    await producer.start()
    await producer.send_and_wait(settings.namespace + REPORTS.name, b"fine")
    with _frozen(server):
        await producer.send(settings.namespace + REPORTS.name, b"stuck")
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(producer.stop(), 3)
    producer._sender.sender_task.cancel()
    await producer.client.close()


async def test_a_service_says_that_kafka_is_gone_and_goes_on_when_it_is_back(
    settings: ServiceSettings, server: KafkaServer, wire: Wire, database: Database
) -> None:
    service = tiny_service(settings, remember)
    async with running(service), client_of(service) as client:
        await _write(database, map(a_reminder, range(10)))
        await until(lambda: has_worked(database, 10))
        await asyncio.to_thread(server.kill)
        await _write(database, map(a_reminder, range(10, 30)))
        await until(lambda: any("relay has been stuck" in problem for problem in service.problems()))
        answer = await client.get("/health/ready")
        assert answer.status_code == 503
        assert "kafka does not answer" in answer.json()["problems"]
        await asyncio.to_thread(server.start)
        await until(lambda: has_worked(database, 30), limit=30)
        await until(lambda: _is_ready(client))


@pytest.mark.parametrize("gone", ["frozen", "killed"])
async def test_a_service_stops_in_seconds_though_the_broker_is_gone(
    settings: ServiceSettings, server: KafkaServer, wire: Wire, database: Database, gone: str
) -> None:
    """What it worked last is not committed yet, and a coordinator that is gone would be asked for ever."""
    service = tiny_service(settings, remember, cannot_wait=lambda _: False)
    alive = running(service)
    await alive.__aenter__()
    await _write(database, map(a_reminder, range(10)))
    await until(lambda: has_worked(database, 10))
    with _gone(server, gone):
        began = time.monotonic()
        await asyncio.wait_for(alive.__aexit__(None, None, None), 60)
        assert time.monotonic() - began < 10


async def test_a_service_that_starts_while_kafka_is_away_answers_and_sends_later(
    settings: ServiceSettings, server: KafkaServer, wire: Wire, database: Database
) -> None:
    """What is submitted meanwhile is committed: the door is open though nothing leaves yet."""
    await wire.create(REPORTS.name)
    await asyncio.to_thread(server.kill)
    service = tiny_service(settings, remember)
    async with running(service), client_of(service) as client:
        assert (await client.get("/health/live")).status_code == 200
        answer = await client.get("/health/ready")
        assert answer.status_code == 503
        assert "kafka: KafkaConnectionError" in answer.json()["problems"]
        await _write(database, map(a_reminder, range(10)))
        await asyncio.to_thread(server.start)
        await until(lambda: has_worked(database, 10), limit=30)
        await until(lambda: _is_ready(client))


def _numbered(number: int) -> Message:
    return a_reminder()._replace(value=b"%d" % number)


async def _write(database: Database, messages: Iterable[Message]) -> None:
    async with database.transaction() as connection:
        await outbox.add(connection, list(messages))


async def _is_ready(client: httpx.AsyncClient) -> bool:
    return (await client.get("/health/ready")).status_code == 200


def _relay(settings: ServiceSettings, database: Database) -> Relay:
    relay = Relay(database.url, settings.kafka, namespace=settings.namespace)
    relay.start()
    return relay


async def _seconds_to_stop(relay: Relay) -> float:
    began = time.monotonic()
    await asyncio.wait_for(relay.stop(), 20)
    return time.monotonic() - began


@contextmanager
def _gone(server: KafkaServer, how: str) -> Iterator[None]:
    if how == "frozen":
        with _frozen(server):
            yield
    else:
        server.kill()
        try:
            yield
        finally:
            server.start()


@contextmanager
def _frozen(server: KafkaServer) -> Iterator[None]:
    broker = psutil.Process(server.pid)
    broker.suspend()
    while broker.status() != psutil.STATUS_STOPPED:  # until then it may still answer
        time.sleep(0.01)
    try:
        yield
    finally:
        broker.resume()
