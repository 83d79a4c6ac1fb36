"""How a service parts from what may be gone: with care, but nobody is waited for long."""

import asyncio
from collections.abc import Awaitable

STOP_SECONDS = 5.0


async def in_time(parting: Awaitable[object]) -> bool:
    """Whether it ended in time and well; if not, what it parts from is thrown away."""
    try:
        await asyncio.wait_for(parting, STOP_SECONDS)
    except Exception:  # whatever it is, it keeps nobody here
        return False
    return True
