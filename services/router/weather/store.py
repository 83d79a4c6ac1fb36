"""The SQL of weather warnings: changes are numbered in the order of their commits, so that no replica misses one."""

from datetime import datetime, timedelta
from uuid import UUID

import asyncpg

from delivery.database import Connection
from services.router.rulesets.urgency_rules import WarningLevel
from services.router.weather.warnings import WeatherWarning

_ONE_AFTER_ANOTHER = "lock table weather_warnings in share row exclusive mode"
_NEXT = "(select coalesce(max(change), 0) + 1 from weather_warnings)"
_CLOCKS_DIFFER_BY = timedelta(minutes=5)
_COLUMNS = "id, level, kind, areas, starts_at, ends_at, stated_by, stated_at"


async def load(connection: Connection, at: datetime) -> tuple[WeatherWarning, ...]:
    """Those that hold at that moment or will."""
    rows = await connection.fetch(
        f"select {_COLUMNS} from weather_warnings where ends_at > $1 order by starts_at, id",  # noqa: S608
        at,
    )
    return tuple(_warning(row) for row in rows)


def _warning(row: asyncpg.Record) -> WeatherWarning:
    level, areas = WarningLevel(row["level"]), frozenset(row["areas"])
    return WeatherWarning(row["id"], level, row["starts_at"], row["ends_at"], areas, row["kind"])


async def state(connection: Connection, warning: WeatherWarning, *, by: str, at: datetime) -> asyncpg.Record:
    await connection.execute(_ONE_AFTER_ANOTHER)
    return await connection.fetchrow(
        f"""insert into weather_warnings (id, level, kind, areas, starts_at, ends_at, stated_by, stated_at, change)
            values ($1, $2, $3, $4, $5, $6, $7, $8, {_NEXT}) returning {_COLUMNS}""",  # noqa: S608
        *(warning.id, warning.level, warning.kind, sorted(warning.areas)),
        *(warning.starts_at, warning.ends_at, by, at),
    )


async def areas_of(connection: Connection, warning_id: UUID, at: datetime) -> list[str] | None:
    """Of one that is not over at that moment; None: there is none of that id."""
    found: list[str] | None = await connection.fetchval(
        "select areas from weather_warnings where id = $1 and ends_at > $2", warning_id, at
    )
    return found


async def end(connection: Connection, warning_id: UUID, at: datetime) -> bool:
    """Early, or before it began; False: there is none of that id that is not over."""
    await connection.execute(_ONE_AFTER_ANOTHER)
    return bool(
        await connection.fetchval(
            f"""update weather_warnings set ends_at = $2, starts_at = least(starts_at, $2), change = {_NEXT}
                where id = $1 and ends_at > $2 returning true""",  # noqa: S608
            warning_id,
            at,
        )
    )


async def find_unheeded(connection: Connection, at: datetime) -> WeatherWarning | None:
    """The next that holds at that moment and has not been counted for what is open. Once more a while after it began:
    a replica whose clock is slow has decided meanwhile as if it had not."""
    row = await connection.fetchrow(
        f"""select {_COLUMNS} from weather_warnings where starts_at <= $1 and ends_at > $1 and (
                heeded_at is null or heeded_at < starts_at + $2::interval and starts_at + $2::interval <= $1)
            order by starts_at, id limit 1""",  # noqa: S608
        at,
        _CLOCKS_DIFFER_BY,
    )
    return None if row is None else _warning(row)


async def heeded(connection: Connection, warning_id: UUID, at: datetime) -> None:
    await connection.execute("update weather_warnings set heeded_at = $2 where id = $1", warning_id, at)


async def list_from(
    connection: Connection, *, ends_after: datetime, after: UUID, limit: int
) -> list[asyncpg.Record]:
    rows: list[asyncpg.Record] = await connection.fetch(
        f"""select {_COLUMNS} from weather_warnings where ends_at > $1 and id > $2
            order by id limit $3""",  # noqa: S608
        ends_after,
        after,
        limit,
    )
    return rows
