"""What a request brings beside its body: the caller's own key, and the trace that goes on in ours."""

import hashlib
import re
from contextlib import suppress
from uuid import UUID

from fastapi import Request

from delivery.auth import Principal
from delivery.idempotency import LONGEST_KEY, canonical
from delivery.problems import invalid_field
from services.intake.submission import Idempotency

# W3C Trace Context: no id is all zero, ff is no version, and version 00 ends after its 55 characters
_TRACEPARENT = re.compile(
    r"(?!ff|00.{54})[0-9a-f]{2}-(?P<trace>(?!0{32})[0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}(-.*)?"
)

KEY = {"in": "header", "name": "Idempotency-Key", "schema": {"type": "string", "maxLength": LONGEST_KEY}}


def idempotency_of(request: Request, caller: Principal, body: bytes) -> Idempotency | None:
    key = request.headers.get("idempotency-key")
    if key is None:
        return None
    if not 1 <= len(key) <= LONGEST_KEY or not key.isascii() or not key.isprintable():
        raise invalid_field("/Idempotency-Key", f"1 to {LONGEST_KEY} printable ASCII characters")
    return Idempotency(caller.sub, key, hashlib.sha256(canonical(body)).digest())


def correlation_of(request: Request, event_id: UUID) -> UUID:
    """The trace of a valid `traceparent`, else a new one that begins with the event."""
    trace = _TRACEPARENT.fullmatch(request.headers.get("traceparent", ""))
    return UUID(trace["trace"]) if trace else event_id


def as_written(header: str) -> str:
    """A header is read as Latin-1, and who writes Chinese into it sends UTF-8."""
    with suppress(UnicodeDecodeError):
        return header.encode("latin-1").decode()
    return header
