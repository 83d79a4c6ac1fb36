"""What a request brings beside its body: the caller's own key, and the trace that goes on in ours."""

import hashlib
from uuid import UUID

from fastapi import Request

from delivery.auth import Principal
from delivery.idempotency import canonical
from delivery.problems import invalid_field
from services.intake.submission import Idempotency


def idempotency_of(request: Request, caller: Principal, body: bytes) -> Idempotency | None:
    key = request.headers.get("idempotency-key")
    if key is None:
        return None
    if not 1 <= len(key) <= 200 or not key.isascii() or not key.isprintable():
        raise invalid_field("/Idempotency-Key", "1 to 200 printable ASCII characters")
    return Idempotency(caller.sub, key, hashlib.sha256(canonical(body)).digest())


def correlation_of(request: Request, event_id: UUID) -> UUID:
    """The trace of an incoming `traceparent`, else a new one that begins with the event."""
    trace = request.headers.get("traceparent", "").split("-")
    try:
        return UUID(trace[1])
    except (IndexError, ValueError):
        return event_id
