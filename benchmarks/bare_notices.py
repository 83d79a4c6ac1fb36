"""`python -m benchmarks.bare_notices KAFKA TOPIC SINK SUBSCRIBERS`: reads events and posts each to each, and no more.

The same client library, the same signature, as many requests at once; no scope, no filter, no log, no retry, no order.
Says `ready` when it reads, and goes on until it is ended.
"""

import asyncio
import sys
from datetime import UTC, datetime

import aiohttp
import orjson
import uvloop
from aiokafka import AIOKafkaConsumer
from uuid_utils.compat import uuid7

from services.notifier.message import new_secret, signed_headers

_AT_ONCE = 256


async def run(kafka: str, topic: str, sink: str, subscribers: int) -> None:
    secret = new_secret(b"s" * 32)
    free = asyncio.Semaphore(_AT_ONCE)
    consumer = AIOKafkaConsumer(topic, bootstrap_servers=kafka, auto_offset_reset="latest")
    await consumer.start()
    await consumer.seek_to_end()
    connector = aiohttp.TCPConnector(limit=_AT_ONCE)
    async with aiohttp.ClientSession(connector=connector) as http, asyncio.TaskGroup() as group:

        async def post(body: bytes) -> None:
            try:
                headers = signed_headers(uuid7(), body, datetime.now(UTC), [secret])
                async with http.post(sink, data=body, headers=headers) as answer:
                    await answer.read()
            finally:
                free.release()

        print("ready", flush=True)
        async for record in consumer:
            for _ in range(subscribers):
                await free.acquire()
                group.create_task(post(orjson.dumps({"data": orjson.Fragment(record.value)})))


if __name__ == "__main__":
    uvloop.run(run(sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4])))
