"""Loops end when they are told to, whatever else happens at that moment."""

import asyncio
import time
from contextlib import suppress

from uuid_utils.compat import uuid7

from delivery.waking import wait_for_wake
from services.notifier.deliverer import Deliverer
from tests.notifier.case_facts import a_dispatch, a_story
from tests.notifier.rows import a_subscription, happened
from tests.waiting import until


async def test_a_stop_that_comes_together_with_a_wake_up_is_not_lost():
    """asyncio.wait_for of Python 3.11 swallowed it, and the loop ran on while everybody waited for its end."""
    wake, rounds = asyncio.Event(), 0

    async def loop():
        nonlocal rounds
        while True:
            rounds += 1
            wake.clear()
            await wait_for_wake(wake, seconds=5)

    task = asyncio.create_task(loop())
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    wake.set()
    task.cancel()
    done, _ = await asyncio.wait({task}, timeout=1)
    assert done
    assert rounds == 1


async def test_a_stop_is_not_lost_when_the_database_is_gone(database, notifier_settings, receiver):
    receiver.slow = 0.2
    await a_subscription(database, target=receiver.url)
    await happened(database, a_story(uuid7(), a_dispatch()))
    task = asyncio.create_task(Deliverer(database, notifier_settings).run())

    async def is_under_way():
        return receiver.open_now

    await until(is_under_way)
    await database.close()
    began = time.monotonic()
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task
    assert task.cancelled()
    assert time.monotonic() - began < 5
