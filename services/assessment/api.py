"""Indicators over HTTP."""

from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel

from contracts.vocabulary import Role
from delivery.auth import Caller, Principal, demand
from delivery.cursors import After, Limit, from_cursor, to_cursor
from delivery.field_types import Instant, Plain
from delivery.problems import Problem, invalid_field
from delivery.service import Service
from services.assessment import store
from services.assessment.indicators import Indicators, indicators_of

router = APIRouter(tags=["indicators"])

_SEES_ALL = (Role.SUPERVISOR, Role.ASSESSOR)
_SEES_OWN = (Role.UNIT_LEAD, Role.HANDLER, Role.GRID_WORKER)


class Page(BaseModel):
    items: list[Indicators]
    next: str | None


class Unit(BaseModel):
    code: Plain


@router.get("/v1/indicators")
async def show_indicators(
    request: Request,
    caller: Caller,
    begins: Annotated[Instant, Query(alias="from", description="from when, with zone")],
    ends: Annotated[Instant, Query(alias="to", description="until when, itself not included")],
    subject: Annotated[
        str | None, Query(max_length=100, pattern=r"^[^\x00]+$", description="code of a unit")
    ] = None,
    as_of: Annotated[Instant | None, Query(description="seen from when; now, when it is left out")] = None,
    after: After = None,
    limit: Limit = 50,
) -> Indicators | Page:
    """What was due in the period and how it went: of `subject`, or without one of each unit."""
    if ends <= begins:
        raise invalid_field("/to", "must be after `from`")
    _may_see(caller, subject)
    service: Service = request.app.state.service
    seen_from = as_of or datetime.now(UTC)
    async with service.database.connection() as connection:

        async def of(unit: str) -> Indicators:
            found = await store.find_assignments(connection, unit, begins=begins, ends=ends)
            return indicators_of(unit, found, begins=begins, ends=ends, as_of=seen_from)

        if subject is not None:
            return await of(subject)
        first = from_cursor(Unit, after).code if after else ""
        units = await store.units_in(connection, begins=begins, ends=ends, after=first, limit=limit + 1)
        following = to_cursor(Unit(code=units[limit - 1])) if len(units) > limit else None
        return Page(items=[await of(unit) for unit in units[:limit]], next=following)


def _may_see(caller: Principal, subject: str | None) -> None:
    demand(caller, *_SEES_ALL, *_SEES_OWN)
    if not caller.has(*_SEES_ALL) and (subject is None or subject != caller.unit):
        raise Problem(403, "a unit sees its own indicators")
