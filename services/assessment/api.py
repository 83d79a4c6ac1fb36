"""Indicators over HTTP."""

from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel

from contracts.vocabulary import Role
from delivery.auth import Caller, Principal, demand
from delivery.cursors import After, Limit, from_cursor, to_cursor
from delivery.database import Connection
from delivery.field_types import AskedInstant, Plain
from delivery.problems import Problem, invalid_field
from delivery.service import Running
from services.assessment import store, units_store
from services.assessment.indicators import Indicators, indicators_of
from services.assessment.jurisdiction import heads_of

router = APIRouter(tags=["indicators"])

_SEES = (Role.SUPERVISOR, Role.ASSESSOR, Role.UNIT_LEAD, Role.HANDLER, Role.GRID_WORKER)


class Page(BaseModel):
    items: list[Indicators]
    next: str | None


class Unit(BaseModel):
    code: Plain


@router.get("/v1/indicators")
async def show_indicators(
    service: Running,
    caller: Caller,
    begins: Annotated[AskedInstant, Query(alias="from", description="from when, with zone")],
    ends: Annotated[AskedInstant, Query(alias="to", description="until when, itself not included")],
    subject: Annotated[
        Plain | None, Query(min_length=1, max_length=100, description="code of a unit")
    ] = None,
    as_of: Annotated[
        AskedInstant | None, Query(description="seen from when; now, when it is left out")
    ] = None,
    after: After = None,
    limit: Limit = 50,
) -> Indicators | Page:
    """What was due in the period and how it went: of `subject`, or without one of each unit of the
    caller's jurisdiction."""
    if ends <= begins:
        raise invalid_field("/to", "must be after `from`")
    demand(caller, *_SEES)
    seen_from = as_of or datetime.now(UTC)
    async with service.database.connection() as connection:
        seen = await _jurisdiction(connection, caller)
        _demand_sight(seen, subject)

        async def of(units: list[str]) -> list[Indicators]:
            counted = await store.count_outcomes(connection, units, begins=begins, ends=ends, as_of=seen_from)
            return [
                indicators_of(unit, counts, begins=begins, ends=ends, as_of=seen_from)
                for unit, counts in counted.items()
            ]

        if subject is not None:
            return (await of([subject]))[0]
        first = from_cursor(Unit, after).code if after else ""
        units = await store.units_in(
            connection, among=seen, begins=begins, ends=ends, after=first, limit=limit + 1
        )
        following = to_cursor(Unit(code=units[limit - 1])) if len(units) > limit else None
        return Page(items=await of(units[:limit]), next=following)


async def _jurisdiction(connection: Connection, caller: Principal) -> frozenset[str] | None:
    """The units that he sees; None is all there are."""
    beside = await units_store.beside(connection, caller.unit)
    heads = heads_of(caller.roles, caller.unit, beside)
    return None if heads is None else await units_store.with_those_below(connection, heads)


def _demand_sight(seen: frozenset[str] | None, subject: str | None) -> None:
    if seen is not None and not seen:
        raise Problem(403, "who belongs to no unit sees no indicators")
    if seen is not None and subject is not None and subject not in seen:
        raise Problem(403, "the unit is not of your jurisdiction")
