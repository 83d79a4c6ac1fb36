"""The router's SQL for cases: found by id, locked for a command, counted."""

from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from pydantic import TypeAdapter

from contracts.vocabulary import Urgency
from delivery.database import Connection
from services.router.tables import AT_THE_DESK, OPEN
from services.router.workflow.case import Case
from services.router.workflow.situation import Joined

_CASE = TypeAdapter(Case)


async def find_case(connection: Connection, case_id: UUID) -> Case | None:
    text = await connection.fetchval("select body::text from cases where case_id = $1", case_id)
    return _case(text) if text is not None else None


async def find_cases(connection: Connection, case_ids: Sequence[UUID]) -> dict[UUID, Case]:
    """Those of them that there are."""
    rows = await connection.fetch("select body::text from cases where case_id = any($1::uuid[])", case_ids)
    return {case.case_id: case for case in (_case(row["body"]) for row in rows)}


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
        f"""select coalesce(tier, 'none') as tier, urgency, count(*) from cases
           where {OPEN} group by tier, urgency"""  # noqa: S608  # our own text
    )
    return [(row["tier"], row["urgency"], row["count"]) for row in rows]


@dataclass(frozen=True)
class Unaccounted:
    """How many cases break a promise of the ledger, and since when the first of them does."""

    what: str
    count: int
    oldest: datetime | None


_BROKEN_PROMISES = {
    "without_lead": f"not {AT_THE_DESK} and lead is null",
    # in feedback a case may wait for the desk to close it; everywhere else time moves it on
    "without_clock": "due_at is null and wake_at is null and state <> 'feedback'",
    # the timers look twice a second
    "overslept": "wake_at < $1::timestamptz - interval '1 minute'",
}


async def unaccounted(connection: Connection, now: datetime) -> list[Unaccounted]:
    """The router's part of the ledger (promise 5): in a steady state every count is zero."""
    columns = ", ".join(
        f"count(*) filter (where {broken}) as {what}, min(reported_at) filter (where {broken}) as {what}_oldest"
        for what, broken in _BROKEN_PROMISES.items()
    )
    row = await connection.fetchrow(
        f"select {columns} from cases where {OPEN}",  # noqa: S608  # our own text
        now,
    )
    return [Unaccounted(what, row[what], row[f"{what}_oldest"]) for what in _BROKEN_PROMISES]


async def count_cases(connection: Connection, begin: datetime, end: datetime) -> int:
    """Of reports accepted from `begin` until before `end`."""
    return int(
        await connection.fetchval(
            "select count(*) from cases where reported_at >= $1 and reported_at < $2 and application is null",
            begin,
            end,
        )
    )


async def oldest_undispatched(connection: Connection) -> float:
    """Seconds since the oldest report came in whose case has not been dispatched; 0 when there is none."""
    age = await connection.fetchval(
        f"""select extract(epoch from now() - min(reported_at))::float from cases
           where {AT_THE_DESK}"""  # noqa: S608  # our own text
    )
    return max(0.0, float(age or 0))  # intake's clock may be ahead of the database's


async def lock_cases(connection: Connection, case_ids: Sequence[UUID]) -> dict[UUID, Case]:
    """Those of the cases that exist, locked in one order so that no two transactions wait for each other."""
    if not case_ids:
        return {}
    rows = await connection.fetch(
        "select body::text from cases where case_id = any($1::uuid[]) order by case_id for update", case_ids
    )
    return {case.case_id: case for case in (_case(row["body"]) for row in rows)}


async def lock_found(
    connection: Connection, find: Callable[[Mapping[UUID, Case]], Awaitable[Collection[UUID]]]
) -> dict[UUID, Case]:
    """Those that `find` names, in the same order, though who they are may change while they are waited for: it is asked
    again with those that are locked. Where it names more then, all are let go and locked anew."""
    wanted = {*await find({})}
    while wanted:
        with suppress(_More):
            async with connection.transaction():  # rolled back, it lets go of what it has locked
                locked = await lock_cases(connection, [*wanted])
                found = {*await find(locked)}
                if not found <= wanted:
                    wanted |= found
                    raise _More
                return locked
    return {}


class _More(Exception):
    """Are to be locked."""


async def lock_with_kin(connection: Connection, case_id: UUID, others: Collection[UUID]) -> dict[UUID, Case]:
    """For a merge or its end: also the case that this one was merged into and those merged into it. Once the case
    itself is locked they do not change."""

    async def found(_: Mapping[UUID, Case]) -> set[UUID]:
        return {case_id, *others, *await _kin_of(connection, case_id)}

    return await lock_found(connection, found)


async def _kin_of(connection: Connection, case_id: UUID) -> set[UUID]:
    rows = await connection.fetch(
        """select case_id from cases where master = $1 and state = 'merged'
           union all select master from cases where case_id = $1 and state = 'merged'""",
        case_id,
    )
    return {row["case_id"] for row in rows}


async def lock_due(connection: Connection, now: datetime, limit: int) -> list[Case]:
    """Cases that time has come for, the longest waiting first; what another replica works is left to it."""
    rows = await connection.fetch(
        """select body::text from cases where wake_at <= $1 order by wake_at limit $2
           for no key update skip locked""",
        now,
        limit,
    )
    return [_case(row["body"]) for row in rows]


async def lock_children(connection: Connection, case_id: UUID) -> list[Case]:
    """The cases that were merged into this one."""
    rows = await connection.fetch(
        "select body::text from cases where master = $1 and state = 'merged' order by case_id for update",
        case_id,
    )
    return [_case(row["body"]) for row in rows]


async def reports_joined(connection: Connection, case_id: UUID) -> tuple[Joined, ...]:
    """The reports of the cases that were merged into this one."""
    return (await reports_joined_to(connection, [case_id])).get(case_id, ())


async def reports_joined_to(
    connection: Connection, case_ids: Sequence[UUID]
) -> dict[UUID, tuple[Joined, ...]]:
    """By master; one that nothing was merged into is not among them."""
    rows = await connection.fetch(
        """select master, report_id, reporter_ref from cases where master = any($1::uuid[]) and state = 'merged'
           order by case_id""",
        case_ids,
    )
    joined: dict[UUID, tuple[Joined, ...]] = {}
    for row in rows:
        joined[row["master"]] = (
            *joined.get(row["master"], ()),
            Joined(row["report_id"], row["reporter_ref"]),
        )
    return joined


async def open_under(
    connection: Connection, areas: Collection[str], categories: Collection[str], below: Urgency
) -> list[UUID]:
    """What is open in those areas (none: everywhere), of those categories, and less urgent than that."""
    rows = await connection.fetch(
        f"""select case_id from cases
            where {OPEN} and category = any($2::text[]) and urgency_level < $3 and (cardinality($1::text[]) = 0
                or grid = any($1) or community = any($1) or town = any($1) or district = any($1))
            order by case_id""",  # noqa: S608  # our own text
        list(areas),
        list(categories),
        below.level,
    )
    return [row["case_id"] for row in rows]


def _case(text: str) -> Case:
    return _CASE.validate_json(text)
