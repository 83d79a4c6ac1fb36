"""A subscriber's end: a real HTTP server on loopback that answers as it is told and keeps what it received."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import orjson
from aiohttp import web

from tests.web_server import as_planned, serving


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
            return await as_planned(request, self.plan, otherwise=204)
        finally:
            self.open_now -= 1


@asynccontextmanager
async def receiving() -> AsyncIterator[Receiver]:
    receiver = Receiver()
    async with serving("/hook", receiver.answer) as receiver.url:
        yield receiver
