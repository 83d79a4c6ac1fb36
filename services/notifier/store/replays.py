"""Replays: the feed sent once more to one subscription, page by page, so that a crash loses only a page."""

from datetime import datetime
from uuid import UUID

import asyncpg

from delivery.database import Connection, planned_anew
from services.notifier.store.feed import Cursor


async def begin(connection: Connection, subscription_id: UUID, since: datetime) -> bool:
    """False when a replay of this subscription still runs."""
    # one plan for all times walked the feed from its oldest line to where the replay begins
    async with planned_anew(connection):
        began = await connection.fetchval(
            """insert into replays (subscription_id, since, xid, position, until_xid)
               select $1, $2, coalesce((select min(xid) from feed where recorded_at >= $2), now.xid), 0, now.xid
               from (select pg_snapshot_xmax(pg_current_snapshot())::text::bigint as xid) now
               on conflict do nothing returning subscription_id""",
            subscription_id,
            since,
        )
    return began is not None


async def claim(connection: Connection) -> asyncpg.Record | None:
    return await connection.fetchrow(
        """select r.subscription_id, r.since, r.xid, r.position, r.until_xid,
               s.owner, s.filter::text as filter, s.status
           from replays r join subscriptions s on s.id = r.subscription_id
           order by r.subscription_id limit 1 for update of r skip locked"""
    )


async def move(connection: Connection, subscription_id: UUID, cursor: Cursor) -> None:
    await connection.execute(
        "update replays set xid = $2, position = $3 where subscription_id = $1", subscription_id, *cursor
    )


async def end(connection: Connection, subscription_id: UUID) -> None:
    await connection.execute("delete from replays where subscription_id = $1", subscription_id)
