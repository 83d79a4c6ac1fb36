"""What the notifier's tests put into its database and look up in it."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import asyncpg
import orjson
from uuid_utils.compat import uuid7

from delivery.database import Database
from services.notifier import replaying
from services.notifier.handlers import on_case_events
from services.notifier.message import new_secret
from services.notifier.store import replays, subscriptions

SECRET = new_secret(b"s" * 32)


async def a_subscription(database: Database, **changes: Any) -> UUID:
    row = {
        "id": uuid7(),
        "owner": None,
        "name": "lights",
        "channel": "webhook",
        "target": "http://127.0.0.1:9/hook",
        "filter": {},
        "secret": SECRET,
        "created_by": "p-test",
    } | changes
    async with database.transaction() as connection:
        await subscriptions.insert(connection, row)
    return row["id"]


async def happened(database: Database, events: Sequence[Any]) -> None:
    async with database.transaction() as connection:
        await on_case_events(connection, list(events))


async def all_rows(database: Database, query: str, *values: Any) -> list[asyncpg.Record]:
    async with database.connection() as connection:
        return await connection.fetch(query, *values)


async def deliveries_of(database: Database, subscription_id: UUID) -> list[asyncpg.Record]:
    return await all_rows(
        database, "select * from deliveries where subscription_id = $1 order by sequence", subscription_id
    )


async def states_of(database: Database, subscription_id: UUID) -> list[str]:
    return [row["status"] for row in await deliveries_of(database, subscription_id)]


async def attempts_of(database: Database, subscription_id: UUID) -> list[tuple[Any, Any]]:
    rows = await all_rows(
        database,
        """select a.status_code, a.error from attempts a join deliveries d on d.id = a.delivery_id
           where d.subscription_id = $1 order by d.sequence, a.number""",
        subscription_id,
    )
    return [(row["status_code"], row["error"]) for row in rows]


async def notices_in(database: Database) -> list[dict[str, Any]]:
    """What waits in the outbox for notices.v1."""
    rows = await all_rows(database, "select value from outbox where topic = 'notices.v1' order by id")
    return [orjson.loads(row["value"]) for row in rows]


async def somebody_waits(database: Database) -> list[asyncpg.Record]:
    """For what another transaction holds."""
    return await all_rows(
        database,
        "select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'",
    )


async def make_due(database: Database) -> None:
    """As if the pauses had passed."""
    async with database.transaction() as connection:
        await connection.execute(
            "update deliveries set due_at = now() where ended_at is null and status <> 'sending'"
        )


async def pass_time(database: Database, seconds: float) -> None:
    """As if so much time had gone by for all that waits."""
    moved = "make_interval(secs => $1)"
    async with database.transaction() as connection:
        await connection.execute(
            f"update subscriptions set probe_at = probe_at - {moved}, failing_since = failing_since - {moved}",
            seconds,
        )
        await connection.execute(
            f"""update deliveries set due_at = due_at - {moved}, renewed_at = renewed_at - {moved},
                    created_at = created_at - {moved}
                where ended_at is null""",
            seconds,
        )


async def replayed(database: Database, subscription_id: UUID, since: datetime) -> list[asyncpg.Record]:
    """The deliveries of all replays of the subscription, after one more has come to its end."""
    async with database.transaction() as connection:
        assert await replays.begin(connection, subscription_id, since)
    while await all_rows(database, "select 1 from replays"):
        await replaying.advance(database)
    return [row for row in await deliveries_of(database, subscription_id) if row["cause"] == "replay"]
