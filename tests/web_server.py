"""A real HTTP server on loopback that takes what is posted to it and answers as a test says."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

from aiohttp import web

Answer = Callable[[web.Request], Awaitable[web.StreamResponse]]


@asynccontextmanager
async def serving(path: str, answer: Answer) -> AsyncIterator[str]:
    """The address to post to."""
    app = web.Application()
    app.router.add_post(path, answer)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}{path}"
    finally:
        await runner.cleanup()


async def as_planned(request: web.Request, plan: list[Any], otherwise: int) -> web.Response:
    """By the next of the plan: a status, (status, headers), "reset" or "hang"; when it is empty, `otherwise`."""
    match plan.pop(0) if plan else otherwise:
        case "reset":
            assert request.transport is not None
            request.transport.abort()
            return web.Response()
        case "hang":
            await asyncio.sleep(60)
            return web.Response()
        case (int(status), dict(headers)):
            return web.Response(status=status, headers=headers)
        case status:
            return web.Response(status=status)
