"""The way out to webhooks: one pooled HTTP client that connects to no address it must not."""

import asyncio
import socket
import ssl
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from types import TracebackType
from typing import Any

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult
from yarl import URL

from services.notifier.retry import REFUSED, Answer
from services.notifier.targets import refusal, refusal_of_address

TIME_LIMIT = 10.0
_READ_AT_MOST = 64 * 1024
_READ_SECONDS = 1.0  # once the status is known, nobody waits for what follows it
_DNS_SECONDS = 3.0
_DNS_AT_ONCE = 32


class TargetRefused(Exception):
    """The address that DNS gave is none we connect to."""


class WebhookChannel:
    """Sends; keeps connections open between requests. No answer's body is ever kept."""

    def __init__(self, *, allow_private: bool, connections: int) -> None:
        self._allow_private = allow_private
        self._resolver = Resolver(public_only=not allow_private)
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(
                limit=connections,
                keepalive_timeout=30,
                resolver=self._resolver,
                # asked for each connection with the very address that it will be made to, so that neither a literal
                # address nor a name that resolves differently the second time gets by
                socket_factory=None if allow_private else _public_socket,
            ),
            timeout=aiohttp.ClientTimeout(total=TIME_LIMIT),
            cookie_jar=aiohttp.DummyCookieJar(),
            auto_decompress=False,
            headers={"user-agent": "casegrid-notifier/1"},
        )

    async def __aenter__(self) -> "WebhookChannel":
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._session.close()
        await self._resolver.close()

    async def post(self, target: str, body: bytes, headers: dict[str, str]) -> Answer:
        """Never raises for what the other side does; the answer says it."""
        if refusal(target, allow_private=self._allow_private):
            return Answer(error=REFUSED)
        try:
            async with self._session.post(
                URL(target), data=body, headers=headers, allow_redirects=False
            ) as response:
                await _read_off(response)
                return Answer(code=response.status, retry_after=response.headers.get("retry-after"))
        except TargetRefused:
            return Answer(error=REFUSED)
        except TimeoutError:
            return Answer(error="timeout")
        except Exception as error:
            # whatever the library stumbles over in what the other side says is a failed attempt like any other
            return Answer(error=_told(error))


class Resolver(AbstractResolver):
    """On threads of its own: the event loop's are few, and names that nobody answers for would hold them all.

    A name of which any address is private is refused whole: nobody chooses among them for us.
    """

    def __init__(self, *, public_only: bool) -> None:
        self._public_only = public_only
        self._threads = ThreadPoolExecutor(_DNS_AT_ONCE, "dns")

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        ask = partial(socket.getaddrinfo, host, port, family, socket.SOCK_STREAM)
        found = await asyncio.get_running_loop().run_in_executor(self._threads, ask)
        if self._public_only and any(refusal_of_address(str(place[0])) for *_, place in found):
            raise TargetRefused
        return [
            ResolveResult(
                hostname=host,
                host=str(place[0]),
                port=int(place[1]),
                family=kind,
                proto=protocol,
                flags=socket.AI_NUMERICHOST | socket.AI_NUMERICSERV,
            )
            for kind, _, protocol, _, place in found
        ]

    async def close(self) -> None:
        self._threads.shutdown(wait=False, cancel_futures=True)


def _told(error: Exception) -> str:
    """The kind of trouble; of a certificate also what is wrong with it, because only its owner can mend that."""
    cause = getattr(error, "certificate_error", None) or getattr(error, "os_error", None)
    if isinstance(cause, ssl.SSLCertVerificationError):
        return f"tls: {cause.verify_message}"[:200]
    if isinstance(cause, ssl.SSLError):
        return f"tls: {cause.reason}"[:200]
    return next((word for kinds, word in _TROUBLES if isinstance(error, kinds)), type(error).__name__)


# the first that fits
_TROUBLES: tuple[tuple[type[Exception], str], ...] = (
    (aiohttp.ClientConnectorDNSError, "name-not-resolved"),
    (aiohttp.ClientConnectorError, "no-connection"),
    (aiohttp.ClientConnectionError, "connection-lost"),
    (aiohttp.ClientResponseError, "not-http"),
    (OSError, "connection-lost"),
)


async def _read_off(response: aiohttp.ClientResponse) -> None:
    """So that the connection can be used again; the status is known, so nothing that goes wrong here matters."""
    read = 0
    with suppress(aiohttp.ClientError, TimeoutError, OSError):
        async with asyncio.timeout(_READ_SECONDS):
            async for chunk in response.content.iter_any():
                read += len(chunk)
                if read > _READ_AT_MOST:
                    break
    if not response.content.at_eof():
        response.close()


def _public_socket(address: tuple[Any, ...]) -> socket.socket:
    family, kind, protocol, _, place = address
    if refusal_of_address(place[0]):
        raise TargetRefused
    return socket.socket(family, kind, protocol)


# apart from the deliveries' own, which may all be held
_WHILE_SUBSCRIBING = Resolver(public_only=False)


async def refused(target: str, *, allow_private: bool) -> str | None:
    """Why `target` cannot be subscribed with, its name's present addresses included; None when it can.

    A name that does not resolve now may resolve later: each connection is checked again.
    """
    if (why := refusal(target, allow_private=allow_private)) or allow_private:
        return why
    host = URL(target).raw_host
    assert host is not None, "without one it is refused"
    try:
        async with asyncio.timeout(_DNS_SECONDS):
            found = await _WHILE_SUBSCRIBING.resolve(host)
    except (OSError, TimeoutError, UnicodeError):
        return None
    return next((why for one in found if (why := refusal_of_address(one["host"]))), None)
