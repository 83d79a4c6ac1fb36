"""The queue: which open cases a filter finds, in the order in which they should be worked (domain §4.2)."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

import orjson
import sqlalchemy as sa
from pydantic import BaseModel, Field
from sqlalchemy.dialects.postgresql import ARRAY

from contracts.vocabulary import CaseState, Privacy, Tier, Urgency
from delivery.cursors import Cursor, from_cursor, to_cursor
from delivery.database import Connection, fetch
from delivery.field_types import PLAIN, Instant, Integer
from services.router.cases.visibility import Reach
from services.router.tables import OPEN, cases

Code = Annotated[str, Field(max_length=100, pattern=PLAIN)]


class Wanted(BaseModel):
    """Filters of the list of cases; absent means any."""

    tier: Tier | None = None
    unit: Code | None = None
    state: CaseState | None = None
    urgency: Urgency | None = None
    overdue: bool | None = None
    open: bool | None = None
    grid: Code | None = None


class Position(BaseModel):
    """Where the next page begins: the order is that of one moment, so that paging neither skips nor repeats."""

    as_of: Instant
    urgency: Integer
    overdue: Integer
    share: float
    case_id: UUID


async def list_cases(
    connection: Connection, wanted: Wanted, reach: Reach, *, now: datetime, after: Cursor | None, limit: int
) -> tuple[list[dict[str, Any]], str | None]:
    """Urgency first, then what is overdue, then the share of the limit used, then age."""
    position = from_cursor(Position, after) if after else None
    order = _order(position.as_of if position else now)
    query = sa.select(sa.cast(cases.c.body, sa.Text).label("body"), *order.values()).where(
        *_filters(wanted, reach, now)
    )
    if position:
        place = (position.urgency, position.overdue, position.share, position.case_id)
        query = query.where(sa.tuple_(*order.values()) > sa.tuple_(*(sa.literal(value) for value in place)))
    rows = await fetch(connection, query.order_by(*order.values()).limit(limit + 1))
    items = [orjson.loads(row["body"]) for row in rows[:limit]]
    if len(rows) <= limit:
        return items, None
    last = rows[limit - 1]
    return items, to_cursor(
        Position(as_of=position.as_of if position else now, **{name: last[name] for name in order})
    )


@dataclass(frozen=True)
class Counts:
    """Of the open cases within reach."""

    open: int
    overdue: int
    urgent: int


async def count_cases(connection: Connection, reach: Reach, now: datetime) -> Counts:
    query = sa.select(
        sa.func.count().label("open"),
        sa.func.count().filter(cases.c.due_at < now).label("overdue"),
        sa.func.count().filter(cases.c.urgency_level >= Urgency.URGENT.level).label("urgent"),
    ).where(*_filters(Wanted(open=True), reach, now))
    [row] = await fetch(connection, query)
    return Counts(**row)


def _order(as_of: datetime) -> dict[str, sa.ColumnElement[Any]]:
    """All ascending, the smallest first."""
    started = sa.func.coalesce(cases.c.dispatched_at, cases.c.reported_at)
    used = sa.extract("epoch", sa.literal(as_of) - started)
    whole = sa.func.greatest(sa.extract("epoch", cases.c.due_at - started), 1)
    overdue = sa.case((cases.c.due_at < as_of, 0), else_=1)
    return {
        "urgency": sa.label("urgency", -cases.c.urgency_level),
        "overdue": sa.label("overdue", overdue),
        "share": sa.label("share", sa.cast(-sa.func.coalesce(used / whole, 0), sa.Double)),
        "case_id": sa.label("case_id", cases.c.case_id),
    }


def _filters(wanted: Wanted, reach: Reach, now: datetime) -> list[sa.ColumnElement[bool]]:
    equal = {
        cases.c.tier: wanted.tier,
        cases.c.lead: wanted.unit,
        cases.c.state: wanted.state,
        cases.c.urgency: wanted.urgency,
        cases.c.grid: wanted.grid,
    }
    found = [column == value for column, value in equal.items() if value is not None]
    if wanted.overdue is not None:
        late = sa.and_(cases.c.due_at.is_not(None), cases.c.due_at < now)
        found.append(late if wanted.overdue else sa.not_(late))
    if wanted.open is not None:
        is_open = sa.literal_column(f"({OPEN})", sa.Boolean)
        found.append(is_open if wanted.open else sa.not_(is_open))
    return [*found, *_within(reach)]


def _within(reach: Reach) -> list[sa.ColumnElement[bool]]:
    """`Reach.sees` as SQL."""
    unsealed = cases.c.body.op("->>")("privacy").is_distinct_from(Privacy.SEALED.value)
    readable = [] if reach.sealed else [unsealed]
    if reach.units is None:
        return readable
    involved = cases.c.involved.op("&&")(sa.literal(sorted(reach.units), ARRAY(sa.Text)))
    if reach.area is None or reach.area_tier is None:
        return [*readable, involved]
    on_its_ground = sa.and_(unsealed, cases.c[reach.area_tier.value] == reach.area)
    return [*readable, sa.or_(involved, on_its_ground)]
