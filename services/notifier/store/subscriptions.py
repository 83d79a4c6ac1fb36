"""Who wants to be told what, and where."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import asyncpg

from delivery.database import Connection

FORMER_SECRET_VALID = timedelta(hours=24)
_EARLIER = 6  # with the present and the former one eight signatures: a header has an end
_COLUMNS = """id, owner, name, channel, target, filter, status, secret, former_until, created_at, updated_at,
    failures, failing_since, probe_at, last_error,
    (select m.confirmed_at from mail_subscriptions m where m.subscription_id = subscriptions.id) as confirmed_at,
    (select m.language from mail_subscriptions m where m.subscription_id = subscriptions.id) as language,
    (select m.paces from mail_subscriptions m where m.subscription_id = subscriptions.id) as paces"""


async def insert(connection: Connection, row: dict[str, Any]) -> asyncpg.Record:
    return await connection.fetchrow(
        f"""insert into subscriptions (id, owner, name, channel, target, filter, secret, created_by)
           values ($1, $2, $3, $4, $5, $6, $7, $8) returning {_COLUMNS}""",  # noqa: S608  # the columns above
        *(
            row[name]
            for name in ("id", "owner", "name", "channel", "target", "filter", "secret", "created_by")
        ),
    )


async def find(
    connection: Connection, subscription_id: UUID, *, to_change: bool = False
) -> asyncpg.Record | None:
    """`to_change`: as it is once whoever else changes it has done so; the next one waits for our transaction."""
    lock = "for no key update" if to_change else ""
    return await connection.fetchrow(
        f"select {_COLUMNS} from subscriptions where id = $1 and status <> 'deleted' {lock}",  # noqa: S608
        subscription_id,
    )


async def page(
    connection: Connection, *, owner: str | None, everybodys: bool, after: UUID | None, limit: int
) -> list[asyncpg.Record]:
    """Oldest first: ids are UUIDv7."""
    rows: list[asyncpg.Record] = await connection.fetch(
        f"""select {_COLUMNS} from subscriptions
           where status <> 'deleted' and ($2 or owner = $1) and ($3::uuid is null or id > $3)
           order by id limit $4""",  # noqa: S608
        owner,
        everybodys,
        after,
        limit,
    )
    return rows


async def webhooks_to_fill(connection: Connection) -> list[asyncpg.Record]:
    """Those that are paused too: what comes meanwhile waits for them."""
    rows: list[asyncpg.Record] = await connection.fetch(
        """select id, owner, filter::text as filter from subscriptions
           where status in ('active', 'paused') and channel = 'webhook' order by id"""
    )
    return rows


async def change(connection: Connection, subscription_id: UUID, row: dict[str, Any]) -> asyncpg.Record:
    """Whoever changes it has looked at it: its target is tried afresh; what is still disabled shows since when."""
    return await connection.fetchrow(
        f"""update subscriptions set name = $2, target = $3, filter = $4, status = $5, updated_at = now(),
               failures = 0, failing_since = case $5::text when 'disabled' then failing_since end, probe_at = null
           where id = $1 returning {_COLUMNS}""",  # noqa: S608
        subscription_id,
        *(row[name] for name in ("name", "target", "filter", "status")),
    )


async def skip_what_waits(connection: Connection, subscription_id: UUID) -> None:
    await connection.execute(
        "update subscriptions set skip_before = clock_timestamp() where id = $1", subscription_id
    )


async def count_of(connection: Connection, owner: str | None) -> int:
    """Of a unit, or of the administrators without one; whoever subscribes for the same owner meanwhile waits."""
    await connection.execute("select pg_advisory_xact_lock(hashtextextended($1, 1))", owner or "")
    return int(
        await connection.fetchval(
            "select count(*) from subscriptions where owner is not distinct from $1 and status <> 'deleted'",
            owner,
        )
    )


async def remove(connection: Connection, subscription_id: UUID) -> None:
    """The row stays, so that the delivery log can be explained; where to and with which secret goes."""
    await connection.execute(
        """update subscriptions set status = 'deleted', target = null, secret = null, former_secret = null,
               earlier_secrets = '[]', updated_at = now() where id = $1""",
        subscription_id,
    )


async def rotate(connection: Connection, subscription_id: UUID, secret: str) -> datetime:
    """Gives the time until which the former secret still signs; those before it sign as long as was said of them."""
    until: datetime = await connection.fetchval(
        """update subscriptions s set former_secret = secret, former_until = now() + $3::interval, secret = $2,
               earlier_secrets = (
                   select coalesce(jsonb_agg(one), '[]') from (
                       select one from jsonb_array_elements(
                           s.earlier_secrets || jsonb_build_object('secret', s.former_secret, 'until', s.former_until)
                       ) as one
                       where (one ->> 'until')::timestamptz > now()
                       order by (one ->> 'until')::timestamptz desc limit $4
                   ) valid),
               updated_at = now()
           where id = $1 returning former_until""",
        subscription_id,
        secret,
        FORMER_SECRET_VALID,
        _EARLIER,
    )
    return until


async def disable(
    connection: Connection, subscription_ids: Sequence[UUID], *, error: str | None = None
) -> None:
    """`error`: what the target answered that ends it."""
    await connection.execute(
        """update subscriptions set status = 'disabled', updated_at = now(),
               last_error = coalesce($2::text, last_error),
               failing_since = case when $2::text is null then failing_since else now() end
           where id = any($1) and status in ('active', 'paused')""",
        sorted(subscription_ids),
        error,
    )


async def claim_key(connection: Connection, *, caller: str, key: str, body_sha256: bytes, made: UUID) -> bool:
    """False when the caller has used the key before; a concurrent use is waited for."""
    return (
        await connection.fetchval(
            """insert into idempotency_keys (caller, key, body_sha256, subscription_id) values ($1, $2, $3, $4)
           on conflict do nothing returning true""",
            caller,
            key,
            body_sha256,
            made,
        )
        or False
    )


async def made_with(connection: Connection, caller: str, key: str) -> asyncpg.Record:
    return await connection.fetchrow(
        "select body_sha256, subscription_id from idempotency_keys where caller = $1 and key = $2",
        caller,
        key,
    )


async def forget_keys(connection: Connection, days: int) -> None:
    await connection.execute(
        "delete from idempotency_keys where created_at < now() - make_interval(days => $1)", days
    )
