"""The replay loop: a page of the feed in one transaction, until what was new at the time of asking is reached."""

import asyncio

import asyncpg
from uuid_utils.compat import uuid7

from delivery.database import Connection, Database
from services.notifier.fan_out import by_owner, deliveries_of
from services.notifier.store import deliveries, feed, replays
from services.notifier.store.directory import KnownDirectory
from services.notifier.store.feed import Cursor, Line

PAGE = 500
POLL_SECONDS = 1.0
_GOING_ON = ("active", "paused")


async def go_on_replaying(database: Database) -> None:
    while True:
        if not await advance(database):
            await asyncio.sleep(POLL_SECONDS)


async def advance(database: Database) -> bool:
    """Take one running replay a page further; False when there is nothing to do just now."""
    async with database.transaction() as connection:
        replay = await replays.claim(connection)
        return replay is not None and await _send_page(connection, replay)


async def _send_page(connection: Connection, replay: asyncpg.Record) -> bool:
    # asked before the page is read, so that a page said to be the last misses nothing
    complete = (await feed.end(connection)).xid >= replay["until_xid"]
    page = await feed.after(connection, Cursor(replay["xid"], replay["position"]), PAGE)
    due = [line for line in page if line.cursor.xid < replay["until_xid"]]
    is_over = replay["status"] not in _GOING_ON or (complete and len(due) < PAGE)
    if replay["status"] in _GOING_ON:
        await _add(connection, replay, due)
    if is_over:
        await replays.end(connection, replay["subscription_id"])
    elif due:
        await replays.move(connection, replay["subscription_id"], due[-1].cursor)
    return is_over or bool(due)


async def _add(connection: Connection, replay: asyncpg.Record, due: list[Line]) -> None:
    wishes = by_owner([{**replay, "id": replay["subscription_id"]}])
    related = await KnownDirectory().related(connection)
    lines = [(line.cursor.position, line.entry) for line in due if line.entry.recorded_at >= replay["since"]]
    await deliveries.add(connection, list(deliveries_of(lines, wishes, related, uuid7)), "replay")
