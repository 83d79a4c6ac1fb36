"""A subscriber's end: a real HTTP server on loopback that answers as it is told and keeps what it received."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import orjson
from aiohttp import web


@dataclass
class Received:
    headers: dict[str, str]
    body: bytes
    at: float = field(default_factory=time.perf_counter)

    @property
    def event(self) -> dict[str, Any]:
        return orjson.loads(self.body)


@dataclass
class Receiver:
    """`plan` holds the next answers: a status, (status, headers), "reset" or "hang"; afterwards 204."""

    url: str = ""
    plan: list[Any] = field(default_factory=list)
    received: list[Received] = field(default_factory=list)
    open_now: int = 0
    most_open: int = 0
    slow: float = 0.0

    async def answer(self, request: web.Request) -> web.Response:
        self.received.append(Received(dict(request.headers), await request.read()))
        self.open_now += 1
        self.most_open = max(self.most_open, self.open_now)
        try:
            await asyncio.sleep(self.slow)
            return await self._planned(request)
        finally:
            self.open_now -= 1

    async def _planned(self, request: web.Request) -> web.Response:
        match self.plan.pop(0) if self.plan else 204:
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


@asynccontextmanager
async def receiving() -> AsyncIterator[Receiver]:
    receiver = Receiver()
    app = web.Application()
    app.router.add_post("/hook", receiver.answer)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    receiver.url = f"http://127.0.0.1:{runner.addresses[0][1]}/hook"
    try:
        yield receiver
    finally:
        await runner.cleanup()
