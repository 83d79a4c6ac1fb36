"""Waits for a condition, with a time limit."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import TypeVar

T = TypeVar("T")


async def until(condition: Callable[[], Awaitable[T]], *, seconds: float = 10) -> T:
    """The condition's first truthy value."""
    end = time.monotonic() + seconds
    while not (value := await condition()):
        assert time.monotonic() < end, f"not so within {seconds} s"
        await asyncio.sleep(0.01)
    return value
