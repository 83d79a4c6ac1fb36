"""Intake whose database was restored knows the reports since again: all of them that had left it, and no more."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest
from typer.testing import CliRunner

from delivery.rewind import StillRunning
from delivery.service import Service
from delivery.settings import ServiceSettings
from services.intake.app import create_service
from services.intake.recall.__main__ import cli, recall
from services.intake.settings import Settings
from tests.delivery.tiny_service import running
from tests.intake.builders import a_report
from tests.waiting import until


async def test_reports_since_the_backup_are_known_again_without_their_reporters(
    settings: ServiceSettings, create_database: Callable[[str], Awaitable[str]], token: Callable[..., str]
) -> None:
    await create_database("intake")
    own = Settings(**settings.model_dump())
    async with _alive(own, token) as (intake, http):
        known = await _reported(http, text="路灯不亮")
        forgotten = await _reported(http, text="井盖破损", reporter={"phone": "13900000000"})
        before = await _told(http, forgotten)
        await until(lambda: _has_left(intake))
        with pytest.raises(StillRunning):
            await recall(own)
        async with intake.database.connection() as connection:
            for table in ("vault", "resident_messages", "reports"):
                await connection.execute(f"delete from {table} where report_id = $1", forgotten["report_id"])
    assert await recall(own) == 1
    assert await recall(own) == 0, "again it finds nothing"
    async with _alive(own, token) as (intake, http):
        after = await _told(http, forgotten)
        assert after["receipt_no"] != forgotten["receipt_no"]
        assert (await http.get(f"/v1/status/{forgotten['receipt_no']}")).status_code == 404
        assert (await http.get(f"/v1/status/{after['receipt_no']}")).status_code == 200
        for name in ("case_id", "accepted_at", "channel", "text", "place"):
            assert after[name] == before[name]
        assert "reporter" not in after
        assert (await _told(http, known))["receipt_no"] == known["receipt_no"]


def test_who_is_not_there_is_one_line(settings: ServiceSettings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CASEGRID_KAFKA", settings.kafka)
    monkeypatch.setenv("CASEGRID_POSTGRES", "postgresql://127.0.0.1:1")
    ended = CliRunner().invoke(cli, [])
    assert ended.output == "the database (CASEGRID_POSTGRES): ConnectionRefusedError\n"
    assert ended.exit_code == 1


async def test_a_kafka_that_has_lost_its_topics_is_one_line(
    settings: ServiceSettings,
    create_database: Callable[[str], Awaitable[str]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    await create_database("intake")
    for name in ("kafka", "postgres", "namespace"):
        monkeypatch.setenv(f"CASEGRID_{name.upper()}", getattr(settings, name))
    ended = await asyncio.to_thread(CliRunner().invoke, cli, [])
    said = f"Kafka at {settings.kafka} (CASEGRID_KAFKA) has no topic {settings.namespace}reports.v1\n"
    assert (ended.exit_code, ended.output) == (1, said)


@asynccontextmanager
async def _alive(
    settings: Settings, token: Callable[..., str]
) -> AsyncIterator[tuple[Service, httpx.AsyncClient]]:
    async with running(create_service(settings)) as service:
        headers = {"Authorization": f"Bearer {token('admin')}"}
        transport = httpx.ASGITransport(service.app)
        async with httpx.AsyncClient(transport=transport, base_url="http://intake", headers=headers) as http:
            yield service, http


async def _reported(http: httpx.AsyncClient, **said: Any) -> dict[str, Any]:
    answer = await http.post("/v1/reports", json=a_report(**said))
    assert answer.status_code == 201, answer.text
    receipt: dict[str, Any] = answer.json()
    return receipt


async def _told(http: httpx.AsyncClient, receipt: dict[str, Any]) -> dict[str, Any]:
    answer = await http.get(f"/v1/reports/{receipt['report_id']}")
    assert answer.status_code == 200, answer.text
    told: dict[str, Any] = answer.json()
    return told


async def _has_left(intake: Service) -> bool:
    async with intake.database.connection() as connection:
        return not await connection.fetchval("select count(*) from outbox")
