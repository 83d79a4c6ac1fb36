"""Assessment's SQL."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import asyncpg

from contracts.envelope import CaseEnvelope
from delivery.database import Connection, columns_of
from delivery.turns import take_turns
from services.assessment.assignments import Noted, note
from services.assessment.cohort import Assignment, Outcome, cohort_at, counts


async def add_notes(connection: Connection, events: Sequence[CaseEnvelope[Any]]) -> None:
    rows = [(event.case_id, *vars(note(event)).values()) for event in events]
    await connection.execute(
        """insert into case_notes (case_id, case_version, at, type, round, unit, limit_at, granted, cause)
           select * from unnest($1::uuid[], $2::int[], $3::timestamptz[], $4::text[], $5::int[], $6::text[],
               $7::timestamptz[], $8::bool[], $9::text[])
           on conflict do nothing""",
        *map(list, zip(*rows, strict=True)),
    )


async def lock_notes(connection: Connection, case_ids: Collection[UUID]) -> dict[UUID, list[Noted]]:
    """Everything noted about the cases, which nobody else changes until the transaction ends."""
    await take_turns(connection, case_ids)
    rows = await connection.fetch(
        """select case_id, case_version, at, type, round, unit, limit_at, granted, cause from case_notes
           where case_id = any($1::uuid[])""",
        list(case_ids),
    )
    found: dict[UUID, list[Noted]] = defaultdict(list)
    for case_id, *said in (tuple(row) for row in rows):
        found[case_id].append(Noted(*said))
    return found


async def cases_after(connection: Connection, case_id: UUID, limit: int) -> list[UUID]:
    """The next cases of which something is noted, in order."""
    rows = await connection.fetch(
        "select distinct case_id from case_notes where case_id > $1 order by case_id limit $2", case_id, limit
    )
    return [row["case_id"] for row in rows]


async def replace_assignments(connection: Connection, by_case: dict[UUID, dict[int, Assignment]]) -> None:
    """Only what counts is kept: an assignment that was taken from its unit is in no rate."""
    await connection.execute("delete from assignments where case_id = any($1::uuid[])", list(by_case))
    rows = [row for case_id, rounds in by_case.items() for row in _rows(case_id, rounds)]
    await connection.execute(
        """insert into assignments (
               case_id, round, unit, limit_at, finished_at, exempt, cohort_at, paused_at, to_finish
           )
           select * from unnest($1::uuid[], $2::int[], $3::text[], $4::timestamptz[], $5::timestamptz[], $6::bool[],
               $7::timestamptz[], $8::timestamptz[], $9::bool[])""",
        *columns_of(rows, 9),
    )


def _rows(case_id: UUID, rounds: dict[int, Assignment]) -> list[tuple[Any, ...]]:
    kept = {number: each for number, each in rounds.items() if counts(each)}
    return [
        (
            *(case_id, number, each.unit, each.limit_at, each.finished_at),
            *(each.exempt, cohort_at(each), each.paused_at),
            each.finished_at is None and number == max(kept),
        )
        for number, each in kept.items()
    ]


async def count_outcomes(
    connection: Connection, units: Collection[str], *, begins: datetime, ends: datetime, as_of: datetime
) -> dict[str, dict[Outcome, int]]:
    """How many assignments of each unit's period count as what: `cohort.outcome`, told where the rows are, because a
    unit has any number of them."""
    rows = await connection.fetch(
        """select unit,
               count(*) filter (where done and in_time) as in_time,
               count(*) filter (where done and not in_time) as late,
               count(*) filter (where not done and overdue) as open_late,
               count(*) filter (where not done and not overdue) as pending
           from assignments cross join lateral (select
               finished_at is not null and finished_at <= $4 as done,
               exempt or finished_at <= limit_at as in_time,
               not exempt and limit_at <= least($4, paused_at) as overdue
           ) as seen
           where unit = any($1::text[]) and cohort_at >= $2 and cohort_at < $3
           group by unit""",
        list(units),
        begins,
        ends,
        as_of,
    )
    counted = {row["unit"]: {each: row[each] for each in Outcome} for row in rows}
    return {unit: counted.get(unit, dict.fromkeys(Outcome, 0)) for unit in units}


async def units_in(
    connection: Connection,
    *,
    among: Collection[str] | None,
    begins: datetime,
    ends: datetime,
    after: str,
    limit: int,
) -> list[str]:
    """Units with something that counts in the period, in order; None is among all there are."""
    # from unit to unit along the index: the cost is that of the units, not of all that they ever had to do;
    # joined one by one, they stay in order and end with the page
    rows: list[asyncpg.Record] = await connection.fetch(
        """with recursive known (unit) as (
               (select unit from assignments where $5::text[] is null and unit > $3 order by unit limit 1)
               union all
               select (select later.unit from assignments later where later.unit > known.unit order by 1 limit 1)
               from known where known.unit is not null
           ), asked (unit) as (
               select unit from known
               union all
               (select code from unnest($5::text[]) as code where code > $3 order by code)
           )
           select unit from asked cross join lateral (
               select from assignments where assignments.unit = asked.unit and cohort_at >= $1 and cohort_at < $2
               limit 1
           ) as counted limit $4""",
        begins,
        ends,
        after,
        limit,
        None if among is None else list(among),
    )
    return [row["unit"] for row in rows]


async def count_open(connection: Connection) -> tuple[int, int]:
    """How many assignments are still to be finished, and how many of them are late."""
    row = await connection.fetchrow(
        """select count(*), count(*) filter (where limit_at <= coalesce(paused_at, now())) as late
           from assignments where to_finish"""
    )
    return row["count"], row["late"]
