"""The queue: which cases a filter finds, in the order in which they should be worked (domain §4.2)."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

import asyncpg
import orjson
import sqlalchemy as sa
from pydantic import BaseModel, Field
from sqlalchemy.dialects.postgresql import ARRAY

from contracts.vocabulary import CaseState, Clock, Privacy, Role, Tier, Urgency
from delivery.cursors import Cursor, from_cursor, to_cursor
from delivery.database import Connection, fetch, planned_anew
from delivery.field_types import PLAIN, Instant, Integer
from services.router.cases.visibility import Reach
from services.router.tables import AT_REST_STATES, LISTED_AT_REST, OPEN, cases, reporter_wishes
from services.router.workflow.commands.objecting import REOPEN_WITHIN

_IS_OPEN = sa.literal_column(f"({OPEN})", sa.Boolean)
_RESTS = sa.literal_column(f"({LISTED_AT_REST})", sa.Boolean)
# before it is accepted the same clock runs at the desk
_IS_TO_CONFIRM = sa.and_(
    *(cases.c.state != state for state in (CaseState.REPORTED, CaseState.VERIFYING)),
    cases.c.body.op("#>")(sa.cast(["clocks", Clock.ACCEPT], ARRAY(sa.Text))).is_not(None),
)
# who hears what reporters want
DECIDES = (Role.DISPATCHER, Role.SHIFT_LEADER)
_WISHES = sa.select(reporter_wishes.c.case_id)
_BODY = sa.cast(cases.c.body, sa.Text).label("body")

Code = Annotated[str, Field(max_length=100), PLAIN]


class Wanted(BaseModel):
    """Filters of the list of cases; absent means any."""

    tier: Tier | None = None
    unit: Code | None = None
    state: CaseState | None = None
    urgency: Urgency | None = None
    overdue: bool | None = None
    to_confirm: bool | None = Field(None, description="its reporter is to be asked by phone (confirm)")
    wished: bool | None = Field(
        None, description="its reporter takes it back, or says that it is not solved, and a person decides"
    )
    open: bool | None = None
    grid: Code | None = None


class Waiting(BaseModel):
    """Where an open case stands in the queue."""

    urgency: Integer
    overdue: Integer
    share: float
    case_id: UUID


class Resting(BaseModel):
    """Where a case at rest stands, behind all that are open."""

    reported_at: Instant
    case_id: UUID


class Position(BaseModel):
    """Where the next page begins: the order is that of one moment, so that paging neither skips nor repeats."""

    as_of: Instant
    behind: Waiting | Resting | None = None


async def list_cases(
    connection: Connection, wanted: Wanted, reach: Reach, *, now: datetime, after: Cursor | None, limit: int
) -> tuple[list[dict[str, Any]], str | None]:
    """What is open: urgency first, then what is overdue, then the share of the limit used, then age. Then what is at
    rest, the last reported first."""
    position = from_cursor(Position, after) if after else Position(as_of=now)
    filters = _filters(wanted, reach, now)
    rows: list[tuple[type[Waiting | Resting], asyncpg.Record]] = []
    async with planned_anew(connection):
        for kind, query in _parts(wanted, position):
            page = query.where(*filters).limit(limit + 1 - len(rows)).subquery()
            more = await fetch(connection, _with_bodies(page, newest_first=kind is Resting))
            rows += [(kind, row) for row in more]
            if len(rows) > limit:
                break
    items = [orjson.loads(row["body"]) for _, row in rows[:limit]]
    if len(rows) <= limit:
        return items, None
    kind, last = rows[limit - 1]
    behind = kind(**{name: last[name] for name in kind.model_fields})
    return items, to_cursor(Position(as_of=position.as_of, behind=behind))


def _parts(wanted: Wanted, position: Position) -> Iterator[tuple[type[Waiting | Resting], sa.Select[Any]]]:
    """Those of the two that may hold what is wanted and has not been listed."""
    rests = None if wanted.state is None else wanted.state in AT_REST_STATES
    if wanted.open is not False and rests is not True and not isinstance(position.behind, Resting):
        yield Waiting, _waiting(position)
    # what rests has no clock of a call: it would be looked for in all of that
    if wanted.open is not True and rests is not False and not wanted.to_confirm:
        yield Resting, _resting(position)


def _waiting(position: Position) -> sa.Select[Any]:
    order = _order(position.as_of)
    query = sa.select(*order.values()).where(_IS_OPEN).order_by(*order.values())
    if isinstance(position.behind, Waiting):
        query = query.where(sa.tuple_(*order.values()) > _place(position.behind))
    return query


def _resting(position: Position) -> sa.Select[Any]:
    order = (cases.c.reported_at, cases.c.case_id)
    query = sa.select(*order).where(_RESTS).order_by(*(column.desc() for column in order))
    if isinstance(position.behind, Resting):
        query = query.where(sa.tuple_(*order) < _place(position.behind))
    return query


def _with_bodies(page: sa.Subquery, *, newest_first: bool) -> sa.Select[Any]:
    """Of those on the page alone: to write out all that are sorted takes as long as to sort them."""
    order = [column.desc() if newest_first else column for column in page.c]
    found = page.join(cases, cases.c.case_id == page.c.case_id)
    return sa.select(_BODY, *page.c).select_from(found).order_by(*order)


def _place(behind: Waiting | Resting) -> sa.Tuple:
    return sa.tuple_(*(sa.literal(value) for _, value in behind))


@dataclass(frozen=True)
class Counts:
    """Of the open cases within reach; reporters want something of closed ones too."""

    open: int
    overdue: int
    urgent: int
    to_confirm: int
    wished: int


async def count_cases(connection: Connection, reach: Reach, now: datetime) -> Counts:
    query = sa.select(
        sa.func.count().label("open"),
        sa.func.count().filter(cases.c.first_due_at < now).label("overdue"),
        sa.func.count().filter(cases.c.urgency_level >= Urgency.URGENT.level).label("urgent"),
        sa.func.count().filter(_IS_TO_CONFIRM).label("to_confirm"),
    ).where(_IS_OPEN, *within(reach))
    [row] = await fetch(connection, query)
    wished = sa.select(sa.func.count().label("wished")).where(_is_wished(now), *within(reach))
    [more] = await fetch(connection, wished)
    return Counts(**row, **more)


def _is_wished(now: datetime) -> sa.ColumnElement[bool]:
    """By the ids of the few, so that no statement asks of every case there is whether it is one of them."""
    few = sa.func.array(_WISHES.scalar_subquery())
    return sa.and_(cases.c.case_id == sa.any_(few), _is_heard(now))


def _is_not_wished(now: datetime) -> sa.ColumnElement[bool]:
    return sa.not_(sa.and_(cases.c.case_id.in_(_WISHES), _is_heard(now)))


def _is_heard(now: datetime) -> sa.ColumnElement[bool]:
    """Of what rests for good no command makes anything: there it is heard as long as a closed case can be reopened."""
    return sa.or_(
        _IS_OPEN, cases.c.case_id.in_(_WISHES.where(reporter_wishes.c.wished_at > now - REOPEN_WITHIN))
    )


def _order(as_of: datetime) -> dict[str, sa.ColumnElement[Any]]:
    """All ascending, the smallest first; where no clock runs nothing of a limit is used."""
    started = sa.func.coalesce(cases.c.dispatched_at, cases.c.reported_at)
    used = sa.extract("epoch", sa.literal(as_of) - started)
    whole = sa.func.greatest(sa.extract("epoch", cases.c.due_at - started), 1)
    share = sa.case((cases.c.due_at.is_not(None), -used / whole), else_=0)
    overdue = sa.case((cases.c.first_due_at < as_of, 0), else_=1)
    return {
        "urgency": sa.label("urgency", -cases.c.urgency_level),
        "overdue": sa.label("overdue", overdue),
        "share": sa.label("share", sa.cast(share, sa.Double)),
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
        late = sa.and_(cases.c.first_due_at.is_not(None), cases.c.first_due_at < now)
        found.append(late if wanted.overdue else sa.not_(late))
    if wanted.to_confirm is not None:
        found.append(_IS_TO_CONFIRM if wanted.to_confirm else sa.not_(_IS_TO_CONFIRM))
    if wanted.wished is not None:
        found.append(_is_wished(now) if wanted.wished else _is_not_wished(now))
    return [*found, *within(reach)]


def within(reach: Reach) -> list[sa.ColumnElement[bool]]:
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
