"""A real gateway on loopback: takes what is posted, answers as planned, then 202."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import orjson
from aiohttp import web
from standardwebhooks import Webhook

from tests.web_server import as_planned, serving

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
        return await as_planned(request, self.plan, otherwise=202)


@asynccontextmanager
async def a_gateway() -> AsyncIterator[Gateway]:
    gateway = Gateway()
    async with serving("/send", gateway.answer) as gateway.url:
        yield gateway
