"""The router's SQL for rulesets: kept for ever, put in force by a line that is only ever appended."""

from datetime import UTC, datetime, time

import asyncpg

from delivery.database import Connection
from services.router.rulesets.ruleset import Ruleset

_FIRST_RULESET = 7_320_002  # the advisory lock of whoever puts the shipped ruleset in force
_SHIPPED_BY = "system"


class RulesetNotFound(LookupError):
    """No ruleset has this version."""


async def keep(connection: Connection, ruleset: Ruleset, *, by: str) -> bool:
    """Whether it was new; a version that is there stays as it is."""
    version = await connection.fetchval(
        """insert into rulesets (version, title_zh, title_en, effective_from, body, uploaded_by)
           values ($1, $2, $3, $4, $5, $6) on conflict (version) do nothing returning version""",
        ruleset.version,
        ruleset.title.zh,
        ruleset.title.en,
        ruleset.effective_from,
        ruleset.model_dump_json(),
        by,
    )
    return version is not None


async def keep_shipped(connection: Connection, ruleset: Ruleset) -> bool:
    """Whether it is kept as it is shipped; what a later program ships waits for somebody to put it in force."""
    is_new = await keep(connection, ruleset, by=_SHIPPED_BY)
    return is_new or await find(connection, ruleset.version) == ruleset


async def find(connection: Connection, version: str) -> Ruleset:
    """Raises RulesetNotFound."""
    body = await connection.fetchval("select body from rulesets where version = $1", version)
    if body is None:
        raise RulesetNotFound(version)
    return Ruleset.model_validate_json(body)


async def list_rulesets(
    connection: Connection, *, at: datetime, after: str, limit: int
) -> list[asyncpg.Record]:
    """By version, each with when it came and since or from when it is in force, as far as decided `at` that time."""
    rows: list[asyncpg.Record] = await connection.fetch(
        """with in_force as (
               select version, starts_at from ruleset_activations where starts_at <= $1
               order by starts_at desc, id desc limit 1
           ), planned as (
               select distinct on (starts_at) version, starts_at from ruleset_activations where starts_at > $1
               order by starts_at, id desc
           )
           select version, title_zh, title_en, effective_from, uploaded_at, uploaded_by,
               (select starts_at from in_force where in_force.version = rulesets.version) as active_since,
               (select min(starts_at) from planned where planned.version = rulesets.version) as planned_from
           from rulesets where version > $2 order by version limit $3""",
        at,
        after,
        limit,
    )
    return rows


async def activation_at(connection: Connection, at: datetime) -> asyncpg.Record | None:
    """The line that says what is in force `at` that time: the last that has begun, the later decided of two."""
    return await connection.fetchrow(
        """select version, starts_at from ruleset_activations where starts_at <= $1
           order by starts_at desc, id desc limit 1""",
        at,
    )


async def lock_activations(connection: Connection) -> None:
    """Who activates at the same time waits, and sees what we decide."""
    await connection.execute("lock table ruleset_activations in share row exclusive mode")


async def activate(connection: Connection, version: str, *, starts_at: datetime, by: str) -> None:
    await connection.execute(
        "insert into ruleset_activations (version, starts_at, decided_by) values ($1, $2, $3)",
        version,
        starts_at,
        by,
    )


async def activations(connection: Connection, *, before: int, limit: int) -> list[asyncpg.Record]:
    """What was decided, the latest decision first."""
    rows: list[asyncpg.Record] = await connection.fetch(
        """select id, version, starts_at, decided_at, decided_by from ruleset_activations where id < $1
           order by id desc limit $2""",
        before,
        limit,
    )
    return rows


async def ship(connection: Connection, ruleset: Ruleset, *, at: datetime) -> None:
    """Keep the ruleset that comes with the program and put it in force, unless one has been: several replicas start at
    once, and one of them does it. It holds from its own date on, so that no replica whose clock is slow finds none."""
    effective = datetime.combine(ruleset.effective_from, time(), UTC)
    async with connection.transaction():
        await connection.execute("select pg_advisory_xact_lock($1)", _FIRST_RULESET)
        await keep(connection, ruleset, by=_SHIPPED_BY)
        if not await connection.fetchval("select exists (select from ruleset_activations)"):
            await activate(connection, ruleset.version, starts_at=min(at, effective), by=_SHIPPED_BY)
