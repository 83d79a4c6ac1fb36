"""The router's SQL for cases: written in batches, found by id."""

from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from pydantic import TypeAdapter

from contracts.vocabulary import Clock, Tier
from delivery.database import Connection
from services.router.case import Case
from services.router.directory import Directory
from services.router.lifecycle import CaseEvent

_CASE = TypeAdapter(Case)


class CaseNotFound(LookupError):
    """No case has this id."""


async def insert_cases(connection: Connection, cases: Sequence[Case], directory: Directory) -> None:
    rows = [_row(case, directory) for case in cases]
    await connection.execute(
        """insert into cases (case_id, report_id, state, version, tier, lead, involved, grid, community, town, district,
               category, urgency, urgency_level, reported_at, dispatched_at, due_at, body)
           select case_id, report_id, state, version, tier, lead, string_to_array(involved, ' '), grid, community, town,
               district, category, urgency, urgency_level, reported_at, dispatched_at, due_at, body::jsonb
           from unnest($1::uuid[], $2::uuid[], $3::text[], $4::int[], $5::text[], $6::text[], $7::text[], $8::text[],
               $9::text[], $10::text[], $11::text[], $12::text[], $13::text[], $14::int[], $15::timestamptz[],
               $16::timestamptz[], $17::timestamptz[], $18::text[])
               as new (case_id, report_id, state, version, tier, lead, involved, grid, community, town, district,
               category, urgency, urgency_level, reported_at, dispatched_at, due_at, body)""",
        *_columns(rows, 18),
    )
    await _start_clocks(
        connection, [(case.case_id, clock, at) for case in cases for clock, at in case.limits.items()]
    )


async def update_case(connection: Connection, case: Case, directory: Directory) -> None:
    """The case is locked by `lock_case`."""
    values = dict(zip(_UPDATED, _row(case, directory), strict=True))
    await connection.execute(
        """update cases set state = $2, version = $3, tier = $4, lead = $5, involved = string_to_array($6, ' '),
               grid = $7, community = $8, town = $9, district = $10, category = $11, urgency = $12,
               urgency_level = $13, dispatched_at = $14, due_at = $15, body = $16::text::jsonb
           where case_id = $1""",
        *(values[name] for name in _UPDATED if name not in ("report_id", "reported_at")),
    )
    await connection.execute("delete from clocks where case_id = $1", case.case_id)
    await _start_clocks(connection, [(case.case_id, clock, at) for clock, at in case.limits.items()])


async def append_events(connection: Connection, events: Sequence[CaseEvent], bodies: Sequence[bytes]) -> None:
    """History; `bodies` are the events as they are published."""
    rows = [
        (event.case_id, event.case_version, event.event_id, event.type, event.occurred_at, body.decode())
        for event, body in zip(events, bodies, strict=True)
    ]
    await connection.execute(
        """insert into case_events (case_id, case_version, event_id, type, occurred_at, body)
           select * from unnest($1::uuid[], $2::int[], $3::uuid[], $4::text[], $5::timestamptz[], $6::text[])""",
        *_columns(rows, 6),
    )


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


async def _start_clocks(connection: Connection, running: Sequence[tuple[UUID, Clock, Any]]) -> None:
    if running:
        await connection.execute(
            """insert into clocks (case_id, clock, limit_at)
               select * from unnest($1::uuid[], $2::text[], $3::timestamptz[])""",
            *_columns(running, 3),
        )


def _columns(rows: Iterable[Sequence[Any]], width: int) -> list[list[Any]]:
    """Rows as columns for unnest; `width` because there may be no row to tell."""
    columns = [list(column) for column in zip(*rows, strict=True)]
    return columns or [[] for _ in range(width)]


def _case(text: str | None) -> Case:
    if text is None:
        raise CaseNotFound
    return _CASE.validate_json(text)
