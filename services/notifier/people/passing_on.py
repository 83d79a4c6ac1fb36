"""Orders to units that an import took out go on to whoever stands in for them, a while after the import, and back to
those that a later one brings back."""

import asyncio
from datetime import datetime, timedelta
from functools import partial
from uuid import UUID

from uuid_utils.compat import uuid7

from delivery.database import Connection, Database, once_committed
from services.notifier.directory import Directory
from services.notifier.metrics import count_notices
from services.notifier.people import notices_store, people_store, standing_in_store
from services.notifier.people.parties import NOBODY, Parties, Post
from services.notifier.people.standing_in import passed_on, stands_in_for
from services.notifier.people.telling import Defaults
from services.notifier.store.directory import KnownDirectory

EVERY_SECONDS = 30.0
# an import is said in many facts, and who takes the place of the unit may be among the last
SETTLED = timedelta(minutes=1)
_CASES = 500  # a transaction


async def go_on_passing_on(database: Database, known: KnownDirectory, defaults: Defaults) -> None:
    """Over all there are, each time: those that nobody can be reached for stay, and stand in nobody's way."""
    while True:
        last: UUID | None = None
        while True:
            async with database.transaction() as connection:
                directory, now = await known.directory(connection), await connection.fetchval("select now()")
                last = await pass_orders_on(connection, directory, defaults, now=now, after=last)
            if last is None:
                break
        await asyncio.sleep(EVERY_SECONDS)


async def pass_orders_on(
    connection: Connection,
    directory: Directory,
    defaults: Defaults,
    *,
    now: datetime,
    after: UUID | None = None,
    at_once: int = _CASES,
) -> UUID | None:
    """Those that wait to be signed, where whoever stands in can be reached; with the parties locked, so that none
    passes a signature or a newer order unseen. Gives the case after which there may be more."""
    orders = await standing_in_store.orders_to_pass_on(connection, SETTLED, after=after, cases=at_once)
    cases = {order["case_id"] for order in orders}
    await standing_in_store.lock_involved(connection, cases)
    known = await people_store.find_parties(connection, cases)
    changed: dict[UUID, Parties] = {}
    for order in orders:
        parties, post = known.get(order["case_id"], NOBODY), Post(order["post"])
        if not parties.waits_for_signature or parties.at(post) != (order["unit"],):
            continue
        unit = order["back"] or stands_in_for(order, directory)
        reachable = await people_store.find_reachable(connection, [unit] if unit else [], defaults.timetable)
        if unit is None or unit not in reachable or not reachable[unit].media:
            continue
        update = {post.value: unit} | (_in_whose_place(unit, parties) if post is Post.LEAD else {})
        known[order["case_id"]] = changed[order["case_id"]] = parties.model_copy(update=update)
        if post is Post.LEAD:
            await standing_in_store.lead_instead(connection, order["case_id"], order["unit"], unit)
        ended = await standing_in_store.stop(connection, order["event_id"], [order["unit"], unit])
        number = 1 + await standing_in_store.times_told(connection, order["event_id"], unit)
        notices = [(uuid7(), notice) for notice in passed_on(unit, order, reachable[unit], now, number)]
        ended += await notices_store.add(connection, notices)
        once_committed(partial(count_notices, ended))
    if changed:
        await people_store.keep_parties(connection, changed)
    return orders[-1]["case_id"] if len(cases) == at_once else None


def _in_whose_place(unit: str, parties: Parties) -> dict[str, str | None]:
    named = parties.stood_in_for or parties.lead
    return {"stood_in_for": None if unit == named else named}
