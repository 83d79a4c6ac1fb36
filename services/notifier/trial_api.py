"""Trying a filter before it is subscribed with."""

import orjson
from fastapi import APIRouter, Request

from delivery.service import service_of
from services.notifier import shapes
from services.notifier.api import Subscriber, owner_of
from services.notifier.message import cloud_event
from services.notifier.store import feed
from services.notifier.store.directory import KnownDirectory
from services.notifier.trial import NEWEST, Trial

_PAGE = 250
router = APIRouter(prefix="/v1/filters", tags=["subscriptions"])


@router.post("/trial")
async def try_filter(request: Request, caller: Subscriber, wanted: shapes.FilterWanted) -> shapes.Trial:
    """Which of the newest events that you may hear of the filter wants, shown as a webhook would be sent them."""
    trial = Trial(owner_of(caller), wanted.filter)
    known: KnownDirectory = request.app.state.known
    async with service_of(request).database.connection() as connection:
        related = await known.related(connection)
        before = None
        while trial.read < NEWEST:
            page = await feed.newest(connection, before=before, limit=min(_PAGE, NEWEST - trial.read))
            trial.go_through((line.entry for line in page), related)
            if len(page) < _PAGE:
                break
            before = page[-1].cursor
    return shapes.Trial(
        read=trial.read,
        examined=trial.examined,
        matched=trial.matched,
        since=trial.since,
        items=[
            shapes.TrialItem(relation=heard.relation, event=orjson.loads(cloud_event(entry, heard.view)))
            for entry, heard in trial.shown
        ],
    )
