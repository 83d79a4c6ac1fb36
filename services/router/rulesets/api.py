"""Rulesets over HTTP: upload one, read it, edit its tables, put it in force."""

import asyncio
from datetime import UTC, datetime, time, timedelta
from functools import partial
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Body, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from delivery.auth import Caller, Principal
from delivery.cursors import After, Limit, from_cursor, to_cursor
from delivery.database import Connection
from delivery.field_types import BigInteger, Instant
from delivery.idempotency import Repeatable, once
from delivery.logs import log
from delivery.openapi import takes
from delivery.problems import Problem, invalid_field, unsound
from delivery.service import Running
from services.router.clocks.limits import Calendar
from services.router.current_rules import CurrentRules
from services.router.dependencies import Current, SupervisorOfAll
from services.router.rulesets import store
from services.router.rulesets.checking import check_ruleset, read_document
from services.router.rulesets.csv_tables import located, read_table, write_table
from services.router.rulesets.finding import Finding, pointer_to
from services.router.rulesets.laying_out import lay_out, put_back
from services.router.rulesets.ruleset import TABLES, Ruleset, Version
from services.router.rulesets.table_shape import Table

router = APIRouter(tags=["rulesets"])
TableName = Literal[  # as TABLES has them
    "categories",
    "classes",
    "unit_kinds",
    "clocks",
    "escalation",
    "red_by_clock",
    "reminders",
    "floors",
    "patterns",
    "standing",
    "points",
    "lines",
    "verification",
    "overrides",
    "words",
]
_SHOWN = 1000  # findings in one answer


class Activation(BaseModel):
    """`from`: now when it is not given, or the ruleset's own date where that lies ahead."""

    model_config = ConfigDict(extra="forbid")

    starts_at: Instant | None = Field(None, alias="from")


class AtVersion(BaseModel):
    version: Version


class AtDecision(BaseModel):
    id: BigInteger


@router.post("/v1/rulesets", status_code=201, openapi_extra=takes(Ruleset))
async def upload_ruleset(
    request: Request, response: Response, service: Running, caller: SupervisorOfAll, call: Repeatable
) -> Any:
    """201 a new version, 200 the same again, 409 another content under a version that is there, 422 every fault."""
    body = await request.body()
    ruleset = await asyncio.to_thread(_read, body)  # thousands of rows: the event loop must go on
    async with service.database.transaction() as connection:
        return await once(connection, call, response, partial(_kept, connection, ruleset, caller, response))


@router.get("/v1/rulesets")
async def list_rulesets(
    caller: Caller, service: Running, current: Current, after: After = None, limit: Limit = 50
) -> dict[str, Any]:
    first = from_cursor(AtVersion, after).version if after else ""
    async with service.database.connection() as connection:
        await current.get(connection)
        rows = await store.list_rulesets(connection, at=current.moment().at, after=first, limit=limit + 1)
    following = to_cursor(AtVersion(version=rows[limit - 1]["version"])) if len(rows) > limit else None
    return {"items": [_summary(dict(row)) for row in rows[:limit]], "next": following}


@router.get("/v1/rulesets/{version}")
async def show_ruleset(version: Version, caller: Caller, service: Running) -> Response:
    async with service.database.connection() as connection:
        ruleset = await _found(connection, version)
    return Response(ruleset.model_dump_json(), media_type="application/json")


@router.post("/v1/rulesets/{version}/activation", status_code=201)
async def activate_ruleset(
    version: Version,
    response: Response,
    service: Running,
    current: Current,
    caller: SupervisorOfAll,
    call: Repeatable,
    asked: Annotated[Activation | None, Body()] = None,
) -> Any:
    """Every replica takes it with its next batch or request, or at the time given; 200 when it is decided already.

    A plan is changed by deciding anew for the same time.
    """
    wanted = asked.starts_at if asked else None
    async with service.database.transaction() as connection:
        work = partial(_activated, connection, version, wanted, current, caller, response)
        return await once(connection, call, response, work)


@router.get("/v1/ruleset-activations")
async def list_activations(
    caller: Caller, service: Running, after: After = None, limit: Limit = 50
) -> dict[str, Any]:
    """Who decided what, the latest first; lines are only ever added."""
    before = from_cursor(AtDecision, after).id if after else 2**62
    async with service.database.connection() as connection:
        rows = await store.activations(connection, before=before, limit=limit + 1)
    following = to_cursor(AtDecision(id=rows[limit - 1]["id"])) if len(rows) > limit else None
    items = [{"from" if name == "starts_at" else name: value for name, value in row.items()} for row in rows]
    return {"items": items[:limit], "next": following}


@router.get("/v1/rulesets/{version}/{table}.csv")
async def show_table(version: Version, table: TableName, caller: Caller, service: Running) -> Response:
    """For spreadsheets: UTF-8 with a byte order mark, without which they take Chinese for something else."""
    async with service.database.connection() as connection:
        ruleset = await _found(connection, version)
    shape = TABLES[table]
    text = "\ufeff" + write_table(lay_out(ruleset.model_dump(mode="json"), shape), shape)
    name = {"Content-Disposition": f'attachment; filename="{version}-{table}.csv"'}
    return Response(text.encode(), media_type="text/csv; charset=utf-8", headers=name)


@router.post(
    "/v1/rulesets/{version}/{table}.csv",
    status_code=201,
    openapi_extra={"requestBody": {"content": {"text/csv": {"schema": {"type": "string"}}}}},
)
async def upload_table(
    version: Version,
    table: TableName,
    wanted: Annotated[Version, Query(alias="as")],
    request: Request,
    response: Response,
    service: Running,
    caller: SupervisorOfAll,
    call: Repeatable,
) -> Any:
    """The ruleset with the edited table, kept as version `as`; faults are named by row and column."""
    body = await request.body()
    async with service.database.connection() as connection:
        base = await _found(connection, version)
    ruleset = await asyncio.to_thread(_with_table, base, TABLES[table], body, wanted)
    async with service.database.transaction() as connection:
        return await once(connection, call, response, partial(_kept, connection, ruleset, caller, response))


async def _activated(
    connection: Connection,
    version: str,
    wanted: datetime | None,
    current: CurrentRules,
    caller: Principal,
    response: Response,
) -> dict[str, Any]:
    ruleset = await _found(connection, version)
    await store.lock_activations(connection)
    now, calendar = current.moment().at, (await current.get(connection)).calendar
    starts_at = _start(ruleset, wanted, now, calendar)
    present = await store.activation_at(connection, starts_at)
    decided = present is not None and present["version"] == version
    if present is not None and decided and (starts_at == now or present["starts_at"] == starts_at):
        starts_at, response.status_code = present["starts_at"], 200
    else:
        await store.activate(connection, version, starts_at=starts_at, by=caller.sub)
    log.info("ruleset activated", ruleset=version, starts_at=starts_at)
    return {"version": version, "from": starts_at}


async def _found(connection: Connection, version: str) -> Ruleset:
    try:
        return await store.find(connection, version)
    except store.RulesetNotFound:
        raise Problem(404, "no such ruleset") from None


async def _kept(
    connection: Connection, ruleset: Ruleset, caller: Principal, response: Response
) -> dict[str, Any]:
    if not await store.keep(connection, ruleset, by=caller.sub):
        if await store.find(connection, ruleset.version) != ruleset:
            raise Problem(
                409, "a version never changes: this one holds another ruleset; choose a new version"
            )
        response.status_code = 200
    log.info("ruleset uploaded", ruleset=ruleset.version, fresh=response.status_code != 200)
    return {
        "version": ruleset.version,
        "title": ruleset.title.model_dump(),
        "effective_from": ruleset.effective_from,
        "categories": len(ruleset.categories),
    }


def _read(body: bytes) -> Ruleset:
    document, findings = read_document(body)
    return _sound(*_checked(document, findings)) if document else _sound(None, findings)


def _checked(document: dict[str, Any], findings: list[Finding]) -> tuple[Ruleset | None, list[Finding]]:
    ruleset, more = check_ruleset(document)
    return ruleset, [*findings, *more]


def _with_table(base: Ruleset, table: Table, body: bytes, wanted: str) -> Ruleset:
    where = pointer_to(*table.root)
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = body[: error.start].count(b"\n") + 1
        raise _unsound([Finding(where, "not UTF-8: save as “CSV UTF-8”", row=line)]) from None
    read = read_table(text, table)
    if not read.rows and (read.findings or not table.may_be_empty):
        raise _unsound(read.findings or [Finding(where, "no rows", row=1)])
    document = put_back(base.model_dump(mode="json") | {"version": wanted}, table, read)
    ruleset, findings = _checked(document, read.findings)
    return _sound(ruleset, [located(finding, read, table) for finding in findings])


def _sound(ruleset: Ruleset | None, findings: list[Finding]) -> Ruleset:
    if ruleset is None or findings:
        raise _unsound(findings or [Finding("", "an empty ruleset")])
    return ruleset


def _unsound(findings: list[Finding]) -> Problem:
    shown = [finding.shown() for finding in findings[:_SHOWN]]
    return unsound(shown, in_all=len(findings), so="nothing was kept")


def _start(ruleset: Ruleset, asked: datetime | None, now: datetime, calendar: Calendar) -> datetime:
    """The moment it is to be in force from; raises a problem when that is gone or before the ruleset's own date."""
    earliest = datetime.combine(ruleset.effective_from, time(), calendar.zone).astimezone(UTC)
    if asked is None:
        return max(now, earliest)
    if asked < now - timedelta(seconds=1):
        raise invalid_field("/from", "has passed: what has been decided by other rules stays so")
    if asked < earliest:
        raise invalid_field("/from", f"before the ruleset is effective: {ruleset.effective_from}")
    return max(asked, now)


def _summary(row: dict[str, Any]) -> dict[str, Any]:
    title = {"zh": row.pop("title_zh"), "en": row.pop("title_en")}
    return {"version": row.pop("version"), "title": title, **row}
