"""The live stream: server-sent events that can be resumed where they broke off."""

import time
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Header, Query, Request
from sse_starlette import EventSourceResponse

from delivery.auth import Principal
from delivery.problems import invalid_field
from services.notifier.api import Subscriber, own, owner_of, service_of
from services.notifier.filter import Filter, matches
from services.notifier.hearing import heard_by
from services.notifier.message import heartbeat, stream_frame
from services.notifier.scope import Related
from services.notifier.store.feed import Cursor, Line
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
    owner = owner_of(caller)
    tail: Tail = request.app.state.tail
    filters = [wanted, *await _stored(request, caller, wanted.subscription)]
    place = last_event_id or wanted.last_event_id
    cursor = await tail.end() if place is None else _cursor(place)
    # our own heartbeats carry the place, so the library's are switched off
    return EventSourceResponse(
        _frames(tail, Reader(owner, filters), cursor), ping=0, send_timeout=STUCK_SECONDS
    )


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


@dataclass(frozen=True)
class Reader:
    """Who listens: for which unit, and to what."""

    owner: str | None
    filters: Sequence[Filter]

    def frame(self, line: Line, related: Related) -> bytes | None:
        """None: not for him, or not wanted."""
        entry = line.entry
        heard = heard_by(self.owner, entry, related)
        if heard is None or not all(matches(one, entry) for one in self.filters):
            return None
        return stream_frame(entry, str(line.cursor), heard.view)


async def _frames(tail: Tail, reader: Reader, cursor: Cursor) -> AsyncIterator[bytes]:
    began = sent = time.monotonic()
    with tail.listening():
        yield heartbeat(str(cursor))
        while time.monotonic() - began < LONGEST_SECONDS:
            patience = max(0.01, sent + HEARTBEAT_SECONDS - time.monotonic())
            lines = await tail.after(cursor, patience=patience)
            cursor = lines[-1].cursor if lines else cursor
            frames = [frame for line in lines if (frame := reader.frame(line, tail.related))]
            if frames or time.monotonic() - sent >= HEARTBEAT_SECONDS:
                yield b"".join(frames) or heartbeat(str(cursor))
                sent = time.monotonic()
