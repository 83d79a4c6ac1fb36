"""Receivers that do to the notifier whatever a receiver can do, over bare sockets."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

Manner = Callable[[asyncio.StreamWriter], Awaitable[None]]


def _says(text: str) -> Manner:
    async def answer(writer: asyncio.StreamWriter) -> None:
        writer.write(text.replace("\n", "\r\n").encode())

    return answer


async def _hang(writer: asyncio.StreamWriter) -> None:
    await asyncio.sleep(3600)


async def _reset(writer: asyncio.StreamWriter) -> None:
    writer.transport.abort()


async def _drip_headers(writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\n")
    while True:
        writer.write(b"X-Drip: 1\r\n")
        await asyncio.sleep(0.1)


async def _drip_body(writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
    while True:
        writer.write(b".")
        await asyncio.sleep(0.1)


async def _flood(writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100000000000\r\n\r\n")
    while True:
        writer.write(b"." * 65_536)
        await writer.drain()


MANNERS: dict[str, Manner] = {
    "500": _says("HTTP/1.1 500 x\nContent-Length: 0\n\n"),
    "429": _says("HTTP/1.1 429 x\nRetry-After: 120\nContent-Length: 0\n\n"),
    "410": _says("HTTP/1.1 410 x\nContent-Length: 0\n\n"),
    "redirect": _says("HTTP/1.1 307 x\nLocation: http://127.0.0.1:1/\nContent-Length: 0\n\n"),
    "nonsense": _says("what is this\n\n"),
    "hang": _hang,
    "reset": _reset,
    "drip headers": _drip_headers,
    "drip body": _drip_body,
    "flood": _flood,
    "tls": _says("HTTP/1.1 200 OK\nContent-Length: 0\n\n"),
}


@asynccontextmanager
async def misbehaving(manner: str, folder: Path) -> AsyncIterator[str]:
    """The address of a receiver of that manner."""
    tls = manner == "tls"
    tasks: set[asyncio.Task[None] | None] = set()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        tasks.add(asyncio.current_task())
        # cancelled at the end of the test; a task of a stream that ends so is called an error
        with suppress(ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            while not writer.is_closing():
                head = (await reader.readuntil(b"\r\n\r\n")).lower()
                length = head.partition(b"content-length:")[2].partition(b"\r\n")[0]
                await reader.readexactly(int(length))
                await MANNERS[manner](writer)
                await writer.drain()

    server = await asyncio.start_server(
        serve,
        "127.0.0.1",
        0,
        ssl=_self_signed(folder) if tls else None,
        ssl_handshake_timeout=5 if tls else None,
    )
    port = server.sockets[0].getsockname()[1]
    try:
        yield f"{'https' if tls else 'http'}://127.0.0.1:{port}/hook"
    finally:
        server.close()
        for task in tasks:
            if task is not None:
                task.cancel()


def _self_signed(folder: Path) -> ssl.SSLContext:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "nobody")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    pem = folder / "receiver.pem"
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    pem.write_bytes(private + certificate.public_bytes(serialization.Encoding.PEM))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem)
    return context
