"""The live stream: server-sent events that can be resumed where they broke off."""

import time
from collections.abc import AsyncIterator, Sequence
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Header, Query, Request
from sse_starlette import EventSourceResponse

from delivery.auth import Principal
from delivery.problems import invalid_field
from services.notifier.api import Subscriber, own, owner_of, service_of
from services.notifier.filter import Filter, matches
from services.notifier.message import heartbeat, stream_frame
from services.notifier.store.feed import Cursor
from services.notifier.tail import Tail

HEARTBEAT_SECONDS = 15.0
# a token is looked at when the stream opens: an hour later the client comes again, and shows it again
LONGEST_SECONDS = 3600.0
STUCK_SECONDS = 30.0
router = APIRouter(prefix="/v1", tags=["stream"])


class Wanted(Filter):
    """Filters as for subscriptions, each value a parameter of its own; a stored subscription narrows further."""

    subscription: UUID | None = None
    last_event_id: str | None = None


@router.get(
    "/stream",
    response_class=EventSourceResponse,
    responses={200: {"content": {"text/event-stream": {}}, "description": "CloudEvents, one a message"}},
)
async def stream(
    request: Request,
    caller: Subscriber,
    wanted: Annotated[Wanted, Query()],
    last_event_id: Annotated[str | None, Header()] = None,
) -> EventSourceResponse:
    """From now on, or on from `Last-Event-ID` (header, or `last_event_id` where headers cannot be set)."""
    owner_of(caller)
    tail: Tail = request.app.state.tail
    filters = [wanted, *await _stored(request, caller, wanted.subscription)]
    place = last_event_id or wanted.last_event_id
    cursor = await tail.end() if place is None else _cursor(place)
    # our own heartbeats carry the place, so the library's are switched off
    return EventSourceResponse(_frames(tail, cursor, filters), ping=0, send_timeout=STUCK_SECONDS)


async def _stored(request: Request, caller: Principal, subscription_id: UUID | None) -> list[Filter]:
    if subscription_id is None:
        return []
    async with service_of(request).database.connection() as connection:
        row = await own(connection, caller, subscription_id)
    return [Filter.model_validate(row["filter"])]


def _cursor(text: str) -> Cursor:
    try:
        return Cursor.parse(text)
    except ValueError as error:
        raise invalid_field("/last-event-id", str(error)) from None


async def _frames(tail: Tail, cursor: Cursor, filters: Sequence[Filter]) -> AsyncIterator[bytes]:
    began = sent = time.monotonic()
    with tail.listening():
        yield heartbeat(str(cursor))
        while time.monotonic() - began < LONGEST_SECONDS:
            patience = max(0.01, sent + HEARTBEAT_SECONDS - time.monotonic())
            lines = await tail.after(cursor, patience=patience)
            cursor = lines[-1].cursor if lines else cursor
            frames = [
                stream_frame(line.entry, str(line.cursor))
                for line in lines
                if all(matches(one, line.entry) for one in filters)
            ]
            if frames or time.monotonic() - sent >= HEARTBEAT_SECONDS:
                yield b"".join(frames) or heartbeat(str(cursor))
                sent = time.monotonic()
