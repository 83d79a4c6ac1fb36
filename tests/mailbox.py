"""A real SMTP server on loopback that keeps the mail it takes, and refuses whom it is told to."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

from aiosmtpd.smtp import SMTP, AuthResult


@dataclass
class Mailbox:
    """`refuses`: SMTP code by recipient; `pauses`: seconds by command; `mails` are what arrived, `raw` as it came."""

    port: int = 0
    mails: list[EmailMessage] = field(default_factory=list)
    raw: list[bytes] = field(default_factory=list)
    refuses: dict[str, int] = field(default_factory=dict)
    pauses: dict[str, float] = field(default_factory=dict)
    signed_in: list[str] = field(default_factory=list)

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:  # noqa: N802
        await asyncio.sleep(self.pauses.get("RCPT", 0))
        if code := self.refuses.get(address):
            return f"{code} no such mailbox {address}"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        await asyncio.sleep(self.pauses.get("DATA", 0))
        mail = message_from_bytes(envelope.content, policy=policy.default)
        assert isinstance(mail, EmailMessage)
        self.mails.append(mail)
        self.raw.append(envelope.content)
        return "250 OK"

    async def handle_QUIT(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        await asyncio.sleep(self.pauses.get("QUIT", 0))
        return "221 Bye"

    def authenticate(self, server: Any, session: Any, envelope: Any, mechanism: str, data: Any) -> AuthResult:
        ok = (data.login, data.password) == (b"casegrid", b"secret")
        if ok:
            self.signed_in.append(data.login.decode())
        return AuthResult(success=ok, handled=False)


@asynccontextmanager
async def receiving_mail(
    *, tls: ssl.SSLContext | None = None, signed_in: bool = False
) -> AsyncIterator[Mailbox]:
    box = Mailbox()

    def session() -> SMTP:
        return SMTP(
            box,
            enable_SMTPUTF8=True,
            tls_context=tls,
            require_starttls=tls is not None,
            auth_required=signed_in,
            auth_require_tls=tls is not None,
            authenticator=box.authenticate if signed_in else None,
        )

    server = await asyncio.get_running_loop().create_server(session, "127.0.0.1", 0)
    box.port = server.sockets[0].getsockname()[1]
    try:
        yield box
    finally:
        server.close()
        await server.wait_closed()


@asynccontextmanager
async def refusing_mail(command: str) -> AsyncIterator[int]:
    """The port of a server that answers 554 to the command, and HELO as EHLO; with "" to whoever connects."""

    async def speak(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        said = ""
        while said != "QUIT":
            name = "EHLO" if said == "HELO" else said
            writer.write(
                b"554 not now\r\n" if name == command else b"250 OK\r\n" if said else b"220 here\r\n"
            )
            said = (await reader.readline()).decode()[:4].strip() or "QUIT"
        writer.close()

    server = await asyncio.start_server(speak, "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()


def body_of(mail: EmailMessage, kind: str) -> str:
    part = mail.get_body((kind,))
    assert part is not None
    return str(part.get_content())
