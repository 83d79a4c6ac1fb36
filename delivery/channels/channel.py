"""What a way out to people must be: takes one message for one address, and answers what became of it."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol
from uuid import UUID

from contracts.vocabulary import Language, Medium


class Outcome(StrEnum):
    TAKEN = "taken"  # the other side has it
    PASSING = "passing"  # not now: worth another attempt
    LASTING = "lasting"  # never: the address or the message is refused
    NOT_CONFIGURED = "not-configured"  # nobody has set this way out up


@dataclass(frozen=True)
class Answer:
    """`code` is the protocol's (SMTP, HTTP), `error` the kind of failure: never a text that could repeat an address.

    `retry_after`: seconds that the other side asks us to wait.
    """

    outcome: Outcome
    code: int | None = None
    error: str | None = None
    retry_after: float | None = None


@dataclass(frozen=True)
class OutwardMessage:
    """`id` is the same at each attempt, so that the other side can tell a repetition; `html` is for e-mail alone.

    `unsubscribe` is an https address that ends these messages with one POST (RFC 8058). `at` is when it was claimed, by
    the database's clock; None: by no database.
    """

    id: UUID
    medium: Medium
    address: str = field(repr=False)
    language: Language
    subject: str
    text: str
    html: str | None = None
    unsubscribe: str | None = None
    at: datetime | None = None


class Channel(Protocol):
    async def send(self, message: OutwardMessage) -> Answer:
        """Never raises for what the other side does; the answer says it."""
