"""A real gateway on loopback: takes what is posted, answers as planned, then 202."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import orjson
from aiohttp import web
from standardwebhooks import Webhook

SECRET = "whsec_Z2F0ZXdheSBvZiB0aGUgdGVzdCwgMzIgYnl0ZXMhIQ=="


@dataclass
class Gateway:
    """`posted` holds the bodies whose signature was good."""

    url: str = ""
    plan: list[Any] = field(default_factory=list)
    posted: list[dict[str, Any]] = field(default_factory=list)

    async def answer(self, request: web.Request) -> web.Response:
        body = await request.read()
        Webhook(SECRET).verify(body.decode(), dict(request.headers))
        self.posted.append(orjson.loads(body))
        match self.plan.pop(0) if self.plan else 202:
            case "reset":
                assert request.transport is not None
                request.transport.abort()
                return web.Response()
            case (int(status), dict(headers)):
                return web.Response(status=status, headers=headers)
            case status:
                return web.Response(status=status)


@asynccontextmanager
async def a_gateway() -> AsyncIterator[Gateway]:
    gateway = Gateway()
    app = web.Application()
    app.router.add_post("/send", gateway.answer)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    gateway.url = f"http://127.0.0.1:{runner.addresses[0][1]}/send"
    try:
        yield gateway
    finally:
        await runner.cleanup()
