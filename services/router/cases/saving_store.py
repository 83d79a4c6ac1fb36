"""The router's SQL that keeps what rules made of cases: the case, its history, and what the relay has to send."""

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any

from pydantic import TypeAdapter

from contracts.envelope import Message, to_message
from contracts.events import topics_of
from contracts.vocabulary import Clock, Tier
from delivery import outbox
from delivery.database import Connection, columns_of
from services.router.cases import bulletins_store, wishes_store
from services.router.directory.directory import Directory
from services.router.workflow.alarms import next_alarm
from services.router.workflow.case import Case
from services.router.workflow.lifecycle import CaseEvent
from services.router.workflow.situation import Rules
from services.router.workflow.standing_in import involved_now, lead_now

_CASE = TypeAdapter(Case)


@dataclass(frozen=True)
class Change:
    """A case and the events that made it what it is now; time does nothing to it `not_before`."""

    case: Case
    events: Sequence[CaseEvent]
    not_before: datetime | None = None


_COLUMNS = (
    ("case_id", "uuid"),
    ("report_id", "uuid"),
    ("state", "text"),
    ("version", "int"),
    ("tier", "text"),
    ("lead", "text"),
    ("involved", "text"),
    ("grid", "text"),
    ("community", "text"),
    ("town", "text"),
    ("district", "text"),
    ("category", "text"),
    ("urgency", "text"),
    ("urgency_level", "int"),
    ("reported_at", "timestamptz"),
    ("dispatched_at", "timestamptz"),
    ("due_at", "timestamptz"),
    ("first_due_at", "timestamptz"),
    ("wake_at", "timestamptz"),
    ("master", "uuid"),
    ("application", "uuid"),
    ("body", "text"),
)
# what travels as text because unnest takes no array of arrays and no jsonb from text
_READ = {"involved": "string_to_array(new.involved, ' ')", "body": "new.body::jsonb"}
_NAMES = ", ".join(name for name, _ in _COLUMNS)
_VALUES = ", ".join(_READ.get(name, f"new.{name}") for name, _ in _COLUMNS)
_NEW = f"unnest({', '.join(f'${number}::{kind}[]' for number, (_, kind) in enumerate(_COLUMNS, 1))}) as new ({_NAMES})"
_FIXED = {"case_id", "report_id", "reported_at", "application"}
_SET = ", ".join(f"{name} = {_READ.get(name, f'new.{name}')}" for name, _ in _COLUMNS if name not in _FIXED)
# one statement for all that a part of a batch leaves behind; an event is sent once, whatever it is stored for
_WIDTH = len(_COLUMNS)
_SAID = (
    ("case_id", "uuid"),
    ("case_version", "int"),
    ("event_id", "uuid"),
    ("type", "text"),
    ("occurred_at", "timestamptz"),
    ("topic", "text"),
    ("key", "bytea"),
    ("value", "bytea"),
    ("headers", "bytea"),
)
_EVENTS = ", ".join(f"${number}::{kind}[]" for number, (_, kind) in enumerate(_SAID, _WIDTH + 1))
_HISTORY = f"""), said as materialized (
        select * from unnest({_EVENTS}) with ordinality as said ({", ".join(name for name, _ in _SAID)}, number)
    ), history as (
        insert into case_events (case_id, case_version, event_id, type, occurred_at, body)
        select case_id, case_version, event_id, type, occurred_at, convert_from(value, 'UTF8') from said
    )"""  # noqa: S608  # our own text
_REST = f"""{_HISTORY}
    insert into outbox (topic, key, value, headers) select topic, key, value, headers from said
    where {outbox.WRITES} order by number"""  # noqa: S608  # our own text
_FILE = f"""with filed as (
        insert into cases ({_NAMES}) select {_VALUES} from {_NEW}
    {_REST}"""  # noqa: S608  # our own text
_UPDATE = f"""with updated as (
        update cases set {_SET} from {_NEW} where cases.case_id = new.case_id
    {_REST}"""  # noqa: S608  # our own text
_KEEP = f"""with kept as (
        insert into cases ({_NAMES}) select {_VALUES} from {_NEW}
        on conflict (case_id) do update
        set {", ".join(f"{name} = excluded.{name}" for name, _ in _COLUMNS if name not in _FIXED)}
    {_HISTORY}
    select"""  # noqa: S608  # our own text
_PART = 50  # cases


async def file_cases(connection: Connection, changes: Iterable[Change], rules: Rules) -> list[Case]:
    """New cases with their history and, for the relay, what is published of it; `changes` may be made on the way."""
    return await _write(connection, _FILE, changes, rules)


async def update_cases(connection: Connection, changes: Iterable[Change], rules: Rules) -> None:
    """What events made of cases that this transaction has locked, with the same beside it."""
    changes = list(changes)
    await _write(connection, _UPDATE, changes, rules)
    events = [event for change in changes for event in change.events]
    await wishes_store.follow(connection, events)
    await bulletins_store.keep(connection, events)


async def keep_published(connection: Connection, changes: Iterable[Change], rules: Rules) -> None:
    """Cases new or known, as events made them that are on their topics already: nothing is sent."""
    changes = list(changes)
    await _write(connection, _KEEP, changes, rules)
    await bulletins_store.keep(connection, (event for change in changes for event in change.events))


async def _write(
    connection: Connection, statement: str, changes: Iterable[Change], rules: Rules
) -> list[Case]:
    """The database writes one part of a batch while the next is decided and put into rows."""
    writing: asyncio.Future[Any] = asyncio.ensure_future(asyncio.sleep(0))
    written: list[Case] = []
    coming = iter(changes)
    try:
        while part := list(islice(coming, _PART)):
            arguments = _arguments(part, rules)
            await writing
            writing = asyncio.ensure_future(connection.execute(statement, *arguments))
            await asyncio.sleep(0)  # it begins here
            written += [change.case for change in part]
    finally:
        await writing  # the connection is left to nobody before
    return written


def _arguments(changes: Sequence[Change], rules: Rules) -> list[Any]:
    return [
        *columns_of([_row(change, rules) for change in changes], _WIDTH),
        *columns_of([_said(event) for change in changes for event in change.events], len(_SAID)),
    ]


def _row(change: Change, rules: Rules) -> tuple[Any, ...]:
    case = change.case
    return (
        case.case_id,
        case.report_id,
        case.state,
        case.version,
        case.tier,
        *in_directory(case, rules.directory),
        case.category,
        case.urgency,
        case.urgency.level,
        case.reported_at,
        case.dispatched_at,
        _due_at(case),
        _first_due_at(case),
        _wake_at(change, rules),
        case.master,
        case.application,
        _CASE.dump_json(case, exclude_defaults=True).decode(),
    )


def in_directory(case: Case, directory: Directory) -> tuple[str | None, ...]:
    """Lead, involved, grid, community, town and district of a case that lies where it is placed now: by them it is
    listed and seen."""
    chain = directory.chain(case.grid or "")
    above = (chain.get(tier) for tier in (Tier.COMMUNITY, Tier.TOWN, Tier.DISTRICT))
    return lead_now(case, directory), " ".join(involved_now(case, directory)), case.grid, *above


def _wake_at(change: Change, rules: Rules) -> datetime | None:
    alarm = next_alarm(change.case, rules)
    return max(alarm.at, change.not_before or alarm.at) if alarm else None


def _due_at(case: Case) -> datetime | None:
    """Of the handle clock, or of the first clock that is due."""
    handle = case.clocks.get(Clock.HANDLE)
    if handle is not None and handle.due is not None:
        return handle.due
    return _first_due_at(case)


def _first_due_at(case: Case) -> datetime | None:
    return min((ticking.due for ticking in case.clocks.values() if ticking.due), default=None)


def message_of(event: CaseEvent) -> Message:
    return to_message(outbox.to_each(topic.name for topic in topics_of(event)), "router", event)


def _said(event: CaseEvent) -> tuple[Any, ...]:
    """The history holds the events as they are published."""
    message = message_of(event)
    return (
        event.case_id,
        event.case_version,
        event.event_id,
        event.type,
        event.occurred_at,
        message.topic,
        message.key,
        message.value,
        outbox.pack(message.headers),
    )
