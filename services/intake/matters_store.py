"""What cases are about, kept from their events, and found again around a place."""

from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

import asyncpg

from contracts.envelope import CaseEnvelope
from contracts.facts.case import CaseFiled
from contracts.likeness import Matter, class_of, degrees_around
from delivery.database import Connection

_OPENS = {"case.accepted", "case.filed", "case.unmerged", "case.reopened", "approval.reopened"}
_ENDS = {"case.closed", "case.archived", "case.rejected", "case.handed_over", "case.merged", "case.voided"}
_LOOKED_AT = 200
_FARTHEST = 1000.0  # metres: as far as any matter reaches


async def keep(connection: Connection, events: Sequence[CaseEnvelope[Any]]) -> None:
    """In whatever order the events of a case come."""
    filed = _last_of_each_case(event for event in events if isinstance(event.data, CaseFiled))
    turned = _last_of_each_case(event for event in events if event.type in _OPENS | _ENDS)
    if filed:
        await connection.execute(
            """insert into matters (case_id, category, lon, lat, component_id, filed_version)
               select * from unnest($1::uuid[], $2::text[], $3::float8[], $4::float8[], $5::text[], $6::int[])
               on conflict (case_id) do update
               set category = excluded.category, lon = excluded.lon, lat = excluded.lat,
                   component_id = excluded.component_id, filed_version = excluded.filed_version
               where matters.filed_version < excluded.filed_version""",
            *map(list, zip(*(_filed(event) for event in filed), strict=True)),
        )
    if turned:
        rows = ((event.case_id, event.type in _OPENS, event.case_version) for event in turned)
        await connection.execute(
            """insert into matters (case_id, is_open, open_version)
               select * from unnest($1::uuid[], $2::boolean[], $3::int[])
               on conflict (case_id) do update set is_open = excluded.is_open, open_version = excluded.open_version
               where matters.open_version < excluded.open_version""",
            *map(list, zip(*rows, strict=True)),
        )


async def around(connection: Connection, asked: Matter) -> list[asyncpg.Record]:
    """Open cases near the place or of the component, of the same class first, then the nearest; none that a reporter,
    its category or a person keeps confidential."""
    west, east, south, north = _box(asked)
    rows: list[asyncpg.Record] = await connection.fetch(
        """select m.case_id, m.category, m.lon, m.lat, m.component_id, r.body ->> 'text' as text, r.accepted_at,
               coalesce(later.at, r.accepted_at) as at, progress.step, progress.limit
           from matters m join reports r using (case_id)
           left join lateral (
               select max(other.accepted_at) as at from joined j join reports other using (case_id)
               where j.master = m.case_id
           ) later on true
           left join lateral (
               select (array_agg(p.step order by p.case_version desc))[1] as step,
                   max(p.expected_by - p.at) filter (where p.step = 'dispatched') as limit
               from case_progress p where p.case_id = m.case_id
           ) progress on true
           where m.is_open and m.privacy in ('open', 'restricted')
             and (m.component_id = $5 or (m.lat between $3 and $4 and m.lon between $1 and $2))
           order by m.component_id is not distinct from $5 and $5 is not null desc,
               split_part(m.category, '-', 1) = $6 desc, power(m.lon - $7, 2) + power(m.lat - $8, 2)
           limit $9""",
        *(west, east, south, north, asked.component_id, class_of(asked.category), asked.lon, asked.lat),
        _LOOKED_AT,
    )
    return rows


def _box(asked: Matter) -> tuple[float | None, ...]:
    """West, east, south, north of everything that may be meant."""
    if asked.lon is None or asked.lat is None:
        return (None,) * 4
    width, height = degrees_around(_FARTHEST, asked.lat)
    return asked.lon - width, asked.lon + width, asked.lat - height, asked.lat + height


def _filed(event: CaseEnvelope[Any]) -> tuple[Any, ...]:
    place = event.data.place
    where = (place.lon, place.lat, place.component_id) if place else (None, None, None)
    return (event.case_id, event.category, *where, event.case_version)


def _last_of_each_case(events: Iterable[CaseEnvelope[Any]]) -> list[CaseEnvelope[Any]]:
    last: dict[UUID, CaseEnvelope[Any]] = {}
    for event in events:
        if event.case_id not in last or event.case_version > last[event.case_id].case_version:
            last[event.case_id] = event
    return list(last.values())
