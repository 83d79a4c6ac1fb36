"""What the facts of cases mean for people on duty: notices written, repetitions stopped, in the facts' transaction."""

from collections.abc import Sequence
from functools import partial
from typing import Any
from uuid import UUID

from uuid_utils.compat import uuid7

from contracts.envelope import CaseEnvelope
from delivery.database import Connection, once_committed
from services.notifier.metrics import count_notices
from services.notifier.people import notices_store, people_store
from services.notifier.people.parties import NOBODY, Parties, fold
from services.notifier.people.telling import Defaults, NewNotice, notices_of, told_units
from services.notifier.people.told import Kind

_RENEWED = "case.urgency_changed"


async def on_case_events(
    connection: Connection, events: Sequence[CaseEnvelope[Any]], *, defaults: Defaults
) -> None:
    """Case by case in the order of the facts; what a fact stops is stopped before what follows is written."""
    known = await people_store.find_parties(connection, _cases(events))
    before = {case_id for case_id, parties in known.items() if parties.order_version}
    stories: list[tuple[CaseEnvelope[Any], Parties, Parties]] = []
    for event in events:
        known[event.case_id] = fold(known.get(event.case_id, NOBODY), event)
        stories.append((event, known[event.case_id], known.get(_master(event), NOBODY)))
    about = sorted({event.case_id for event in events})
    await people_store.keep_parties(connection, {case_id: known[case_id] for case_id in about})
    told = {one.unit for story in stories for one in told_units(*story, defaults)}
    reachable = await people_store.find_reachable(connection, told, defaults.timetable)
    written: list[NewNotice] = []
    for event, parties, master in stories:
        notices = list(notices_of(event, parties, master, reachable, defaults))
        if event.case_id in before and _takes_place(event, parties, notices):
            await _add(connection, written)
            await _supersede(connection, event, notices)
        if parties.order_version:
            before.add(event.case_id)
        written += notices
    await _add(connection, written)
    settled = [case_id for case_id in about if not known[case_id].waits_for_signature]
    stopped = await notices_store.stop_repeating(connection, settled)
    once_committed(partial(count_notices, stopped))


async def _add(connection: Connection, written: list[NewNotice]) -> None:
    if written:
        ended = await notices_store.add(connection, [(uuid7(), notice) for notice in written])
        once_committed(partial(count_notices, ended))
        written.clear()


def _takes_place(event: CaseEnvelope[Any], parties: Parties, notices: Sequence[NewNotice]) -> bool:
    """A new order, or what ends the case for its lead, ends the older orders; a signature only their repetition."""
    if any(notice.kind is Kind.ORDER for notice in notices):
        return True
    return event.case_version == parties.ended_version and event.type != "case.signed"


async def _supersede(connection: Connection, event: CaseEnvelope[Any], notices: Sequence[NewNotice]) -> None:
    ordered = {notice.unit for notice in notices if notice.kind is Kind.ORDER}
    units = ordered if event.type == _RENEWED else None
    superseded = await notices_store.supersede(connection, event.case_id, event.event_id, units)
    once_committed(partial(count_notices, superseded))


def _cases(events: Sequence[CaseEnvelope[Any]]) -> set[UUID]:
    return {case_id for event in events for case_id in (event.case_id, _master(event))}


def _master(event: CaseEnvelope[Any]) -> UUID:
    return event.data.said("master_case_id") or event.case_id
