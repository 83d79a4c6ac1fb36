"""A router whose database was restored from a backup decides nothing a second time, and forgets nothing that units did."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any, NamedTuple

import asyncpg
import httpx
import orjson
import pytest
from typer.testing import CliRunner

from contracts.events import messages_of
from contracts.facts.report import ReportReminded
from contracts.topics import CASES, REPORTS
from delivery.rewind import StillRunning
from delivery.service import Service
from delivery.settings import ServiceSettings
from services.router.app import create_service
from services.router.recall.__main__ import cli, recall
from services.router.recall.recalling import HistoryLacking
from services.router.settings import Settings
from tests.databases import execute
from tests.delivery.tiny_service import running
from tests.delivery.wire import Wire
from tests.router.builders import a_report, an_import
from tests.router.several_reports import follow_up, rows_of
from tests.waiting import until


class Restored(NamedTuple):
    """A database as it was after the first report; Kafka, and what it looked like before, know more."""

    reports: list[Any]
    cases: list[Any]
    history: list[Any]
    backup_at: datetime


@pytest.fixture
async def restored(
    settings: ServiceSettings,
    create_database: Callable[[str], Awaitable[str]],
    token: Callable[..., str],
    wire: Wire,
    postgres_url: str,
) -> AsyncIterator[Restored]:
    """Backed up after the first report; then it was signed for, three came, one of them without a place, and one was
    reminded of."""
    url = await create_database("router")
    name, admin = url.rsplit("/", 1)[1], f"{postgres_url}/postgres"
    first, *later = [a_report(lon=lon) for lon in (1.0, 3.0, 1.5)]
    nowhere = a_report(lon=None, lat=None)
    async with _alive(settings, token) as (router, http):
        assert (await http.post("/v1/directory/imports", json=an_import())).status_code == 201
        await wire.send(*messages_of("intake", first))
        await until(lambda: _is_at_rest(router, 1))
    await execute(admin, f'create database "{name}_backup" template "{name}"')
    backup_at = datetime.now(UTC)
    async with _alive(settings, token) as (router, http):
        signed = await http.post(
            f"/v1/cases/{first.case_id}/commands/sign", json={"data": {"handler": "p-1"}}
        )
        assert signed.status_code == 200
        reminder = follow_up(later[0], ReportReminded(report_id=later[0].data.report_id))
        for event in (*later, reminder, nowhere):
            await wire.send(*messages_of("intake", event))
        await until(lambda: _is_at_rest(router, 4))
        await until(lambda: _all_consumed(wire, 5))
        cases, history = await _books(url)
    await execute(admin, f'drop database "{name}" with (force)')
    await execute(admin, f'create database "{name}" template "{name}_backup"')
    yield Restored([first, *later, nowhere], cases, history, backup_at)
    await execute(admin, f'drop database "{name}_backup"')


async def test_cases_are_what_they_were_and_the_rest_is_decided(
    settings: ServiceSettings, token: Callable[..., str], wire: Wire, restored: Restored
) -> None:
    own = Settings(**settings.model_dump())
    nowhere = restored.reports[-1].case_id
    done = await recall(own)
    assert (done.cases, done.decided, done.undecided) == (3, 3, 1)
    cases, history = await _books(settings.database_of("router"))
    assert history == restored.history
    assert cases == [case for case in restored.cases if case["case_id"] != nowhere]
    assert (await recall(own)).events == 0, "again it finds nothing"
    async with _alive(settings, token) as (router, _):
        await until(lambda: _is_at_rest(router, 4))
        await wire.send(*messages_of("intake", a_report(lon=3.5)))
        await until(lambda: _is_at_rest(router, 5))
        await until(lambda: _all_consumed(wire, 6))
    published = [orjson.loads(record.value) for record in await wire.records(CASES.name)]
    versions = [(event["case_id"], event["case_version"]) for event in published]
    assert len(versions) == len(set(versions)), "nothing was stated a second time"


async def test_a_time_that_is_too_late_changes_nothing(
    settings: ServiceSettings, wire: Wire, restored: Restored
) -> None:
    own = Settings(**settings.model_dump())
    before = await _books(settings.database_of("router"))
    late = await _time_of_the_last(wire)
    with pytest.raises(HistoryLacking):
        await recall(own, late)
    assert await _books(settings.database_of("router")) == before
    assert await _all_consumed(wire, 5)
    assert (await recall(own, restored.backup_at)).cases == 3


async def test_while_a_replica_runs_nothing_is_touched(
    settings: ServiceSettings, token: Callable[..., str], wire: Wire, restored: Restored
) -> None:
    async with _alive(settings, token) as (router, _):
        await until(lambda: router.consumers[0].problem() is None)
        await until(lambda: _all_consumed(wire, 5))
        with pytest.raises(StillRunning):
            await recall(Settings(**settings.model_dump()))


@pytest.mark.usefixtures("restored")
async def test_the_command_says_what_it_did(
    settings: ServiceSettings, monkeypatch: pytest.MonkeyPatch, wire: Wire
) -> None:
    for name in ("kafka", "postgres", "namespace"):
        monkeypatch.setenv(f"CASEGRID_{name.upper()}", getattr(settings, name))
    late = (await _time_of_the_last(wire)).isoformat()
    refused = await asyncio.to_thread(CliRunner().invoke, cli, ["--to", late])
    assert refused.exit_code == 1
    assert "give an earlier --to" in refused.output
    told = await asyncio.to_thread(CliRunner().invoke, cli, [])
    assert told.exit_code == 0, told.output
    assert told.output.startswith(f"3 cases are again as 8 events on {CASES.name} made them")


@pytest.mark.parametrize(
    ("setting", "said"),
    [
        ("KAFKA", "Kafka at 127.0.0.1:1 (CASEGRID_KAFKA): KafkaConnectionError"),
        ("POSTGRES", "the database (CASEGRID_POSTGRES): ConnectionRefusedError"),
    ],
)
async def test_who_is_not_there_is_one_line(
    settings: ServiceSettings, monkeypatch: pytest.MonkeyPatch, setting: str, said: str
) -> None:
    told = {
        "KAFKA": settings.kafka,
        "NAMESPACE": settings.namespace,
        "POSTGRES": "postgresql://127.0.0.1:1",
    } | {setting: {"KAFKA": "127.0.0.1:1", "POSTGRES": "postgresql://127.0.0.1:1"}[setting]}
    for name, value in told.items():
        monkeypatch.setenv(f"CASEGRID_{name}", value)
    ended = await asyncio.to_thread(CliRunner().invoke, cli, [])
    assert (ended.exit_code, ended.output) == (1, f"{said}\n")


@asynccontextmanager
async def _alive(
    settings: ServiceSettings, token: Callable[..., str]
) -> AsyncIterator[tuple[Service, httpx.AsyncClient]]:
    async with running(create_service(Settings(**settings.model_dump()))) as service:
        transport = httpx.ASGITransport(service.app)
        headers = {"Authorization": f"Bearer {token('admin', unit='UD')}"}
        async with httpx.AsyncClient(transport=transport, base_url="http://router", headers=headers) as http:
            yield service, http


async def _is_at_rest(router: Service, cases: int) -> bool:
    """It has so many, and all that it said of them has left."""
    (row,) = await rows_of(
        router, "select (select count(*) from cases) as cases, (select count(*) from outbox) as unsent"
    )
    return (row["cases"], row["unsent"]) == (cases, 0)


async def _all_consumed(wire: Wire, number: int) -> bool:
    return await wire.committed(REPORTS.name, "router") == number


async def _books(url: str) -> tuple[list[Any], list[Any]]:
    connection = await asyncpg.connect(url)
    try:
        return (
            await connection.fetch("select * from cases order by case_id"),
            await connection.fetch("select * from case_events order by case_id, case_version"),
        )
    finally:
        await connection.close()


async def _time_of_the_last(wire: Wire) -> datetime:
    stamps = [record.timestamp for record in await wire.records(CASES.name)]
    return datetime.fromtimestamp(max(stamps) / 1000, UTC)
