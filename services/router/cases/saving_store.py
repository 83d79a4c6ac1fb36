"""The router's SQL that keeps what rules made of cases: the case, its history, and what the relay has to send."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pydantic import TypeAdapter

from contracts.envelope import Message
from contracts.events import messages_of
from contracts.vocabulary import Clock, Tier
from delivery import outbox
from delivery.database import Connection
from services.router.workflow.alarms import next_alarm
from services.router.workflow.case import Case
from services.router.workflow.lifecycle import CaseEvent
from services.router.workflow.situation import Rules

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
    ("wake_at", "timestamptz"),
    ("master", "uuid"),
    ("body", "text"),
)
# what travels as text because unnest takes no array of arrays and no jsonb from text
_READ = {"involved": "string_to_array(new.involved, ' ')", "body": "new.body::jsonb"}
_NAMES = ", ".join(name for name, _ in _COLUMNS)
_VALUES = ", ".join(_READ.get(name, f"new.{name}") for name, _ in _COLUMNS)
_NEW = f"unnest({', '.join(f'${{}}::{kind}[]' for _, kind in _COLUMNS)}) as new ({_NAMES})"
_FIXED = {"case_id", "report_id", "reported_at"}
_SET = ", ".join(f"{name} = {_READ.get(name, f'new.{name}')}" for name, _ in _COLUMNS if name not in _FIXED)
_EVENTS = """insert into case_events (case_id, case_version, event_id, type, occurred_at, body)
    select * from unnest(${}::uuid[], ${}::int[], ${}::uuid[], ${}::text[], ${}::timestamptz[], ${}::text[])"""

# one statement for all that a batch leaves behind, and so one round trip
_WIDTH = len(_COLUMNS)
_AFTER_CASES = 5 + _WIDTH
_REST = f"""), events as (
        {_EVENTS.format(*range(_AFTER_CASES, _AFTER_CASES + 6))}
    )
    {outbox.INSERT.format(1, 2, 3, 4)}"""
_FILE = f"""with cases as (
        insert into cases ({_NAMES}) select {_VALUES} from {_NEW.format(*range(5, _AFTER_CASES))}
    {_REST}"""  # noqa: S608  # our own text
_UPDATE = f"""with cases as (
        update cases set {_SET} from {_NEW.format(*range(5, _AFTER_CASES))} where cases.case_id = new.case_id
    {_REST}"""  # noqa: S608  # our own text


async def file_cases(connection: Connection, changes: Sequence[Change], rules: Rules) -> None:
    """New cases with their history and, for the relay, what is published of it."""
    await connection.execute(_FILE, *_arguments(changes, rules))


async def update_cases(connection: Connection, changes: Sequence[Change], rules: Rules) -> None:
    """What events made of cases that this transaction has locked, with the same beside it."""
    await connection.execute(_UPDATE, *_arguments(changes, rules))


def _arguments(changes: Sequence[Change], rules: Rules) -> list[Any]:
    published = [(event, messages_of("router", event)) for change in changes for event in change.events]
    return [
        *outbox.columns([message for _, messages in published for message in messages]),
        *_transposed([_row(change, rules) for change in changes], _WIDTH),
        *_transposed([_said(event, messages) for event, messages in published], 6),
    ]


def _row(change: Change, rules: Rules) -> tuple[Any, ...]:
    case = change.case
    chain = rules.directory.chain(case.grid or "")
    involved = " ".join(filter(None, (case.lead, *case.co_handlers, *case.copies, case.tracker)))
    return (
        case.case_id,
        case.report_id,
        case.state,
        case.version,
        case.tier,
        case.lead,
        involved,
        case.grid,
        chain.get(Tier.COMMUNITY),
        chain.get(Tier.TOWN),
        chain.get(Tier.DISTRICT),
        case.category,
        case.urgency,
        case.urgency.level,
        case.reported_at,
        case.dispatched_at,
        _due_at(case),
        _wake_at(change, rules),
        case.master,
        _CASE.dump_json(case, exclude_defaults=True).decode(),
    )


def _wake_at(change: Change, rules: Rules) -> datetime | None:
    alarm = next_alarm(change.case, rules)
    return max(alarm.at, change.not_before or alarm.at) if alarm else None


def _due_at(case: Case) -> datetime | None:
    """Of the handle clock, or of the first clock that is due."""
    handle = case.clocks.get(Clock.HANDLE)
    if handle is not None and handle.due is not None:
        return handle.due
    return min((ticking.due for ticking in case.clocks.values() if ticking.due), default=None)


def _said(event: CaseEvent, messages: Sequence[Message]) -> tuple[Any, ...]:
    """The history holds the events as they are published."""
    text = (messages[0].value or b"").decode()
    return event.case_id, event.case_version, event.event_id, event.type, event.occurred_at, text


def _transposed(rows: Iterable[Sequence[Any]], width: int) -> list[list[Any]]:
    """Rows as columns for unnest; `width` because there may be no row to tell."""
    return [list(column) for column in zip(*rows, strict=True)] or [[] for _ in range(width)]
