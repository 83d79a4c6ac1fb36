"""`python -m benchmarks.load URL TOKEN CLIENTS SECONDS`: POSTs as fast as the answers come; prints how many a second."""

import asyncio
import sys
import time
from collections import deque
from collections.abc import Iterable
from urllib.parse import urlsplit

import orjson
import uvloop

from deploy.local.day import sample_reports


def requests(url: str, token: str, bodies: Iterable[object]) -> list[bytes]:
    """Whole requests as bytes: the client must cost less than what it measures."""
    parts = urlsplit(url)
    head = f"POST {parts.path} HTTP/1.1\r\nHost: {parts.netloc}\r\nAuthorization: Bearer {token}\r\nContent-Type: application/json\r\n"
    return [
        f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body for body in map(orjson.dumps, bodies)
    ]


class Connections:
    """To one address, kept alive; as many as there are requests under way at once, in turn: one that is never used
    would be closed at the other end."""

    def __init__(self, url: str) -> None:
        self._address = urlsplit(url)
        self._idle: deque[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = deque()

    async def post(self, request: bytes) -> None:
        """Returns when it was accepted, with 201."""
        reader, writer = (
            self._idle.popleft()
            if self._idle
            else await asyncio.open_connection(self._address.hostname, self._address.port)
        )
        writer.write(request)
        head = await reader.readuntil(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 201"), head
        length = int(head.lower().split(b"content-length: ")[1].split(b"\r\n")[0])
        await reader.readexactly(length)
        self._idle.append((reader, writer))

    def close(self) -> None:
        for _, writer in self._idle:
            writer.close()


async def client(connections: Connections, posts: list[bytes], ends: float, first: int) -> int:
    count = 0
    while time.perf_counter() < ends:
        await connections.post(posts[(first + count) % len(posts)])
        count += 1
    return count


async def load(url: str, token: str, clients: int, seconds: float) -> float:
    posts = requests(url, token, (report.body for report in sample_reports("load")))
    connections, began = Connections(url), time.perf_counter()
    counts = await asyncio.gather(
        *(client(connections, posts, began + seconds, 17 * n) for n in range(clients))
    )
    connections.close()
    return sum(counts) / (time.perf_counter() - began)


if __name__ == "__main__":
    _, url, token, clients, seconds = sys.argv
    print(uvloop.run(load(url, token, int(clients), float(seconds))))
