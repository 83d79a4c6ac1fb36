"""What the notifier does with the facts of cases: writes each into the feed, and a delivery for each subscriber."""

from collections.abc import Iterator, Sequence
from typing import Any

import asyncpg
from uuid_utils.compat import uuid7

from contracts import topics
from contracts.envelope import Envelope
from contracts.events import FACTS, HOME
from delivery.database import Connection
from services.notifier.attempt import NewDelivery
from services.notifier.entry import Entry, entry_of
from services.notifier.filter import Filter, matches
from services.notifier.involved import NOBODY, involve
from services.notifier.store import deliveries, feed, involved, subscriptions

CASE_FACTS = [FACTS[name] for name, home in HOME.items() if home == topics.CASES]


async def on_case_events(connection: Connection, events: Sequence[Envelope[Any]]) -> None:
    entries = await _enter(connection, events)
    positions = await feed.append(connection, entries)
    lines = [(positions[entry.event_id], entry) for entry in entries]
    wanted = await subscriptions.active_webhooks(connection)
    await deliveries.add(connection, list(deliveries_of(lines, wanted)), "event")


async def _enter(connection: Connection, events: Sequence[Any]) -> list[Entry]:
    known = await involved.find(connection, sorted({event.case_id for event in events}))
    entries = []
    for event in events:
        known[event.case_id] = involve(known.get(event.case_id, NOBODY), event)
        entries.append(entry_of(event, known[event.case_id]))
    await involved.remember(connection, known)
    return entries


def deliveries_of(
    lines: Sequence[tuple[int, Entry]], wanted: Sequence[asyncpg.Record]
) -> Iterator[NewDelivery]:
    """One for each event and each subscription that wants it, in the order of the events."""
    filters = [(row["id"], Filter.model_validate(row["filter"])) for row in wanted]
    for position, entry in lines:
        for subscription_id, wish in filters:
            if matches(wish, entry):
                yield NewDelivery(uuid7(), subscription_id, position, entry)
