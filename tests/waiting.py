"""Waits for conditions, never for seconds."""

import asyncio
import time
from collections.abc import Callable
from inspect import isawaitable
from typing import Any


async def until(condition: Callable[[], Any], *, limit: float = 30) -> Any:
    """What it says first that is true, at once or when awaited; fails past the limit, with what it said last."""
    deadline = time.monotonic() + limit
    while True:
        said = condition()
        if isawaitable(said):
            said = await said
        if said:
            return said
        assert time.monotonic() < deadline, f"still {said!r} after {limit} s"
        await asyncio.sleep(0.02)
