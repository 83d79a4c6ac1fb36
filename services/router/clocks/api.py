"""Calendars and deadlines over HTTP: upload a calendar, ask when a limit is due."""

from datetime import datetime
from functools import partial
from typing import Annotated, Any

from fastapi import APIRouter, Response
from pydantic import AfterValidator, AwareDatetime, BaseModel

from delivery.auth import Caller, Principal
from delivery.database import Connection
from delivery.field_types import Plain
from delivery.idempotency import Repeatable, once
from delivery.logs import log
from delivery.problems import invalid_field
from delivery.service import Running
from services.router.clocks import store
from services.router.clocks.calendars import BUILT_IN, CalendarDocument, CalendarVersion, calendar_named
from services.router.clocks.limits import Calendar, due_at, parse_limit
from services.router.current_rules import CurrentRules
from services.router.dependencies import Current, SupervisorOfAll

router = APIRouter(tags=["clocks"])


def _as_limit(text: str) -> str:
    parse_limit(text)
    return text


class Deadline(BaseModel):
    """`limit` is text such as `2 urgent_hour`; `calendar` a name or a version, else the one in force."""

    start: AwareDatetime
    limit: Annotated[Plain, AfterValidator(_as_limit)]
    calendar: CalendarVersion | None = None


class DueAt(BaseModel):
    due_at: datetime
    calendar_version: str


@router.post("/v1/deadlines")
async def compute_deadline(asked: Deadline, caller: Caller, service: Running, current: Current) -> DueAt:
    async with service.database.connection() as connection:
        calendar = await _calendar(connection, asked.calendar, current)
    try:
        _ = calendar.hours.worked_until(asked.start)
    except OverflowError as error:
        raise invalid_field("/start", str(error)) from None
    try:
        due = due_at(asked.start, parse_limit(asked.limit), calendar)
    except OverflowError as error:
        raise invalid_field("/limit", f"due {error}") from None
    return DueAt(due_at=due, calendar_version=calendar.version)


@router.post("/v1/calendars", status_code=201)
async def upload_calendar(
    calendar: CalendarDocument,
    response: Response,
    service: Running,
    caller: SupervisorOfAll,
    call: Repeatable,
) -> Any:
    """In force at once where `CASEGRID_CALENDAR` names it; 200 when it says what the one before it said."""
    async with service.database.transaction() as connection:
        return await once(connection, call, response, partial(_kept, connection, calendar, caller, response))


@router.get("/v1/calendars")
async def list_calendars(caller: Caller, service: Running) -> dict[str, Any]:
    """The built-in ones and the newest of each name."""
    async with service.database.connection() as connection:
        uploaded = await store.names(connection)
    items = [*((name, name) for name in BUILT_IN), *uploaded]
    return {"items": [{"name": name, "version": version} for name, version in items], "next": None}


async def _kept(
    connection: Connection, calendar: CalendarDocument, caller: Principal, response: Response
) -> dict[str, str]:
    fresh = await store.keep_calendar(connection, calendar, by=caller.sub)
    if not fresh:
        response.status_code = 200
    log.info("calendar uploaded", calendar=calendar.version, fresh=fresh)
    return {"name": calendar.name, "version": calendar.version}


async def _calendar(connection: Connection, name: str | None, current: CurrentRules) -> Calendar:
    in_force = (await current.get(connection)).calendar
    if name is None or name == in_force.version:
        return in_force
    built_in, _, zone = name.partition("/")
    try:
        if built_in in BUILT_IN and zone:
            return calendar_named(built_in, zone)
        return await current.calendar(connection, name)
    except (store.CalendarNotFound, ValueError):
        raise invalid_field("/calendar", "no calendar of that name") from None
