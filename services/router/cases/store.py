"""The router's SQL for cases: written in batches, found by id."""

from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from pydantic import TypeAdapter

from contracts.envelope import Message
from contracts.vocabulary import Clock, Tier
from delivery import outbox
from delivery.database import Connection
from services.router.directory.directory import Directory
from services.router.workflow.case import Case
from services.router.workflow.lifecycle import CaseEvent

_CASE = TypeAdapter(Case)

_START_CLOCKS = """insert into clocks (case_id, clock, limit_at)
    select * from unnest(${}::uuid[], ${}::text[], ${}::timestamptz[])"""
_APPEND_EVENTS = """insert into case_events (case_id, case_version, event_id, type, occurred_at, body)
    select * from unnest(${}::uuid[], ${}::int[], ${}::uuid[], ${}::text[], ${}::timestamptz[], ${}::text[])"""


class CaseNotFound(LookupError):
    """No case has this id."""


# one statement for all that a batch of new cases leaves behind, and so one round trip
_FILE = f"""
    with cases as (
        insert into cases (case_id, report_id, state, version, tier, lead, involved, grid, community, town, district,
            category, urgency, urgency_level, reported_at, dispatched_at, due_at, body)
        select case_id, report_id, state, version, tier, lead, string_to_array(involved, ' '), grid, community, town,
            district, category, urgency, urgency_level, reported_at, dispatched_at, due_at, body::jsonb
        from unnest($5::uuid[], $6::uuid[], $7::text[], $8::int[], $9::text[], $10::text[], $11::text[], $12::text[],
            $13::text[], $14::text[], $15::text[], $16::text[], $17::text[], $18::int[], $19::timestamptz[],
            $20::timestamptz[], $21::timestamptz[], $22::text[])
            as new (case_id, report_id, state, version, tier, lead, involved, grid, community, town, district,
            category, urgency, urgency_level, reported_at, dispatched_at, due_at, body)
    ), clocks as (
        {_START_CLOCKS.format(23, 24, 25)}
    ), events as (
        {_APPEND_EVENTS.format(26, 27, 28, 29, 30, 31)}
    )
    {outbox.INSERT.format(1, 2, 3, 4)}"""  # noqa: S608  # our own text


async def file_cases(
    connection: Connection,
    cases: Sequence[Case],
    events: Sequence[CaseEvent],
    published: Sequence[Sequence[Message]],
    directory: Directory,
) -> None:
    """New cases with their clocks, their history and, for the relay, what is published of it."""
    await connection.execute(
        _FILE,
        *outbox.columns([message for messages in published for message in messages]),
        *_columns([_row(case, directory) for case in cases], 18),
        *_columns(_running(cases), 3),
        *_columns(_said(events, published), 6),
    )


async def update_case(
    connection: Connection,
    case: Case,
    events: Sequence[CaseEvent],
    published: Sequence[Sequence[Message]],
    directory: Directory,
) -> None:
    """What `events` made of a case that is locked by `lock_case`, with the same as `file_cases` beside it."""
    values = dict(zip(_UPDATED, _row(case, directory), strict=True))
    await connection.execute(
        """update cases set state = $2, version = $3, tier = $4, lead = $5, involved = string_to_array($6, ' '),
               grid = $7, community = $8, town = $9, district = $10, category = $11, urgency = $12,
               urgency_level = $13, dispatched_at = $14, due_at = $15, body = $16::text::jsonb
           where case_id = $1""",
        *(values[name] for name in _UPDATED if name not in ("report_id", "reported_at")),
    )
    await connection.execute("delete from clocks where case_id = $1", case.case_id)
    await connection.execute(_START_CLOCKS.format(1, 2, 3), *_columns(_running([case]), 3))
    await connection.execute(_APPEND_EVENTS.format(*range(1, 7)), *_columns(_said(events, published), 6))
    await outbox.add(connection, [message for messages in published for message in messages])


async def lock_case(connection: Connection, case_id: UUID) -> Case:
    """The case, locked until the end of the transaction: commands on one case happen one after the other."""
    return _case(
        await connection.fetchval("select body::text from cases where case_id = $1 for update", case_id)
    )


async def find_case(connection: Connection, case_id: UUID) -> Case:
    return _case(await connection.fetchval("select body::text from cases where case_id = $1", case_id))


async def history(connection: Connection, case_id: UUID, *, after: int, limit: int) -> list[tuple[int, str]]:
    """The case's events in order, as (version, JSON text)."""
    rows = await connection.fetch(
        """select case_version, body from case_events where case_id = $1 and case_version > $2
           order by case_version limit $3""",
        case_id,
        after,
        limit,
    )
    return [(row["case_version"], row["body"]) for row in rows]


async def open_cases(connection: Connection) -> list[tuple[str, str, int]]:
    """How many cases are open, by tier and urgency."""
    rows = await connection.fetch(
        """select coalesce(tier, 'none') as tier, urgency, count(*) from cases
           where state not in ('closed', 'archived', 'rejected', 'handed_over', 'merged', 'voided')
           group by tier, urgency"""
    )
    return [(row["tier"], row["urgency"], row["count"]) for row in rows]


async def oldest_undispatched(connection: Connection) -> float:
    """Seconds since the oldest report came in whose case has not been dispatched; 0 when there is none."""
    age = await connection.fetchval(
        "select extract(epoch from now() - min(reported_at))::float from cases where dispatched_at is null"
    )
    return float(age or 0)


_UPDATED = (
    *(
        "case_id",
        "report_id",
        "state",
        "version",
        "tier",
        "lead",
        "involved",
        "grid",
        "community",
        "town",
        "district",
    ),
    *("category", "urgency", "urgency_level", "reported_at", "dispatched_at", "due_at", "body"),
)


def _row(case: Case, directory: Directory) -> tuple[Any, ...]:
    chain = directory.chain(case.grid or "")
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
        case.limits.get(Clock.HANDLE) or min(case.limits.values(), default=None),
        _CASE.dump_json(case).decode(),
    )


def _running(cases: Iterable[Case]) -> list[tuple[Any, ...]]:
    return [(case.case_id, clock, at) for case in cases for clock, at in case.limits.items()]


def _said(events: Iterable[CaseEvent], published: Iterable[Sequence[Message]]) -> list[tuple[Any, ...]]:
    """The history holds the events as they are published."""
    return [
        (event.case_id, event.case_version, event.event_id, event.type, event.occurred_at, _text(messages))
        for event, messages in zip(events, published, strict=True)
    ]


def _text(messages: Sequence[Message]) -> str:
    return (messages[0].value or b"").decode()


def _columns(rows: Iterable[Sequence[Any]], width: int) -> list[list[Any]]:
    """Rows as columns for unnest; `width` because there may be no row to tell."""
    columns = [list(column) for column in zip(*rows, strict=True)]
    return columns or [[] for _ in range(width)]


def _case(text: str | None) -> Case:
    if text is None:
        raise CaseNotFound
    return _CASE.validate_json(text)
