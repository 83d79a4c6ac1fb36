"""Whether a database has what its service needs: on an older schema every event would become a dead letter."""

from collections.abc import Sequence
from pathlib import Path

import asyncpg

from delivery.database import Connection

_SERVICES = Path(__file__).parent.parent / "services"


class SchemaTooOld(Exception):
    """The migrations that this code brings have not all been run."""

    def __init__(self, service: str, *, at: str | None, needed: str) -> None:
        super().__init__(
            f"{at or 'empty'} instead of {needed}: python -m delivery.migrations migrate {service}"
        )


class SchemaTooNew(Exception):
    """A newer release has migrated the database; this one knows no way from there."""

    def __init__(self, service: str, *, at: str) -> None:
        super().__init__(
            f"the database of {service} is at {at}, this release ends at {migrations_of(service)[-1]}: "
            "a newer one migrated it, and runs on it"
        )


def is_too_old(at: str | None, known: Sequence[str]) -> bool:
    """`known` in their order. What the code does not know is the schema of a newer release, which goes ahead of its
    code."""
    return bool(known) and (at is None or at in known[:-1])


async def require_schema(connection: Connection, service: str) -> None:
    """Raises SchemaTooOld."""
    known, at = migrations_of(service), await _version(connection)
    if is_too_old(at, known):
        raise SchemaTooOld(service, at=at, needed=known[-1])


def migrations_of(service: str) -> list[str]:
    return sorted(path.name[:4] for path in (_SERVICES / service / "migrations").glob("[0-9]*.py"))


async def _version(connection: Connection) -> str | None:
    try:
        version: str | None = await connection.fetchval("select version_num from alembic_version")
    except asyncpg.UndefinedTableError:
        return None
    return version
