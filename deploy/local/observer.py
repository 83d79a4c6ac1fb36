"""An agency as anybody could be one: it reads the dispatch topics and receives webhooks, signatures checked."""

import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import aiohttp
import orjson
from aiohttp import web
from aiokafka import AIOKafkaConsumer
from standardwebhooks import Webhook

from contracts.topics import CASES, DISPATCH

FIRST_ORDERS = ["case.dispatched", "approval.started"]


@dataclass
class Seen:
    """What has come in so far."""

    dispatched: dict[str, dict[str, Any]] = field(default_factory=dict)
    joined: set[str] = field(default_factory=set)
    """Cases that became part of another, so that nobody was sent twice."""
    latencies: list[float] = field(default_factory=list)
    dispatches: int = 0
    notices: Counter[str] = field(default_factory=Counter)
    notified: set[str] = field(default_factory=set)
    forged: int = 0
    last_at: float = field(default_factory=time.monotonic)
    last_dispatch_at: float = 0.0
    last_notice_at: float = 0.0

    def dispatch(self, event: dict[str, Any]) -> None:
        self.last_at = self.last_dispatch_at = time.monotonic()
        self.dispatches += 1
        if event["case_id"] not in self.dispatched:
            self.dispatched[event["case_id"]] = event
            reported = datetime.fromisoformat(event["data"]["reported_at"])
            self.latencies.append(time.time() - reported.timestamp())

    def join(self, event: dict[str, Any]) -> None:
        self.last_at = time.monotonic()
        self.joined.add(event["case_id"])

    def notice(self, message_id: str, event: dict[str, Any]) -> None:
        self.last_at = self.last_notice_at = time.monotonic()
        self.notices[message_id] += 1
        self.notified.add(event["case_id"])


@asynccontextmanager
async def reading(kafka: str, seen: Seen) -> AsyncIterator[None]:
    """Dispatch orders and merges from now on, straight from Kafka, without a group: every observer sees them all."""
    topics = (CASES, *DISPATCH.values())
    consumer = AIOKafkaConsumer(
        *(topic.name for topic in topics), bootstrap_servers=kafka, auto_offset_reset="latest"
    )
    await consumer.start()
    await consumer.seek_to_end()
    task = asyncio.create_task(_read(consumer, seen))
    try:
        yield
    finally:
        task.cancel()
        await consumer.stop()


async def _read(consumer: AIOKafkaConsumer, seen: Seen) -> None:
    async for record in consumer:
        event = orjson.loads(record.value)
        if record.topic == CASES.name:
            if event["type"] == "case.merged":
                seen.join(event)
        elif event["type"] in FIRST_ORDERS:
            seen.dispatch(event)


@asynccontextmanager
async def receiving(notifier: str, token: str, seen: Seen) -> AsyncIterator[None]:
    """A webhook subscription to dispatched cases, for as long as the block runs."""
    secret: dict[str, str] = {}

    async def receive(request: web.Request) -> web.Response:
        body = await request.read()
        try:
            Webhook(secret["now"]).verify(body, dict(request.headers), json_parse=False)
        except Exception:  # the library's errors share no parent of their own
            seen.forged += 1
            return web.Response(status=400)
        seen.notice(request.headers["webhook-id"], orjson.loads(body)["data"])
        return web.Response(status=204)

    app = web.Application(client_max_size=1024**2)
    app.router.add_post("/", receive)
    async with _served(app) as address, aiohttp.ClientSession() as http:
        wanted = {"name": "demo agency", "channel": "webhook", "target": {"url": address}}
        wanted["filter"] = {"event_types": FIRST_ORDERS}
        headers = {"Authorization": f"Bearer {token}"}
        async with http.post(f"{notifier}/v1/subscriptions", json=wanted, headers=headers) as answer:
            answer.raise_for_status()
            subscription = await answer.json()
        secret["now"] = subscription["secret"]
        try:
            yield
        finally:
            with suppress(aiohttp.ClientError):  # a notifier that is gone is told of elsewhere
                await http.delete(f"{notifier}/v1/subscriptions/{subscription['id']}", headers=headers)


@asynccontextmanager
async def _served(app: web.Application) -> AsyncIterator[str]:
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}/"
    finally:
        await runner.cleanup()
