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

_REFUSES = 0.03
_FORGETS_TO_SAY_YES = 0.02


@dataclass
class Agency:
    """What it has taken in: each message once, in the order of their first coming."""

    chance: random.Random
    secret: str = ""
    messages: dict[str, dict[str, Any]] = field(default_factory=dict)
    """The event by its `webhook-id`."""
    cases_dispatched: int = 0
    answers: Counter[str] = field(default_factory=Counter)
    dispatched: asyncio.Queue[str] = field(default_factory=asyncio.Queue)

    async def receive(self, request: web.Request) -> web.Response:
        body = await request.read()
        Webhook(self.secret).verify(body, dict(request.headers), json_parse=False)
        if self.chance.random() < _REFUSES:
            return self._say("refused", 500)
        self._take_in(request.headers["webhook-id"], orjson.loads(body)["data"])
        if self.chance.random() < _FORGETS_TO_SAY_YES:
            return self._say("taken in, answered 500", 500)
        return self._say("taken in", 204)

    def _take_in(self, message_id: str, event: dict[str, Any]) -> None:
        if message_id not in self.messages:
            self.messages[message_id] = event
            if event["type"] == "case.dispatched":
                self.cases_dispatched += 1
                self.dispatched.put_nowait(event["case_id"])

    def _say(self, what: str, status: int) -> web.Response:
        self.answers[what] += 1
        return web.Response(status=status)


@asynccontextmanager
async def listening(running: Stack, chance: random.Random) -> AsyncIterator[Agency]:
    """Subscribed to every fact of every case."""
    agency = Agency(chance)
    app = web.Application(client_max_size=1024**2)
    app.router.add_post("/", agency.receive)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    try:
        agency.secret = await _subscribe(running, f"http://127.0.0.1:{runner.addresses[0][1]}/")
        yield agency
    finally:
        await runner.cleanup()


async def _subscribe(running: Stack, address: str) -> str:
    wanted = {"name": "moody agency", "channel": "webhook", "target": {"url": address}}
    headers = {"Authorization": f"Bearer {running.token('admin')}"}
    async with (
        aiohttp.ClientSession(running.url("notifier"), headers=headers) as http,
        http.post("/v1/subscriptions", json=wanted) as answer,
    ):
        answer.raise_for_status()
        return str((await answer.json())["secret"])
