"""Waits for conditions, never for seconds."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import TypeVar

T = TypeVar("T")


async def eventually(ask: Callable[[], Awaitable[T]], *, limit: float = 30) -> T:
    """The first answer that is true; fails past the limit, with the last one."""
    deadline = time.monotonic() + limit
    while not (answer := await ask()):
        assert time.monotonic() < deadline, f"still {answer!r} after {limit} s"
        await asyncio.sleep(0.05)
    return answer
