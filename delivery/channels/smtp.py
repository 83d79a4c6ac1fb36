"""E-mail through an SMTP server: a connection a message, plain text and HTML side by side."""

import asyncio
import ssl
from contextlib import suppress
from email.headerregistry import BaseHeader, HeaderRegistry, UnstructuredHeader
from email.message import EmailMessage
from email.policy import Policy, default
from email.utils import parseaddr

import aiosmtplib

from delivery.channels.channel import Answer, Outcome, OutwardMessage
from delivery.channels.settings import ChannelSettings

TIME_LIMIT = 30.0  # for a message as a whole, however many commands it takes
_QUIT_SECONDS = 1.0
_NOT_SIGNED_IN = {530, 534, 535, 538}  # our own account is refused, not the message: mended by the operator


class _InOneLine(UnstructuredHeader, BaseHeader):
    """An address that mail programs take as it stands; where it is too long for a line, the library would encode it."""

    def fold(self, *, policy: Policy) -> str:
        return f"{self.name}: {self}{policy.linesep}"


_HEADERS = HeaderRegistry()
_HEADERS.map_to_type("list-unsubscribe", _InOneLine)
_AS_WRITTEN = default.clone(header_factory=_HEADERS)


class SmtpChannel:
    def __init__(self, settings: ChannelSettings) -> None:
        self._settings = settings
        self._tls: ssl.SSLContext | None = None

    async def send(self, message: OutwardMessage) -> Answer:
        try:
            await self._hand_over(mail_of(message, sender=self._settings.smtp_sender))
        except aiosmtplib.SMTPRecipientsRefused as error:
            return _refused(error.recipients[0].code)
        except aiosmtplib.SMTPDataError as error:
            return _refused(error.code)
        except aiosmtplib.SMTPResponseException as error:
            # before it heard for whom the mail is: the server speaks of itself, or of us
            return Answer(Outcome.PASSING, code=error.code)
        except (aiosmtplib.SMTPException, OSError) as error:
            return Answer(Outcome.PASSING, error=type(error).__name__)
        except ValueError:  # an address that no header can hold
            return Answer(Outcome.LASTING, error="address")
        return Answer(Outcome.TAKEN, code=250)

    async def _hand_over(self, mail: EmailMessage) -> None:
        s, tls = self._settings, await self._context()
        client = aiosmtplib.SMTP(
            hostname=s.smtp_host,
            port=s.smtp_port,
            username=s.smtp_user or None,
            password=s.smtp_password.get_secret_value() or None,
            use_tls=s.smtp_security == "tls",
            start_tls=s.smtp_security == "starttls",
            tls_context=tls,
            timeout=TIME_LIMIT,
        )
        try:
            async with asyncio.timeout(TIME_LIMIT):
                await client.connect()
                await client.send_message(mail)
            # apart, because by now the mail is theirs, however they part from us
            with suppress(aiosmtplib.SMTPException, OSError):
                await client.quit(timeout=_QUIT_SECONDS)
        finally:
            client.close()

    async def _context(self) -> ssl.SSLContext | None:
        """Made once: to read all the system's authorities costs more than the mail."""
        if self._tls is None and self._settings.smtp_security != "none":
            trusted = self._settings.smtp_ca or None
            self._tls = await asyncio.to_thread(ssl.create_default_context, cafile=trusted)
        return self._tls


def _refused(code: int) -> Answer:
    lasts = code >= 500 and code not in _NOT_SIGNED_IN
    return Answer(Outcome.LASTING if lasts else Outcome.PASSING, code=code)


def mail_of(message: OutwardMessage, *, sender: str) -> EmailMessage:
    """The message as mail; its id repeats at each attempt, so that a mailbox may drop the second."""
    mail = EmailMessage(policy=_AS_WRITTEN)
    mail["From"] = sender
    mail["To"] = message.address
    mail["Subject"] = " ".join(message.subject.splitlines())  # a header is one line, also by U+2028
    mail["Message-ID"] = f"<{message.id.hex}@{_domain(sender)}>"
    mail["Auto-Submitted"] = "auto-generated"
    mail["Content-Language"] = message.language
    if message.unsubscribe:
        mail["List-Unsubscribe"] = f"<{message.unsubscribe}>"
        mail["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    mail.set_content(message.text)
    if message.html:
        mail.add_alternative(message.html, subtype="html")
    return mail


def _domain(sender: str) -> str:
    return parseaddr(sender)[1].rpartition("@")[2] or "localhost"
