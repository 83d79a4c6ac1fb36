"""The SQL of duplicates: what lies around a batch of reports, and what is kept of how cases hang together."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from functools import partial
from typing import Any
from uuid import UUID

import asyncpg

from contracts.likeness import Matter, class_of, degrees_around, kind_of
from contracts.vocabulary import Privacy, Procedure, Urgency
from delivery.database import Connection, columns_of
from services.router.duplicates.linking import Linked, Surroundings
from services.router.duplicates.score import Candidate, danger_of, joins_by
from services.router.tables import CLOSED, LOOKED_UP, OPEN
from services.router.workflow.commands.linking import HANDLED

_MOST = 20  # of each sort around one report: beyond it the newest stand for all

_COLUMNS = """c.case_id, c.grid, c.community, c.district, c.category, c.lon, c.lat, c.component_id, c.reporter_ref,
    c.reported_at, c.due_at - c.dispatched_at as limit, c.body ->> 'text' as text,
    coalesce(c.body ->> 'privacy', 'open') as privacy,
    coalesce((c.body ->> 'confidential')::boolean, false) as confidential,
    c.urgency, c.body ->> 'procedure' as procedure, c.state"""
_SAME_PLACE = """c.class = a.class and c.lat between a.south and a.north and c.lon between a.west and a.east
    and (c.community = a.community or (a.widespread and c.district = a.district))"""
# as an expression, so that no index of all that is of the class is walked beside the reporter's own
_SAME_CLASS = "c.class || '' = a.class"
_OPEN, _CLOSED = LOOKED_UP[OPEN], LOOKED_UP[CLOSED]
_SAME_COMPONENT = "c.component_id = a.component_id and c.component_id is not null and c.class is not null"


def _the_newest(condition: str) -> str:
    found = f"from cases c where {condition} order by c.reported_at desc limit {_MOST}"
    return f"(select {_COLUMNS} {found})"


# each branch has an index of its own: what it costs depends on what is near, not on how many cases there are. What two
# branches find comes twice: a union without `all` wants its rows in order, and for that, while the planner believes
# that there are none, it walks every case there is by its primary key
_AROUND = f"""
    with asked as (
        select * from unnest($1::int[], $2::text[], $3::float8[], $4::float8[], $5::float8[], $6::float8[], $7::text[],
            $8::text[], $9::text[], $10::boolean[], $11::text[])
            as asked (number, class, west, east, south, north, component_id, community, district, widespread, reporter)
    ), found as (
        select a.number, near.*, 'open' as sort from asked a cross join lateral (
            {_the_newest(f"{_OPEN} and {_SAME_PLACE}")}
            union all {_the_newest(f"{_OPEN} and {_SAME_COMPONENT}")}
            union all {_the_newest(f"{_OPEN} and c.reporter_ref = a.reporter and {_SAME_CLASS}")}
        ) near
        union all
        select a.number, near.*, 'closed' from asked a cross join lateral (
            {_the_newest(f"{_CLOSED} and {_SAME_PLACE}")}
            union all {_the_newest(f"{_CLOSED} and {_SAME_COMPONENT}")}
        ) near
    )
    select f.*, joined.reporters, joined.last_at, joined.component_id as joined_component, ended.closed_at from found f
    left join lateral (
        select array_agg(distinct m.reporter_ref) filter (where m.reporter_ref is not null) as reporters,
            max(m.reported_at) as last_at, min(m.component_id) as component_id
        from cases m where f.sort = 'open' and m.master = f.case_id and m.state = 'merged'
    ) joined on true
    left join lateral (
        select max(e.occurred_at) as closed_at from case_events e
        where f.sort = 'closed' and e.case_id = f.case_id and e.type = 'case.closed'
    ) ended on true"""  # noqa: S608  # our own text

# soft point S3: within 90 days, of a matter that is open or was closed at most 30 days ago. A value is asked for, not
# whether one exists: that would be a join, with every case there is while the planner believes that there are none
_SAME_REPORTER = f"""
    select a.number, said.times
    from unnest($1::int[], $2::text[], $3::text[], $4::text[], $5::timestamptz[], $6::uuid[])
        as a (number, reporter, class, community, at, case_id)
    cross join lateral (
        select count(*) as times from cases c
        where c.reporter_ref = a.reporter and c.reported_at between a.at - interval '90 days' and a.at
        and {_SAME_CLASS} and c.community = a.community and c.case_id <> a.case_id
        and (
            select m.{OPEN} or (m.state = 'closed' and a.at - interval '30 days' <= (
                select max(e.occurred_at) from case_events e where e.case_id = m.case_id and e.type = 'case.closed'))
            from cases m where m.case_id = case when c.state = 'merged' then c.master else c.case_id end)
    ) said"""  # noqa: S608


# in one order, so that no two batches wait for each other
_ONE_AFTER_ANOTHER = """
    select pg_advisory_xact_lock(key)
    from (select distinct hashtextextended(name, 3) as key from unnest($1::text[]) as name order by 1) as keys"""


async def look_around(connection: Connection, new: Sequence[Candidate]) -> list[Surroundings]:
    """What lies around each report of a batch: open cases it may belong to, closed ones, and how often he said it.

    Whoever else works a report that would join the same case by itself is waited for until he has committed.
    """
    if names := [name for each in new for name in joins_by(each)]:
        await connection.execute(_ONE_AFTER_ANOTHER, names)
    rows = await connection.fetch(_AROUND, *columns_of([_asked(*each) for each in enumerate(new)], 11))
    times = await _times_said(connection, new)
    found: defaultdict[tuple[int, str], dict[UUID, asyncpg.Record]] = defaultdict(dict)
    for row in rows:
        found[row["number"], row["sort"]][row["case_id"]] = row
    return [
        Surroundings(
            _candidates(found[number, "open"]), _candidates(found[number, "closed"]), times.get(number, 0) + 1
        )
        for number in range(len(new))
    ]


async def keep_suggestions(
    connection: Connection, linked: Iterable[tuple[UUID, Linked]], at: datetime
) -> None:
    """For a person to answer; merges and what came back are the workflow's to remember."""
    suggested = [
        (case_id, suggestion.master, asdict(suggestion.likeness), at)
        for case_id, links in linked
        for suggestion in links.suggestions
    ]
    if suggested:
        await connection.execute(
            """insert into merge_suggestions (case_id, master_case_id, likeness, suggested_at)
               select * from unnest($1::uuid[], $2::uuid[], $3::jsonb[], $4::timestamptz[])
               on conflict do nothing""",
            *columns_of(suggested, 4),
        )


async def similar_cases(connection: Connection, case_id: UUID) -> list[asyncpg.Record]:
    """Open cases that were suggested as one matter with this one, whichever came first; the likeliest first."""
    rows: list[asyncpg.Record] = await connection.fetch(
        f"""select c.case_id, c.state, c.category, c.urgency, c.lead, c.grid, c.reported_at, s.likeness
            from (
                select master_case_id as case_id, likeness, suggested_at from merge_suggestions where case_id = $1
                union select case_id, likeness, suggested_at from merge_suggestions where master_case_id = $1
            ) s join cases c on c.case_id = s.case_id and {OPEN}
            order by (s.likeness ->> 'score')::float8 desc, s.suggested_at""",  # noqa: S608
        case_id,
    )
    return rows


async def masters_of(connection: Connection, case_ids: Sequence[UUID]) -> dict[UUID, UUID]:
    """The case that answers for each: itself, or the one that it was merged into."""
    rows = await connection.fetch(
        """select case_id, case when state = 'merged' then coalesce(master, case_id) else case_id end as answers
           from cases where case_id = any($1::uuid[])""",
        case_ids,
    )
    return {row["case_id"]: row["answers"] for row in rows}


def _asked(number: int, new: Candidate) -> tuple[Any, ...]:
    matter, kind = new.matter, kind_of(new.matter.category)
    west = east = south = north = None
    if matter.lon is not None and matter.lat is not None and kind.radius > 0:
        width, height = degrees_around(kind.radius, matter.lat)
        west, east, south, north = (
            matter.lon - width,
            matter.lon + width,
            matter.lat - height,
            matter.lat + height,
        )
    area = (new.community, new.district, kind.widespread)
    return (
        *(number, class_of(matter.category), west, east, south, north, matter.component_id),
        *(*area, next(iter(new.reporters), None)),
    )


async def _times_said(connection: Connection, new: Sequence[Candidate]) -> dict[int, int]:
    known = [
        (number, reporter, class_of(each.matter.category), each.community, each.matter.at, each.case_id)
        for number, each in enumerate(new)
        for reporter in each.reporters
    ]
    if not known:
        return {}
    rows = await connection.fetch(_SAME_REPORTER, *columns_of(known, 6))
    return {row["number"]: row["times"] for row in rows}


def _candidates(rows: Mapping[UUID, asyncpg.Record]) -> tuple[Candidate, ...]:
    return tuple(_candidate(row) for row in rows.values())


def _candidate(row: asyncpg.Record) -> Candidate:
    matter = Matter(
        category=row["category"],
        text=row["text"],
        at=max(filter(None, (row["reported_at"], row["last_at"]))),
        lon=row["lon"],
        lat=row["lat"],
        component_id=row["component_id"] or row["joined_component"],
        limit=row["limit"] or Matter.limit,
    )
    return Candidate(
        case_id=row["case_id"],
        matter=matter,
        grid=row["grid"],
        community=row["community"],
        district=row["district"],
        privacy=Privacy(row["privacy"]),
        confidential=row["confidential"],
        reporters=frozenset(filter(None, (row["reporter_ref"], *(row["reporters"] or ())))),
        closed_at=row["closed_at"],
        handled=row["state"] in HANDLED,
        danger=partial(danger_of, row["procedure"] and Procedure(row["procedure"]), Urgency(row["urgency"])),
    )
