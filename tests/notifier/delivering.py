"""Runs a delivery loop, and waits for what comes of it."""

import asyncio
from contextlib import asynccontextmanager, suppress

from services.notifier.deliverer import Deliverer
from tests.notifier.rows import states_of
from tests.waiting import until


async def ended(database, subscription, *expected):
    async def condition():
        return await states_of(database, subscription) == list(expected)

    await until(condition)


@asynccontextmanager
async def delivering(database, settings):
    """A delivery loop of its own settings, for as long as the block runs."""
    one = Deliverer(database, settings)
    database.after_commit = one.wake
    task = asyncio.create_task(one.run())
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
