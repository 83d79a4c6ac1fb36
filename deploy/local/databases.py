"""A database and a role of its own for each service, then its migrations."""

import asyncio
import secrets
from urllib.parse import urlsplit, urlunsplit

import asyncpg

from delivery.migrations import SERVICES, migrate
from delivery.schema_version import SchemaTooNew
from deploy.local.processes import ServerFailed


def prepare_databases(server: str) -> dict[str, str]:
    """Make what is missing on `server` (an administrator's address); gives each service's own server address.

    Passwords are new at every start and live in the environment of the service's process alone.
    """
    passwords = {service: secrets.token_urlsafe(24) for service in SERVICES}
    asyncio.run(_make(server, passwords))
    addresses = {service: _as_role(server, service, password) for service, password in passwords.items()}
    for service, address in addresses.items():
        try:
            migrate(f"{address}/casegrid_{service}", service)
        except SchemaTooNew as error:
            raise ServerFailed(str(error)) from None
    return addresses


async def _make(server: str, passwords: dict[str, str]) -> None:
    connection = await _administrator(server)
    try:
        for service, password in passwords.items():
            await _make_one(connection, f"casegrid_{service}", password)
    finally:
        await connection.close()


async def _administrator(server: str) -> asyncpg.Connection:
    """The address holds a password: what is said of it is the server's own words, or none."""
    try:
        return await asyncpg.connect(f"{server}/postgres")
    except (OSError, asyncpg.PostgresError) as error:
        raise ServerFailed(f"PostgreSQL (CASEGRID_POSTGRES, where it is not ours): {error}") from None
    except ValueError:
        raise ServerFailed("CASEGRID_POSTGRES is no address such as postgresql://admin:…@host:5432") from None


async def _make_one(connection: asyncpg.Connection, name: str, password: str) -> None:
    """Names are of our own and the password has no quotes: neither can be a parameter in these statements."""
    if not await connection.fetchval("select true from pg_roles where rolname = $1", name):
        await connection.execute(f"create role {name} login")
    await connection.execute(f"alter role {name} password '{password}'")
    if not await connection.fetchval("select true from pg_database where datname = $1", name):
        await connection.execute(f"create database {name} owner {name}")
        await connection.execute(f"revoke all on database {name} from public")


def _as_role(server: str, service: str, password: str) -> str:
    parts = urlsplit(server)
    place = parts.netloc.rpartition("@")[2]
    return urlunsplit(parts._replace(netloc=f"casegrid_{service}:{password}@{place}"))
