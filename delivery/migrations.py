"""A service's migrations: run to the newest, written anew, and compared with what its tables declare."""

import asyncio
import importlib
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import asyncpg
import sqlalchemy as sa
import typer
from alembic import command, context
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script.revision import ResolutionError
from alembic.util import CommandError
from sqlalchemy.ext.asyncio import create_async_engine

from delivery.command_line import end_with
from delivery.growth import count_what_is_unknown
from delivery.schema_version import SchemaTooNew
from delivery.settings import ServiceSettings, as_told

SERVICES = ("intake", "router", "notifier", "assessment")
_HERE = Path(__file__).parent
_HELD = "55P03"  # PostgreSQL's code for a lock that was not got in time
_COMPARED: dict[str, Any] = {"compare_type": True, "compare_server_default": True}
cli = typer.Typer(help=__doc__, no_args_is_help=True)


def migrate(url: str, service: str, *, to: str = "head") -> None:
    """Bring the database at `url` to the newest schema of `service`, or to that of a migration, and count what it is
    asked for from then on; call it outside a running event loop. Raises SchemaTooNew."""
    try:
        command.upgrade(_config(url, service), to)
    except CommandError as error:
        if isinstance(error.__cause__, ResolutionError):
            raise SchemaTooNew(service, at=error.__cause__.argument) from None
        raise
    asyncio.run(_count(url))


def revise(url: str, service: str, message: str) -> None:
    """Write the next migration: what the tables declare and the database at `url` lacks."""
    number = len(list(_folder(service).glob("[0-9]*.py"))) + 1
    command.revision(_config(url, service), message, autogenerate=True, rev_id=f"{number:04d}")


def drift(url: str, service: str) -> list[Any]:
    """The differences between the database at `url` and the declared tables; none, when the migrations are whole."""

    def compare(connection: sa.Connection) -> list[Any]:
        return list(
            compare_metadata(MigrationContext.configure(connection, opts=_COMPARED), _metadata(service))
        )

    found: list[Any] = asyncio.run(_connected(url, compare))
    return found


def run() -> None:
    """The body of alembic's env.py. Each migration is a transaction: what the first of them locks is not held until the
    last is done, which may take minutes."""
    asked = context.config.attributes

    def upgrade(connection: sa.Connection) -> None:
        context.configure(
            connection, target_metadata=asked["metadata"], transaction_per_migration=True, **_COMPARED
        )
        with context.begin_transaction():
            context.run_migrations()

    asyncio.run(_connected(asked["url"], upgrade))


async def _count(url: str) -> None:
    connection = await asyncpg.connect(url)
    try:
        await count_what_is_unknown(connection)
    finally:
        await connection.close()


async def _connected(url: str, work: Callable[[sa.Connection], Any]) -> Any:
    engine = create_async_engine(url.replace("postgresql://", "postgresql+asyncpg://", 1))
    try:
        async with engine.connect() as connection:
            return await connection.run_sync(work)
    finally:
        await engine.dispose()


def _config(url: str, service: str) -> Config:
    config = Config()
    config.set_main_option("script_location", str(_HERE / "alembic"))
    config.set_main_option("version_locations", str(_folder(service)))
    config.set_main_option("path_separator", "os")
    config.attributes.update(url=url, metadata=_metadata(service))
    return config


def _folder(service: str) -> Path:
    return _HERE.parent / "services" / service / "migrations"


def _metadata(service: str) -> sa.MetaData:
    metadata: sa.MetaData = importlib.import_module(f"services.{service}.tables").metadata
    return metadata


Name = Annotated[str, typer.Argument(help=", ".join(SERVICES))]


@cli.command("migrate")
def migrate_service(service: Name) -> None:
    """Run what is new against `CASEGRID_POSTGRES`."""
    try:
        migrate(as_told(ServiceSettings).database_of(service), service)
    except (SchemaTooNew, OSError, sa.exc.DBAPIError) as error:
        end_with(_in_a_line(error))


def _in_a_line(error: Exception) -> str:
    """What an operator can mend; raises it again when that is not known, for then all of it is wanted."""
    match error:
        case SchemaTooNew():
            return str(error)
        case OSError() | sa.exc.DBAPIError(statement=None):  # without a statement: while it connected
            return f"the database cannot be opened (CASEGRID_POSTGRES): {getattr(error, 'orig', error)}"
        case sa.exc.DBAPIError(orig=orig) if getattr(orig, "sqlstate", None) == _HELD:
            return "a table is held by somebody, such as a backup: what was done before stands, run it again"
    raise error


@cli.command("revise")
def revise_service(service: Name, message: str) -> None:
    """Write the next migration of a service, from its tables; read it before you commit it."""
    revise(as_told(ServiceSettings).database_of(service), service, message)


if __name__ == "__main__":
    cli()
