"""`python -m benchmarks.load URL TOKEN CLIENTS SECONDS`: POSTs as fast as the answers come; prints how many a second."""

import asyncio
import sys
import time
from urllib.parse import urlsplit

import orjson
import uvloop

from deploy.local.day import sample_reports


def requests(url: str, token: str) -> list[bytes]:
    """Whole requests as bytes: the client must cost less than what it measures."""
    parts = urlsplit(url)
    head = f"POST {parts.path} HTTP/1.1\r\nHost: {parts.netloc}\r\nAuthorization: Bearer {token}\r\nContent-Type: application/json\r\n"
    bodies = [orjson.dumps(report.body) for report in sample_reports("load")]
    return [f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body for body in bodies]


async def client(url: str, bodies: list[bytes], ends: float, first: int) -> int:
    parts = urlsplit(url)
    reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
    count = 0
    while time.perf_counter() < ends:
        writer.write(bodies[(first + count) % len(bodies)])
        head = await reader.readuntil(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 201"), head
        length = int(head.lower().split(b"content-length: ")[1].split(b"\r\n")[0])
        await reader.readexactly(length)
        count += 1
    writer.close()
    return count


async def load(url: str, token: str, clients: int, seconds: float) -> float:
    bodies = requests(url, token)
    began = time.perf_counter()
    counts = await asyncio.gather(*(client(url, bodies, began + seconds, 17 * n) for n in range(clients)))
    return sum(counts) / (time.perf_counter() - began)


if __name__ == "__main__":
    _, url, token, clients, seconds = sys.argv
    print(uvloop.run(load(url, token, int(clients), float(seconds))))
