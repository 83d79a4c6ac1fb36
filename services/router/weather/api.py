"""Weather warnings over HTTP: a forecaster's feed or a person states them; every replica heeds them at once."""

from datetime import datetime
from functools import partial
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Response
from pydantic import BaseModel, ConfigDict, Field
from uuid_utils.compat import uuid7

from contracts.vocabulary import Role
from delivery.auth import Caller, Principal, require
from delivery.cursors import After, Limit, from_cursor, to_cursor
from delivery.database import Connection
from delivery.field_types import ONE_LINE, Instant
from delivery.idempotency import Repeatable, once
from delivery.logs import log
from delivery.problems import Problem, invalid_field
from delivery.service import Running
from services.router.current_rules import CurrentRules
from services.router.dependencies import Current
from services.router.directory.directory import Directory
from services.router.directory.ground import speaks_for, speaks_for_all
from services.router.directory.importing import Code
from services.router.rulesets.urgency_rules import WarningLevel
from services.router.weather import store
from services.router.weather.warnings import WeatherWarning

router = APIRouter(tags=["weather"])
Forecaster = Annotated[Principal, Depends(require(Role.SUPERVISOR, Role.SHIFT_LEADER))]
_FIRST = UUID(int=0)


class StatedWarning(BaseModel):
    """`areas` none: everywhere; `kind` such as rainstorm, for people to read."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)

    level: WarningLevel
    kind: Annotated[str, Field(min_length=1, max_length=40), ONE_LINE] | None = None
    areas: Annotated[list[Code], Field(max_length=500)] = []
    starts_at: Annotated[Instant | None, Field(alias="from")] = None
    ends_at: Annotated[Instant, Field(alias="to")]


class KnownWarning(BaseModel):
    model_config = ConfigDict(populate_by_name=True)

    id: UUID
    level: WarningLevel
    kind: str | None
    areas: list[str]
    starts_at: Annotated[datetime, Field(serialization_alias="from")]
    ends_at: Annotated[datetime, Field(serialization_alias="to")]
    stated_by: str
    stated_at: datetime


class At(BaseModel):
    id: UUID


@router.post("/v1/weather-warnings", status_code=201, response_model=KnownWarning)
async def state_warning(
    stated: StatedWarning,
    response: Response,
    service: Running,
    current: Current,
    caller: Forecaster,
    call: Repeatable,
) -> Any:
    """It holds from `from`, or from now, in the areas named and all within them; who does not speak for all units names
    areas within the one that his unit serves."""
    async with service.database.transaction() as connection:
        return await once(connection, call, response, partial(_stated, connection, stated, current, caller))


@router.get("/v1/weather-warnings")
async def list_warnings(
    caller: Caller, service: Running, current: Current, after: After = None, limit: Limit = 50
) -> dict[str, Any]:
    """Those that hold, and those to come."""
    first = from_cursor(At, after).id if after else _FIRST
    async with service.database.connection() as connection:
        now = current.moment().at
        rows = await store.list_from(connection, ends_after=now, after=first, limit=limit + 1)
    following = to_cursor(At(id=rows[limit - 1]["id"])) if len(rows) > limit else None
    items = [KnownWarning(**row).model_dump(mode="json", by_alias=True) for row in rows[:limit]]
    return {"items": items, "next": following}


@router.delete("/v1/weather-warnings/{warning_id}", status_code=204)
async def end_warning(warning_id: UUID, service: Running, current: Current, caller: Forecaster) -> None:
    """It is over from now on; what was decided under it stays as it is."""
    async with service.database.transaction() as connection:
        now, directory = current.moment().at, (await current.get(connection)).directory
        areas = await store.areas_of(connection, warning_id, now)
        if areas is not None:
            _on_his_ground(areas, caller, directory)
        if areas is None or not await store.end(connection, warning_id, now):
            raise Problem(404, "no weather warning of this id holds or is to come")
    log.info("weather warning ended", warning_id=warning_id)


async def _stated(
    connection: Connection, stated: StatedWarning, current: CurrentRules, caller: Principal
) -> KnownWarning:
    now, directory = current.moment().at, (await current.get(connection)).directory
    for index, code in enumerate(stated.areas):
        if code not in directory.areas:
            raise invalid_field(f"/areas/{index}", "no area of the directory has this code")
    _on_his_ground(stated.areas, caller, directory)
    if stated.ends_at <= max(now, stated.starts_at or now):
        raise invalid_field("/to", "lies before its beginning, or in the past")
    warning = WeatherWarning(
        id=uuid7(),
        level=stated.level,
        kind=stated.kind,
        areas=frozenset(stated.areas),
        starts_at=stated.starts_at or now,
        ends_at=stated.ends_at,
    )
    row = await store.state(connection, warning, by=caller.sub, at=now)
    log.info("weather warning stated", warning_id=warning.id, level=warning.level, kind=warning.kind)
    return KnownWarning(**row)


def _on_his_ground(areas: list[str], caller: Principal, directory: Directory) -> None:
    """None named is everywhere."""
    if speaks_for_all(caller.roles, caller.unit, directory):
        return
    if not areas or not all(speaks_for(code, caller.unit, directory) for code in areas):
        raise Problem(403, "your unit speaks for the weather of areas within the one that it serves")
