"""When Kafka has lost its data, reports are stated again exactly as they were."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from typer.testing import CliRunner

from delivery.restate import restate
from delivery.service import Service
from delivery.settings import ServiceSettings
from services.intake.restate.__main__ import cli
from services.intake.restate.restate_store import reports_since
from tests.intake.builders import a_report

HOUR = timedelta(hours=1)


async def test_the_same_bytes_leave_again(http: httpx.AsyncClient, intake: Service) -> None:
    for text in ("路灯不亮", "井盖破损"):
        assert (await http.post("/v1/reports", json=a_report(text=text))).status_code == 201
    sent = await _forgotten(intake)
    assert len(sent) == 2
    assert await restate(intake.settings, "intake", reports_since, datetime.now(UTC) - HOUR) == 2
    assert await _forgotten(intake) == sent
    assert await restate(intake.settings, "intake", reports_since, datetime.now(UTC) + HOUR) == 0


async def test_a_report_from_before_its_envelope_was_kept_is_left_out(
    http: httpx.AsyncClient, intake: Service
) -> None:
    assert (await http.post("/v1/reports", json=a_report())).status_code == 201
    await _execute(intake, "update reports set envelope = null")
    assert await restate(intake.settings, "intake", reports_since, datetime.now(UTC) - HOUR) == 0


async def test_the_command_says_how_many(
    http: httpx.AsyncClient, intake: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert (await http.post("/v1/reports", json=a_report())).status_code == 201
    _tell(monkeypatch, intake.settings)
    since = (datetime.now(UTC) - HOUR).isoformat()
    told = await asyncio.to_thread(CliRunner().invoke, cli, ["--since", since])
    assert (told.exit_code, told.output) == (0, "1 messages of intake leave once more\n")


@pytest.mark.parametrize(
    ("since", "why"),
    [
        ("2026-11-29T20:00", "is no time with its zone"),
        ("2020-01-01T00:00Z", "more than 30 days ago"),
    ],
)
def test_what_it_cannot_do_it_says(since: str, why: str) -> None:
    ended = CliRunner().invoke(cli, ["--since", since])
    assert ended.exit_code == 2
    assert why in ended.output


def test_a_database_that_is_not_there_is_one_line(
    settings: ServiceSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    _tell(monkeypatch, settings)
    ended = CliRunner().invoke(cli, ["--since", datetime.now(UTC).isoformat()])
    assert ended.exit_code == 1
    assert ended.output == "the database of intake (CASEGRID_POSTGRES): InvalidCatalogNameError\n"


def _tell(monkeypatch: pytest.MonkeyPatch, settings: ServiceSettings) -> None:
    monkeypatch.setenv("CASEGRID_POSTGRES", settings.postgres)
    monkeypatch.setenv("CASEGRID_NAMESPACE", settings.namespace)


async def _forgotten(intake: Service) -> list[tuple[Any, ...]]:
    """What the outbox holds, which then has left."""
    async with intake.database.connection() as connection:
        rows = await connection.fetch("select topic, key, value, headers from outbox order by id")
        await connection.execute("delete from outbox")
    return [tuple(row) for row in rows]


async def _execute(intake: Service, statement: str) -> None:
    async with intake.database.connection() as connection:
        await connection.execute(statement)
