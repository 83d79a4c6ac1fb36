"""`python -m benchmarks.listeners URL TOKEN UNIT…`: a connection to the live stream for every unit named.

Prints a line when all are open. Then reads lines on its input: a number waits until so many events have come to them
together and prints how long each had been under way, as JSON, in milliseconds.
"""

import asyncio
import json
import re
import sys
import time
from datetime import datetime
from urllib.parse import urlsplit

import uvloop

_RECORDED = re.compile(rb'"recorded_at":"([^"]+)"')
_AT_ONCE = 100
latencies: list[float] = []
listening: set[asyncio.Task[None]] = set()


async def listen(url: str, token: str, unit: str, opened: asyncio.Semaphore) -> None:
    parts = urlsplit(url)
    async with opened:
        reader, writer = await asyncio.open_connection(parts.hostname, parts.port, limit=2**20)
        writer.write(
            f"GET /v1/stream?units={unit} HTTP/1.1\r\nHost: {parts.netloc}\r\nAuthorization: Bearer {token}\r\n\r\n".encode()
        )
        head = await reader.readuntil(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 200"), head
        await reader.readuntil(b"heartbeat")
    listening.add(asyncio.create_task(_note(reader, writer)))


async def _note(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while line := await reader.readline():
        if line.startswith(b"data:") and (found := _RECORDED.search(line)):
            latencies.append(1000 * (time.time() - datetime.fromisoformat(found[1].decode()).timestamp()))
    writer.close()


async def main(url: str, token: str, *units: str) -> None:
    opened = asyncio.Semaphore(_AT_ONCE)
    async with asyncio.timeout(120):
        await asyncio.gather(*(listen(url, token, unit, opened) for unit in units))
    print("open", flush=True)
    while line := await asyncio.to_thread(sys.stdin.readline):
        async with asyncio.timeout(120):
            while len(latencies) < int(line):
                await asyncio.sleep(0.02)
        print(json.dumps(latencies), flush=True)
        latencies.clear()


if __name__ == "__main__":
    uvloop.run(main(*sys.argv[1:]))
