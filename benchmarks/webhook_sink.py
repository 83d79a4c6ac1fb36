"""`python -m benchmarks.webhook_sink PORT`: subscribers that say 204 at once and note when what came had happened.

POST anything: an event as JSON. GET /count, GET /latencies (milliseconds), GET /reset. Bare sockets, so that the sink is
not what limits.
"""

import asyncio
import re
import sys
import time
from datetime import datetime

import orjson
import uvloop

_RECORDED = re.compile(rb'"recorded_at":"([^"]+)"')
_LENGTH = re.compile(rb"content-length: *(\d+)", re.I)
latencies: list[float] = []


class Connection(asyncio.Protocol):
    def __init__(self) -> None:
        self._buffer = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        while (end := self._buffer.find(b"\r\n\r\n")) >= 0:
            found = _LENGTH.search(self._buffer, 0, end)
            whole = end + 4 + (int(found[1]) if found else 0)
            if len(self._buffer) < whole:
                return
            self._answer(self._buffer[:end], self._buffer[end + 4 : whole])
            self._buffer = self._buffer[whole:]

    def _answer(self, head: bytes, body: bytes) -> None:
        if head.startswith(b"POST"):
            self._note(body)
            self._transport.write(b"HTTP/1.1 204 No Content\r\n\r\n")  # type: ignore[attr-defined]
            return
        if head.startswith(b"GET /reset"):
            latencies.clear()
        said = orjson.dumps(latencies if head.startswith(b"GET /latencies") else len(latencies))
        head = f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {len(said)}\r\n\r\n".encode()
        self._transport.write(head + said)  # type: ignore[attr-defined]

    def _note(self, body: bytes) -> None:
        found = _RECORDED.search(body)
        if found is not None:
            at = datetime.fromisoformat(found[1].decode())
            latencies.append((time.time() - at.timestamp()) * 1000)


async def serve(port: int) -> None:
    server = await asyncio.get_running_loop().create_server(Connection, "127.0.0.1", port)
    await server.serve_forever()


if __name__ == "__main__":
    uvloop.run(serve(int(sys.argv[1])))
