"""A service begins on the schema that its code needs, or not at all: on an older one it would give up every event."""

import asyncio
from collections.abc import Awaitable, Callable

import asyncpg
import click.testing
import pytest
from structlog.testing import capture_logs
from typer.testing import CliRunner

from delivery.database import Database
from delivery.migrations import SERVICES, cli, migrate
from delivery.schema_version import SchemaTooNew, SchemaTooOld, is_too_old, migrations_of
from delivery.service import Service
from delivery.settings import ServiceSettings
from tests.databases import execute
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


@pytest.fixture
def migrating(
    settings: ServiceSettings, monkeypatch: pytest.MonkeyPatch
) -> Callable[[str], Awaitable[click.testing.Result]]:
    """`await migrating("assessment")`: the command, with the environment of these settings."""
    monkeypatch.setenv("CASEGRID_POSTGRES", settings.postgres)
    monkeypatch.setenv("CASEGRID_NAMESPACE", settings.namespace)
    return lambda service: asyncio.to_thread(CliRunner().invoke, cli, ["migrate", service])


async def test_who_goes_back_to_an_older_release_is_told_so_in_a_line(
    open_database: Callable[[str], Awaitable[Database]],
    migrating: Callable[[str], Awaitable[click.testing.Result]],
) -> None:
    database = await open_database("assessment")
    async with database.connection() as connection:
        await connection.execute("update alembic_version set version_num = '0999'")
    told = await migrating("assessment")
    assert (told.exit_code, told.output) == (1, f"{SchemaTooNew('assessment', at='0999')}\n")
    assert "at 0999, this release ends at 0" in told.output


async def test_a_table_that_somebody_holds_is_told_in_a_line_and_the_schema_stays(
    create_database: Callable[[str], Awaitable[str]],
    migrating: Callable[[str], Awaitable[click.testing.Result]],
) -> None:
    url = await create_database("assessment")
    await execute(url, "drop schema public cascade; create schema public")
    await asyncio.to_thread(migrate, url, "assessment", to="0003")
    holder = await asyncpg.connect(url)
    async with holder.transaction():
        await holder.execute("lock table inbox in row exclusive mode")
        told = await migrating("assessment")
    assert (told.exit_code, told.output.count("\n")) == (1, 1)
    assert "a table is held by somebody" in told.output
    assert await holder.fetchval("select version_num from alembic_version") == "0003"
    await holder.close()
    again = await migrating("assessment")
    assert (again.exit_code, again.output) == (0, "")


async def test_what_a_migration_locks_is_free_before_the_next_is_done(
    create_database: Callable[[str], Awaitable[str]],
    migrating: Callable[[str], Awaitable[click.testing.Result]],
) -> None:
    """Beside ten million cases intake took no reports for minutes: a column more of them was followed by an index of
    something else."""
    url = await create_database("intake")
    await execute(url, "drop schema public cascade; create schema public")
    await asyncio.to_thread(migrate, url, "intake", to="0009")
    holder = await asyncpg.connect(url)
    async with holder.transaction():
        await holder.execute("lock table matters in access share mode")
        told = await migrating("intake")
        assert await holder.fetchval("select version_num from alembic_version") == "0011"
        await holder.fetch("select envelope from reports")
    await holder.close()
    assert "what was done before stands" in told.output
    again = await migrating("intake")
    assert (again.exit_code, again.output) == (0, "")


_MANY = "insert into matters (case_id) select gen_random_uuid() from generate_series(1, 10000)"
_KNOWN = "select null_frac from pg_stats where tablename = 'matters' and attname = 'beside'"


async def test_of_a_new_column_the_planner_knows_at_once(
    create_database: Callable[[str], Awaitable[str]],
    migrating: Callable[[str], Awaitable[click.testing.Result]],
) -> None:
    """Else each reading of a report went through all that was ever merged, for weeks."""
    url = await create_database("intake")
    await execute(url, "drop schema public cascade; create schema public")
    await asyncio.to_thread(migrate, url, "intake", to="0011")
    connection = await asyncpg.connect(url)
    await connection.execute(f"{_MANY}; analyze matters")
    assert (await migrating("intake")).exit_code == 0
    assert await connection.fetchval(_KNOWN) == 1
    await connection.close()


async def test_a_database_that_is_not_there_is_told_in_a_line(
    migrating: Callable[[str], Awaitable[click.testing.Result]],
) -> None:
    told = await migrating("assessment")
    assert (told.exit_code, told.output.count("\n")) == (1, 1)
    assert told.output.startswith("the database cannot be opened (CASEGRID_POSTGRES): ")
