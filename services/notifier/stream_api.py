"""The live stream: server-sent events that can be resumed where they broke off."""

import time
from collections.abc import AsyncIterator
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Header, Query, Request
from sse_starlette import EventSourceResponse

from delivery.auth import Principal
from delivery.problems import invalid_field
from delivery.service import service_of
from services.notifier.api import Subscriber, own, owner_of
from services.notifier.filter import Filter
from services.notifier.message import heartbeat
from services.notifier.reader import Reader
from services.notifier.store.feed import Cursor
from services.notifier.tail import Tail

HEARTBEAT_SECONDS = 15.0
# a token is looked at when the stream opens: an hour later the client comes again, and shows it again
LONGEST_SECONDS = 3600.0
STUCK_SECONDS = 30.0
router = APIRouter(prefix="/v1", tags=["stream"])


_RESTRICTIONS = set(Filter.model_fields)


class Wanted(Filter):
    """Filters as for subscriptions, each value a parameter of its own; a stored subscription narrows further."""

    subscription: UUID | None = None
    last_event_id: str | None = None


@router.get(
    "/stream",
    response_class=EventSourceResponse,
    responses={
        200: {"content": {"text/event-stream": {}}, "description": "CloudEvents, one a message"},
        404: {},
    },
)
async def stream(
    request: Request,
    caller: Subscriber,
    wanted: Annotated[Wanted, Query()],
    last_event_id: Annotated[str | None, Header()] = None,
) -> EventSourceResponse:
    """From now on, or on from `Last-Event-ID` (header, or `last_event_id` where headers cannot be set)."""
    owner = owner_of(caller)
    tail: Tail = request.app.state.tail
    stored = await _stored(request, caller, wanted.subscription)
    reader = Reader(owner, (Filter.model_validate(wanted.model_dump(include=_RESTRICTIONS)), *stored))
    last = last_event_id or wanted.last_event_id
    place = await tail.newest() if last is None else await tail.place(_cursor(last))
    if place is None:
        raise invalid_field("/last-event-id", "lies beyond the end of this stream: begin without it")
    # our own heartbeats carry the place, so the library's are switched off
    return EventSourceResponse(_frames(tail, reader, place), ping=0, send_timeout=STUCK_SECONDS)


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


async def _frames(tail: Tail, reader: Reader, place: Cursor) -> AsyncIterator[bytes]:
    began = time.monotonic()
    with tail.listening(reader, place) as listener:
        yield heartbeat(str(place))
        while time.monotonic() - began < LONGEST_SECONDS:
            frames = await listener.next(patience=HEARTBEAT_SECONDS)
            yield frames or heartbeat(str(listener.place))
