"""A part of the stack that is gone for good, or never ready, ends what would wait for it for ever: by name, with its
log."""

import asyncio
import time
from collections.abc import Coroutine
from typing import Any, NoReturn, TypeVar

import aiohttp

from deploy.local.processes import ServerFailed, ServerProcess
from deploy.local.stack import Stack

GONE_SECONDS = 30.0  # `make up` in another terminal brings it back in less
UNREADY_SECONDS = 300.0
_LOOKS_EVERY = 1.0
_Result = TypeVar("_Result")


async def while_all_runs(running: Stack, work: Coroutine[Any, Any, _Result]) -> _Result:
    """What the work gives; it is cancelled when a part of the stack is missing. Raises ServerFailed, also in the place
    of what the work makes of a part that does not answer because it is gone."""
    working, watching = asyncio.create_task(work), asyncio.create_task(_until_one_is_missing(running))
    try:
        await asyncio.wait({working, watching}, return_when=asyncio.FIRST_COMPLETED)
        return working.result() if working.done() else watching.result()
    except (aiohttp.ClientError, OSError, ServerFailed):
        gone = [part for part in _parts(running) if part.find() is None]
        if working.done() and gone:
            raise ServerFailed(
                "\n".join(f"{part.name} is gone\n{part.last_lines()}" for part in gone)
            ) from None
        raise
    finally:
        working.cancel()
        watching.cancel()
        await asyncio.gather(working, watching, return_exceptions=True)


async def _until_one_is_missing(running: Stack) -> NoReturn:
    there = dict.fromkeys(_parts(running), time.monotonic())
    ready = dict.fromkeys(running.services, time.monotonic())
    while True:
        await asyncio.sleep(_LOOKS_EVERY)
        now = time.monotonic()
        there |= {part: now for part in there if part.find() is not None}
        for name, service in running.services.items():
            if await asyncio.to_thread(service.is_ready):
                ready[name] = now
        for part, seen in there.items():
            if now - seen > GONE_SECONDS:
                raise ServerFailed(f"{part.name} has been gone for {now - seen:.0f} s\n{part.last_lines()}")
        for name, seen in ready.items():
            if now - seen > UNREADY_SECONDS:
                part, url = running.services[name].process, running.url(name)
                why = f"has not been ready for {now - seen:.0f} s, {url}/health/ready says why"
                raise ServerFailed(f"{part.name} {why}\n{part.last_lines()}")


def _parts(running: Stack) -> list[ServerProcess]:
    return [each.process for each in (*running.servers.ours, *running.services.values())]
