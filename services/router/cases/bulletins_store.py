"""The bulletin (通报): which limits passed so long ago that stage L3 came, kept with the events that say so."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

import asyncpg
import sqlalchemy as sa
from pydantic import BaseModel

from contracts.facts.case import CaseSupervised
from delivery.database import Connection, columns_of, fetch, planned_anew
from delivery.field_types import Instant, Integer
from services.router.cases.queue import within
from services.router.cases.visibility import Reach
from services.router.tables import bulletins, case_events, cases
from services.router.workflow.lifecycle import CaseEvent


class Listed(BaseModel):
    """Where a line of it stands: the newest first."""

    at: Instant
    case_id: UUID
    case_version: Integer


async def keep(connection: Connection, events: Iterable[CaseEvent]) -> None:
    rows = [
        (event.case_id, event.case_version, event.occurred_at)
        for event in events
        if isinstance(event.data, CaseSupervised) and event.data.stage == "L3"
    ]
    if rows:
        await connection.execute(
            """insert into bulletins (case_id, case_version, at)
               select * from unnest($1::uuid[], $2::int[], $3::timestamptz[]) on conflict do nothing""",
            *columns_of(rows, 3),
        )


async def page(
    connection: Connection,
    reach: Reach,
    *,
    begins: datetime,
    ends: datetime,
    after: Listed | None,
    limit: int,
) -> list[asyncpg.Record]:
    """With the event as it was published, and the state that its case is in now."""
    place = (bulletins.c.at, bulletins.c.case_id, bulletins.c.case_version)
    said = sa.and_(*(case_events.c[name] == bulletins.c[name] for name in ("case_id", "case_version")))
    query = (
        sa.select(*place, case_events.c.body, cases.c.state)
        .select_from(bulletins.join(case_events, said).join(cases, cases.c.case_id == bulletins.c.case_id))
        .where(bulletins.c.at >= begins, bulletins.c.at < ends, *within(reach))
        .order_by(*(column.desc() for column in place))
        .limit(limit)
    )
    if after is not None:
        behind = (sa.literal(value) for _, value in after)
        query = query.where(sa.tuple_(*place) < sa.tuple_(*behind))
    async with planned_anew(connection):
        return await fetch(connection, query)
