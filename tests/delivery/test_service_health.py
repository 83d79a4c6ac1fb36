"""Nothing dies silently: what has stopped, or stands still, is named by `/health/ready`."""

import asyncio
import time
from collections.abc import AsyncIterator
from functools import partial

import httpx
import pytest
from prometheus_client import REGISTRY
from structlog.testing import capture_logs

from contracts.topics import DIRECTORY, NOTICES, REPORTS
from delivery import consumer, outbox
from delivery.consumer import Event
from delivery.database import Connection, Database
from delivery.service import Service
from delivery.settings import ServiceSettings
from tests.delivery.tiny_service import (
    a_reminder,
    client_of,
    has_worked,
    problems_of,
    remember,
    running,
    tiny_service,
)
from tests.delivery.wire import Wire
from tests.waiting import until


@pytest.fixture
def service(settings: ServiceSettings, tiny_url: str) -> Service:
    return tiny_service(settings, remember, writes=(NOTICES, DIRECTORY))


@pytest.fixture
async def client(service: Service) -> AsyncIterator[httpx.AsyncClient]:
    async with client_of(service) as client:
        yield client


async def test_ready_means_started(service: Service, client: httpx.AsyncClient) -> None:
    assert (await client.get("/health/live")).json() == {"status": "live"}
    assert "not started yet" in await problems_of(client)
    async with running(service):
        assert (await client.get("/health/ready")).json() == {"status": "ready"}
    assert "not started yet" in await problems_of(client)


async def test_a_load_balancer_asks_for_the_status_alone(service: Service, client: httpx.AsyncClient) -> None:
    assert (await client.head("/health/live")).status_code == 200
    assert (await client.head("/health/ready")).status_code == 503
    async with running(service):
        assert (await client.head("/health/ready")).status_code == 200


async def test_a_relay_that_died_is_named(service: Service, client: httpx.AsyncClient) -> None:
    async with running(service):
        assert service.relay._task is not None
        service.relay._task.cancel()
        await until(service.relay._task.done)
        assert await problems_of(client) == ["relay is not running"]


async def test_a_consumer_that_died_is_named(service: Service, client: httpx.AsyncClient) -> None:
    async with running(service):
        for task in service.consumers[0].subscriber.tasks:
            task.cancel()
        await until(service.consumers[0].problem)
        assert await problems_of(client) == ["consumer tiny of reports.v1 is not running"]


async def test_a_consumer_whose_loop_raises_is_started_again(
    service: Service, wire: Wire, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with running(service):
        reader = service.consumers[0].subscriber.consumer
        failures = []
        getmany = reader.getmany

        async def fail_once(**options: object) -> object:
            if not failures:
                failures.append(1)
                raise RuntimeError("a bug in a library")
            return await getmany(**options)

        monkeypatch.setattr(reader, "getmany", fail_once)
        await wire.send(a_reminder("ends the look that is under way"))
        await until(lambda: failures)
        await wire.send(a_reminder("still worked"))
        await until(lambda: has_worked(database, 2))
        assert service.problems() == []


async def test_a_consumer_that_fetches_nothing_though_records_wait_is_named(
    service: Service,
    client: httpx.AsyncClient,
    wire: Wire,
    database: Database,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A record whose header name is not UTF-8: aiokafka raises at each fetch, and no handler ever hears of it."""
    monkeypatch.setattr(consumer, "STALLED_SECONDS", 0.5)
    await wire.create(REPORTS.name)
    await wire.send_with_a_header_name_of(b"\xff\xfe", a_reminder("unreadable"))
    async with running(service):
        await wire.send(a_reminder("behind"))
        await until(lambda: _is_named(client, "works none of 2 records that wait"))
        assert await wire.committed(REPORTS.name) == 0, "nothing was passed over"


async def test_a_consumer_that_has_lost_its_place_in_the_group_is_named(
    service: Service, client: httpx.AsyncClient, wire: Wire, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After its coordinator died aiokafka may wait for ever to join again, and reads nothing meanwhile."""
    monkeypatch.setattr(consumer, "STALLED_SECONDS", 0.5)
    async with running(service):
        coordinator = service.consumers[0].subscriber.consumer._coordinator
        monkeypatch.setattr(coordinator, "ensure_active_group", _in_vain)
        coordinator.reset_generation()
        await wire.send(a_reminder())
        await until(lambda: _is_named(client, "does not know where it stands"))


async def test_a_consumer_whose_fetching_has_died_is_named(
    service: Service,
    client: httpx.AsyncClient,
    wire: Wire,
    database: Database,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """What it last heard of the end of the log says for ever that nothing waits."""
    monkeypatch.setattr(consumer, "STALLED_SECONDS", 0.5)
    async with running(service):
        await wire.send(a_reminder())
        await until(lambda: has_worked(database, 1))
        fetcher = service.consumers[0].subscriber.consumer._fetcher
        for task in [fetcher._fetch_task, *fetcher._pending_tasks]:
            task.cancel()
        await wire.send(a_reminder())
        await until(lambda: _is_named(client, "works none of 1 records that wait"))


async def test_a_replica_without_partitions_is_well_while_records_wait_elsewhere(
    settings: ServiceSettings, wire: Wire, tiny_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(consumer, "STALLED_SECONDS", 0.3)
    await wire.create(REPORTS.name)
    let_go = asyncio.Event()

    async def block(connection: Connection, events: list[Event]) -> None:
        await let_go.wait()

    one_by_one = settings.model_copy(update={"batch_size": 1})
    async with (
        running(tiny_service(one_by_one, block)) as first,
        running(tiny_service(one_by_one, block)) as second,
    ):
        await until(lambda: _has_place(first))
        await until(lambda: _has_place(second))
        await wire.send(a_reminder(), a_reminder())
        stalls = await until(lambda: _stalls(first, second))
        let_go.set()
    assert sorted(stalls, key=str) == [None, "consumer tiny of reports.v1 works none of 1 records that wait"]


async def test_one_look_in_the_moment_in_which_a_record_comes_names_nobody(
    settings: ServiceSettings, wire: Wire, tiny_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who looks seldom has last seen it idle long ago."""
    monkeypatch.setattr(consumer, "STALLED_SECONDS", 0.3)
    await wire.create(REPORTS.name)
    began, let_go = asyncio.Event(), asyncio.Event()

    async def block(connection: Connection, events: list[Event]) -> None:
        began.set()
        await let_go.wait()

    async with running(tiny_service(settings.model_copy(update={"batch_size": 1}), block)) as service:
        reader = service.consumers[0]
        assert await reader.stall() is None
        reader._seen_since -= 60
        await wire.send(a_reminder(), a_reminder())
        await until(began.is_set)
        assert await reader.stall() is None
        assert await until(reader.stall)
        let_go.set()


async def test_an_idle_consumer_is_well(
    service: Service,
    client: httpx.AsyncClient,
    wire: Wire,
    database: Database,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(consumer, "STALLED_SECONDS", 0.1)
    async with running(service):
        await wire.send(a_reminder())
        await until(lambda: has_worked(database, 1))
        began = time.monotonic()
        while time.monotonic() - began < 0.3:
            assert (await client.get("/health/ready")).status_code == 200


async def test_a_database_that_is_gone_is_named(service: Service, client: httpx.AsyncClient) -> None:
    async with running(service):
        await service.database.close()
        assert "database: InterfaceError" in await problems_of(client)


async def test_metrics_tell_lag_and_outbox(
    service: Service, client: httpx.AsyncClient, wire: Wire, database: Database
) -> None:
    async with running(service):
        await wire.send(a_reminder())
        await until(lambda: has_worked(database, 1))
        text = (await client.get("/metrics")).text
    assert 'casegrid_consumer_lag{consumer="tiny",topic="reports.v1"} 0.0' in text
    assert 'casegrid_outbox_depth{service="tiny"} 0.0' in text
    assert 'casegrid_outbox_age_seconds{service="tiny"} 0.0' in text


async def test_the_outbox_is_measured_from_the_low_water_on(
    service: Service, client: httpx.AsyncClient
) -> None:
    await service.database.open()
    async with service.database.transaction() as connection:
        await outbox.add(connection, [a_reminder() for _ in range(3)])
        await connection.execute("update outbox set created_at = now() - interval '1 hour' * (4 - id)")
    service.relay.low_water.at = 1
    text = (await client.get("/metrics")).text
    await service.database.close()
    assert 'casegrid_outbox_depth{service="tiny"} 2.0' in text
    assert 'casegrid_outbox_age_seconds{service="tiny"} 720' in text


async def test_a_measure_that_fails_is_counted_each_time_and_logged_once(
    service: Service, client: httpx.AsyncClient
) -> None:
    """Its gauges go on to say what they said last, which looks well; the others are measured."""
    well = asyncio.Event()

    async def measure() -> None:
        if not well.is_set():
            raise ValueError("what somebody said")

    service.measure("cases", measure)
    labels = {"service": "tiny", "measure": "cases"}
    failures = partial(REGISTRY.get_sample_value, "casegrid_measure_failures_total", labels)
    assert failures() == 0, "a series that is born with its first failure shows no increase"
    with capture_logs() as lines:
        for _ in range(3):
            assert (await client.get("/metrics")).status_code == 200
        assert failures() == 3
        well.set()
        await client.get("/metrics")
        well.clear()
        await client.get("/metrics")
    logged = [line["measure"] for line in lines if line["event"] == "measure failed"]
    assert logged == ["delivery", "cases", "cases"], "without a database, and each time that it began to fail"


async def test_metrics_are_answered_during_an_outage(service: Service, client: httpx.AsyncClient) -> None:
    async with running(service):
        await service.database.close()
        assert (await client.get("/metrics")).status_code == 200


async def test_asyncapi_names_what_is_read_and_written(service: Service, client: httpx.AsyncClient) -> None:
    document = (await client.get("/asyncapi")).json()
    assert set(document["operations"]) == {"receive.reports.v1", "send.notices.v1", "send.directory.v1"}
    assert set(document["components"]["messages"]) == {
        "report.reminded",
        "notice.ended",
        "notice.unit_told",
        "notice.reporter_told",
        "area.defined",
        "unit.defined",
        "duty.defined",
    }


async def _is_named(client: httpx.AsyncClient, trouble: str) -> bool:
    answer = await client.get("/health/ready")
    return f"consumer tiny of reports.v1 {trouble}" in answer.text


async def _has_place(service: Service) -> bool:
    return await service.consumers[0].subscriber.consumer.waiting() is not None


async def _stalls(*services: Service) -> list[str | None] | None:
    stalls = [await service.consumers[0].stall() for service in services]
    return stalls if any(stalls) else None


async def _in_vain(*_: object) -> None:
    await asyncio.sleep(0.01)
