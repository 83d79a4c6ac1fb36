"""A client of the live stream, which keeps what it is sent."""

import asyncio
from contextlib import asynccontextmanager, suppress

import httpx
import orjson

from tests.waiting import until


class Listener:
    """A client that keeps what it is sent, as a browser's EventSource would."""

    def __init__(self):
        self.events, self.last_id = [], None

    @property
    def ids(self):
        return [event["id"] for event in self.events]

    async def read(self, response):
        said = {}
        async for line in response.aiter_lines():
            name, _, value = line.partition(": ")
            if line == "":
                self.last_id = said.get("id", self.last_id)
                if "data" in said:
                    self.events.append(orjson.loads(said["data"]))
                said = {}
            elif name:
                said[name] = value

    async def has(self, *events, seconds=10):
        async def condition():
            return self.ids == [str(event.event_id) for event in events]

        await until(condition, limit=seconds)


@asynccontextmanager
async def listening(client, headers, params=None):
    listener = Listener()
    async with client.stream("GET", "/v1/stream", headers=headers, params=params) as response:
        assert response.status_code == 200
        assert response.headers["content-type"].startswith("text/event-stream")
        task = asyncio.create_task(listener.read(response))

        async def opened():
            return listener.last_id

        await until(opened)
        try:
            yield listener
        finally:
            task.cancel()
            with suppress(asyncio.CancelledError, httpx.HTTPError):
                await task
