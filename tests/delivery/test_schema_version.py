"""A service begins on the schema that its code needs, or not at all: on an older one it would give up every event."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest
from structlog.testing import capture_logs
from typer.testing import CliRunner

from delivery.database import Database
from delivery.migrations import SERVICES, cli
from delivery.schema_version import SchemaTooNew, SchemaTooOld, is_too_old, migrations_of
from delivery.service import Service
from delivery.settings import ServiceSettings
from tests.delivery.tiny_service import running

KNOWN = ["0001", "0002", "0003"]


@pytest.mark.parametrize(
    ("at", "too_old"),
    [(None, True), ("0001", True), ("0002", True), ("0003", False), ("0004", False)],
)
def test_what_is_too_old(at: str | None, too_old: bool) -> None:
    assert is_too_old(at, KNOWN) == too_old
    assert not is_too_old(at, []), "a service without migrations needs none"


@pytest.mark.parametrize("service", SERVICES)
def test_each_service_knows_its_migrations(service: str) -> None:
    numbers = [f"{number:04d}" for number in range(1, len(migrations_of(service)) + 1)]
    assert migrations_of(service) == numbers != []


async def test_a_service_begins_on_the_newest_schema_and_on_none_before_it(
    settings: ServiceSettings, open_database: Callable[[str], Awaitable[Database]]
) -> None:
    database = await open_database("assessment")
    async with running(Service("assessment", settings)) as service:
        assert service.joined
    async with database.connection() as connection:
        await connection.execute("update alembic_version set version_num = '0001'")
    with capture_logs() as lines, pytest.raises(SchemaTooOld):
        async with running(Service("assessment", settings)):
            pass
    (said,) = (line["error"] for line in lines if line["event"] == "cannot begin")
    assert "0001 instead of" in said
    assert "python -m delivery.migrations migrate assessment" in said


async def test_who_goes_back_to_an_older_release_is_told_so_in_a_line(
    settings: ServiceSettings,
    open_database: Callable[[str], Awaitable[Database]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    database = await open_database("assessment")
    async with database.connection() as connection:
        await connection.execute("update alembic_version set version_num = '0999'")
    monkeypatch.setenv("CASEGRID_POSTGRES", settings.postgres)
    monkeypatch.setenv("CASEGRID_NAMESPACE", settings.namespace)
    told = await asyncio.to_thread(CliRunner().invoke, cli, ["migrate", "assessment"])
    assert (told.exit_code, told.output) == (1, f"{SchemaTooNew('assessment', at='0999')}\n")
    assert "at 0999, this release ends at 0" in told.output
