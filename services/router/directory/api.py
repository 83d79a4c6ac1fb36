"""The directory over HTTP: import it whole, ask which grid lies where, read units and grids."""

import asyncio
from codecs import BOM_UTF8
from functools import partial
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Response
from pydantic import BaseModel, ValidationError
from starlette.requests import Request

from contracts import topics
from contracts.envelope import SYSTEM, Message, Removed, to_tombstone
from contracts.events import event_of, messages_of
from contracts.facts.directory import AreaDefined, DutyDefined, UnitDefined
from contracts.vocabulary import Role, Tier
from delivery import outbox
from delivery.auth import Caller, Principal, require
from delivery.cursors import After, Limit, from_cursor, to_cursor
from delivery.database import Connection
from delivery.idempotency import Repeatable, once
from delivery.logs import log
from delivery.openapi import takes
from delivery.problems import Problem, findings, unsound
from delivery.service import Running
from services.router.dependencies import Current
from services.router.directory import store as directory_store
from services.router.directory.directory import Directory
from services.router.directory.importing import DirectoryImport, read_directory
from services.router.workflow.situation import Moment

router = APIRouter(tags=["directory"])


class Imported(BaseModel):
    version: int
    areas: int
    units: int
    duty: int


class At(BaseModel):
    code: str


@router.post(
    "/v1/directory/imports", status_code=201, response_model=Imported, openapi_extra=takes(DirectoryImport)
)
async def import_directory(
    request: Request,
    response: Response,
    service: Running,
    current: Current,
    caller: Annotated[Principal, Depends(require(Role.ADMIN))],
    call: Repeatable,
) -> Any:
    """Replaces the directory whole, or answers 422 with every problem found and changes nothing."""
    body = await request.body()
    given, directory = await asyncio.to_thread(
        read_import, body
    )  # thousands of polygons: the event loop must go on
    async with service.database.transaction() as connection:
        work = partial(_imported, connection, given, directory, current.moment(), caller)
        return await once(connection, call, response, work)


@router.get("/v1/grids/at", responses={404: {}})
async def find_grid(
    lon: Annotated[float, Query(ge=-180, le=180)],
    lat: Annotated[float, Query(ge=-90, le=90)],
    caller: Caller,
    service: Running,
    current: Current,
) -> dict[Tier, str]:
    async with service.database.connection() as connection:
        directory = (await current.get(connection)).directory
    grid = directory.locate([(lon, lat)])[0]
    if grid is None:
        raise Problem(404, "no grid of the directory lies there")
    return directory.chain(grid)


@router.get("/v1/directory/units")
async def list_units(
    caller: Caller, service: Running, current: Current, after: After = None, limit: Limit = 50
) -> dict[str, Any]:
    async with service.database.connection() as connection:
        units = (await current.get(connection)).directory.units
    first = from_cursor(At, after).code if after else ""
    codes = sorted(code for code in units if code > first)
    following = to_cursor(At(code=codes[limit - 1])) if len(codes) > limit else None
    return {"items": [vars(units[code]) for code in codes[:limit]], "next": following}


@router.get("/v1/directory/grids", response_model=dict[str, Any])
async def show_grids(
    caller: Caller,
    service: Running,
    current: Current,
    tier: Annotated[tuple[Tier, ...], Query()] = (Tier.GRID,),
) -> Response:
    """The grids as GeoJSON, for maps; with `tier`, once or several times, the areas of those tiers instead."""
    async with service.database.connection() as connection:
        directory = (await current.get(connection)).directory
    drawn = await asyncio.to_thread(directory.as_geojson, tier)  # megabytes: the event loop must go on
    return Response(drawn, media_type="application/json")


async def _imported(
    connection: Connection, given: DirectoryImport, directory: Directory, moment: Moment, caller: Principal
) -> Imported:
    former = await directory_store.subjects(connection)
    version = await directory_store.replace_directory(
        connection, directory, given.duty, imported_by=caller.sub
    )
    facts = _facts(directory, given, version)
    gone = former - {_subject(fact) for fact in facts}
    await outbox.add(connection, [_taken_out(subject, moment) for subject in sorted(gone)])
    await outbox.add(connection, [message for fact in facts for message in _announced(fact, moment)])
    log.info("directory imported", version=version, areas=len(directory.areas), units=len(directory.units))
    return Imported(
        version=version, areas=len(directory.areas), units=len(directory.units), duty=len(given.duty)
    )


def read_import(body: bytes) -> tuple[DirectoryImport, Directory]:
    try:
        given = DirectoryImport.model_validate_json(body.removeprefix(BOM_UTF8))
    except ValidationError as error:
        raise findings(error) from None
    directory, problems = read_directory(given, version=0)
    if problems:
        found = [problem.model_dump() for problem in problems[:1000]]
        raise unsound(found, in_all=len(problems), so="nothing was imported")
    return given, directory


def _facts(
    directory: Directory, given: DirectoryImport, version: int
) -> list[AreaDefined | UnitDefined | DutyDefined]:
    areas = [
        AreaDefined(
            directory_version=version,
            **{name: getattr(area, name) for name in AreaDefined.model_fields if name != "directory_version"},
        )
        for area in directory.areas.values()
    ]
    units = [UnitDefined(directory_version=version, **vars(unit)) for unit in directory.units.values()]
    duty = [DutyDefined(directory_version=version, **person.model_dump()) for person in given.duty]
    return [*areas, *units, *duty]


def _subject(fact: AreaDefined | UnitDefined | DutyDefined) -> str:
    return f"duty:{fact.unit}:{fact.person}" if isinstance(fact, DutyDefined) else fact.code


def _taken_out(subject: str, moment: Moment) -> Message:
    """The topic is the directory: what an import leaves out has to leave the topic too."""
    removed = Removed(event_id=moment.new_id(), subject=subject)
    return to_tombstone(topics.DIRECTORY.name, "router", removed, moment.at)


def _announced(fact: AreaDefined | UnitDefined | DutyDefined, moment: Moment) -> list[Message]:
    event_id = moment.new_id()
    event = event_of(
        fact,
        event_id=event_id,
        occurred_at=moment.at,
        recorded_at=moment.at,
        actor=SYSTEM,
        correlation_id=event_id,
        subject=_subject(fact),
    )
    return messages_of("router", event)
