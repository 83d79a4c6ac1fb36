"""How loops wait: for a wake-up, or a while."""

import asyncio
from contextlib import suppress


async def wait_for_wake(wake: asyncio.Event, *, seconds: float) -> None:
    """Not asyncio.wait_for: in Python 3.11 it loses a cancellation that comes together with the wake-up."""
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await wake.wait()
