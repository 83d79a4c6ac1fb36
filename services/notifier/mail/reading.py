"""Reads the feed on for subscriptions by e-mail, one replica at a time."""

import asyncio

from uuid_utils.compat import uuid7

from delivery.channels.timing import Timetable
from delivery.database import Database
from services.notifier.mail import mail_store
from services.notifier.mail.lines import lines_of
from services.notifier.store import feed, restored

PAGE = 500
POLL_SECONDS = 1.0


class RestoredMeanwhile(Exception):
    """`/health/ready` says so by this name, which the runbook knows, until a start numbers the feed anew."""


async def go_on_reading(database: Database, timetable: Timetable) -> None:
    while True:
        if await advance(database, timetable) < PAGE:
            await asyncio.sleep(POLL_SECONDS)


async def advance(database: Database, timetable: Timetable) -> int:
    """A page further; gives the number of lines read."""
    async with database.connection() as connection, connection.transaction():
        cursor = await mail_store.cursor(connection)
        page = [] if cursor is None else await feed.after(connection, cursor, PAGE)
        if not page:
            if await restored.is_ahead(connection):
                raise RestoredMeanwhile("the database was restored on another server: restart")
            return 0
        addressees = await mail_store.addressees(connection)
        due = list(lines_of([line.entry for line in page], addressees, timetable))
        if due:
            await mail_store.add(connection, [(uuid7(), line) for line in due])
        await mail_store.move(connection, page[-1].cursor)
    return len(page)
