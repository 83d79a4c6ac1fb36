"""An agency that hears of every case by webhook, is moody, and de-duplicates as Standard Webhooks asks."""

import asyncio
import random
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import aiohttp
import orjson
from aiohttp import web
from standardwebhooks import Webhook

from deploy.local.stack import Stack
from tests.web_server import serving

_REFUSES = 0.03
_FORGETS_TO_SAY_YES = 0.02
_AT_MOST = 2  # times a message: the pause after a fourth attempt would be a minute, and nobody would wait for the end


@dataclass
class Agency:
    """What it has taken in: each message once, in the order of their first coming."""

    chance: random.Random
    secret: str = ""
    messages: dict[str, dict[str, Any]] = field(default_factory=dict)
    """The event by its `webhook-id`."""
    cases_dispatched: int = 0
    answers: Counter[str] = field(default_factory=Counter)
    _failed: Counter[str] = field(default_factory=Counter)
    dispatched: asyncio.Queue[dict[str, Any]] = field(default_factory=asyncio.Queue)

    async def receive(self, request: web.Request) -> web.Response:
        body, message_id = await request.read(), request.headers["webhook-id"]
        Webhook(self.secret).verify(body, dict(request.headers), json_parse=False)
        mood = self.chance.random() if self._failed[message_id] < _AT_MOST else 1.0
        if mood < _REFUSES:
            return self._fail(message_id, "refused")
        self._take_in(message_id, orjson.loads(body)["data"])
        if mood < _REFUSES + _FORGETS_TO_SAY_YES:
            return self._fail(message_id, "taken in, answered 500")
        self.answers["taken in"] += 1
        return web.Response(status=204)

    def _take_in(self, message_id: str, event: dict[str, Any]) -> None:
        if message_id not in self.messages:
            self.messages[message_id] = event
            if event["type"] == "case.dispatched":
                self.cases_dispatched += 1
                self.dispatched.put_nowait(event)

    def _fail(self, message_id: str, how: str) -> web.Response:
        self.answers[how] += 1
        self._failed[message_id] += 1
        return web.Response(status=500)


@asynccontextmanager
async def listening(running: Stack, chance: random.Random) -> AsyncIterator[Agency]:
    """Subscribed to every fact of every case."""
    agency = Agency(chance)
    async with serving("/", agency.receive) as address:
        agency.secret = await _subscribe(running, address)
        yield agency


async def _subscribe(running: Stack, address: str) -> str:
    wanted = {"name": "moody agency", "channel": "webhook", "target": {"url": address}}
    headers = {"Authorization": f"Bearer {running.token('admin')}"}
    async with (
        aiohttp.ClientSession(running.url("notifier"), headers=headers) as http,
        http.post("/v1/subscriptions", json=wanted) as answer,
    ):
        answer.raise_for_status()
        return str((await answer.json())["secret"])
