"""What the notifier does with facts: cases into the feed, a delivery for each subscriber; the directory for scopes."""

from collections.abc import Sequence
from itertools import groupby
from typing import Any

from uuid_utils.compat import uuid7

from contracts import topics
from contracts.envelope import Envelope, Removed
from contracts.events import facts_on
from contracts.facts.directory import AreaDefined, UnitDefined
from delivery.database import Connection
from services.notifier.entry import Entry, entry_of
from services.notifier.fan_out import by_owner, deliveries_of
from services.notifier.involved import NOBODY, involve
from services.notifier.store import deliveries, directory, feed, involved, subscriptions
from services.notifier.store.directory import KnownDirectory

CASE_FACTS = facts_on(topics.CASES)
DIRECTORY_FACTS = [AreaDefined, UnitDefined]


async def on_case_events(
    connection: Connection, events: Sequence[Envelope[Any]], *, known: KnownDirectory | None = None
) -> None:
    entries = await _enter(connection, events)
    positions = await feed.append(connection, entries)
    lines = [(positions[entry.event_id], entry) for entry in entries]
    wishes = by_owner(await subscriptions.webhooks_to_fill(connection))
    if wishes:
        related = await (known or KnownDirectory()).related(connection)
        await deliveries.add(connection, list(deliveries_of(lines, wishes, related, uuid7)), "event")


async def _enter(connection: Connection, events: Sequence[Any]) -> list[Entry]:
    known = await involved.find(connection, sorted({event.case_id for event in events}))
    seen = []
    for event in events:
        known[event.case_id] = involve(known.get(event.case_id, NOBODY), event)
        seen.append((event, known[event.case_id]))
    await involved.remember(connection, known)
    # an earlier fact of a case that the same batch seals is sealed too
    return [entry_of(event, then, known[event.case_id].privacy) for event, then in seen]


async def on_directory_facts(connection: Connection, facts: Sequence[Envelope[Any] | Removed]) -> None:
    for are_gone, run in groupby(facts, key=lambda fact: isinstance(fact, Removed)):
        if are_gone:
            await directory.remove(connection, [fact.subject for fact in run if isinstance(fact, Removed)])
        else:
            await directory.define(connection, [fact.data for fact in run if isinstance(fact, Envelope)])
    await directory.count_change(connection)
