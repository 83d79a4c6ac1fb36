"""The unit desk over HTTP: the queue, a case, and its commands by forms."""

from dataclasses import asdict
from pathlib import Path
from typing import Annotated
from uuid import UUID

import orjson
from fastapi import Depends, Request, Response
from fastapi.responses import RedirectResponse
from pydantic import TypeAdapter, ValidationError

from contracts.words import STATES, TIERS, URGENCIES
from delivery.auth import Principal
from delivery.pages.site import Site, form_of
from delivery.problems import Problem, findings
from delivery.service import Running
from services.router.cases import queue, store, wishes_store
from services.router.cases.api import Command, beside_of, carry_out, offered, reads, seen_case
from services.router.cases.beside_store import but_hidden
from services.router.cases.explaining_store import explained_case
from services.router.cases.outline import case_in_outline, event_in_outline
from services.router.cases.visibility import reach_of, read_by
from services.router.dependencies import Current
from services.router.desk import view
from services.router.desk.actions import Refused, actions_of, in_voice
from services.router.desk.forms import fields_of, read_form
from services.router.desk.names import unit_name
from services.router.desk.related import alike_of, linked_of, wishes_of
from services.router.desk.words import Voice
from services.router.duplicates.api import similar_and_seen
from services.router.workflow.case import Case
from services.router.workflow.table import COMMANDS, transition

SITE = Site(Path(__file__).parent, cookie="casegrid_desk", voice=Voice)
router = SITE.router
Me = Annotated[Principal, Depends(SITE.signed_in)]
_CASES = TypeAdapter(list[Case])
_A_PAGE = 50
_LONGEST_HISTORY = 500
_SUGGESTED_UNITS = 300


@router.get("/")
async def show_queue(request: Request, me: Me, service: Running, current: Current) -> Response:
    decides = me.has(*queue.DECIDES)
    hidden = () if decides else ("wished",)
    given = {name: value for name, value in request.query_params.items() if value and name not in hidden}
    now, voice = current.moment().at, SITE.voice_of(request)
    async with service.database.connection() as connection:
        rules = await current.get(connection)
        reach = reach_of(me.roles, me.unit, rules.directory)
        items, following = await queue.list_cases(
            connection, _wanted(given), reach, now=now, after=given.get("after"), limit=_A_PAGE
        )
        counts = await queue.count_cases(connection, reach, now)
    read = read_by(me.roles, me.unit, rules.directory)
    units = sorted(reach.units or rules.directory.units)[:_SUGGESTED_UNITS]
    return SITE.page(
        request,
        "queue.html",
        me=me,
        rows=view.rows_of(_CASES.validate_python(items), now, read, rules, voice),
        counts=asdict(counts),
        decides=decides,
        given=given,
        filtered={name: value for name, value in given.items() if name in queue.Wanted.model_fields},
        filters={"state": list(STATES), "urgency": list(URGENCIES)[::-1], "tier": list(TIERS)},
        units=[(code, unit_name(code, rules, voice)) for code in units],
        following=following,
        zone=str(rules.calendar.zone),
        done=_done(request),
    )


@router.get("/cases/{case_id}")
async def show_case(request: Request, case_id: UUID, me: Me, service: Running, current: Current) -> Response:
    return await _case_page(request, case_id, me, service, current)


@router.post("/cases/{case_id}/commands/{command}")
async def give_command(
    request: Request, case_id: UUID, command: str, me: Me, service: Running, current: Current
) -> Response:
    """As by the API; what it refuses stands on the page, with what was filled in."""
    given = await form_of(request)
    try:
        body = await _command(case_id, command, given, me, service, current)
        done = await carry_out(case_id, command, body, me, service, current)
    except Problem as problem:
        if problem.status not in (409, 422):
            raise
        refused = _refusal(command, given, problem)
        return await _case_page(
            request, case_id, me, service, current, refused=refused, status=problem.status
        )
    async with service.database.connection() as connection:
        directory = (await current.get(connection)).directory
    seen = reach_of(me.roles, me.unit, directory).sees(done, directory)
    return RedirectResponse(f"/cases/{case_id}?done={command}" if seen else f"/?done={command}", 303)


async def _command(
    case_id: UUID, command: str, given: dict[str, str], me: Principal, service: Running, current: Current
) -> Command:
    """What the form says as the body of the API's call; a command that is impossible now is refused there."""
    async with service.database.connection() as connection:
        case = await seen_case(connection, case_id, me, current)
        zone = (await current.get(connection)).calendar.zone
    row = transition(case.state, command)
    data = read_form(fields_of(row.data), given, zone) if row else {}
    try:
        return Command.model_validate({"data": data, "expected_version": given.get("expected_version")})
    except ValidationError as error:
        raise findings(error) from None


def _refusal(command: str, given: dict[str, str], problem: Problem) -> Refused:
    errors = [(error["pointer"], error["detail"]) for error in problem.more.get("errors", ())]
    return Refused(command, given, problem.detail, errors)


async def _case_page(
    request: Request,
    case_id: UUID,
    me: Principal,
    service: Running,
    current: Current,
    *,
    refused: Refused | None = None,
    status: int = 200,
) -> Response:
    """The case as it stands; a refused command keeps its input, on its form or, where that is gone, above all."""
    async with service.database.connection() as connection:
        rules = await current.get(connection)
        case = await seen_case(connection, case_id, me, current)
        first = max(0, case.version - _LONGEST_HISTORY)
        history = await store.history(connection, case_id, after=first, limit=_LONGEST_HISTORY)
        beside = await beside_of(connection, case, me, current)
        read = reads(me, case, rules)
        explained = await explained_case(connection, case_id, current, read=read)
        joined = await store.reports_joined(connection, case_id)
        decides = me.has(*queue.DECIDES)
        similar = await similar_and_seen(connection, case_id, me, current) if decides else []
        wished = await wishes_store.wishes_of(connection, case_id) if decides else []
    events = [but_hidden(case, beside, orjson.loads(body)) for _, body in history]
    voice = SITE.voice_of(request)
    actions = actions_of(offered(me, case, rules), refused, voice)
    return SITE.page(
        request,
        "case.html",
        status=status,
        me=me,
        path=f"/cases/{case_id}",
        actions=actions,
        joined=len(joined),
        read=read,
        alike=alike_of(similar, rules, voice),
        wishes=wishes_of(wished, rules, voice),
        linked=linked_of(beside, rules, voice),
        may_merge=any(action.command == "merge" for action in actions),
        refused=refused,
        is_offered=any(action.opened for action in actions),
        typed=_typed(refused, voice),
        why=in_voice(refused.detail, voice) if refused else "",
        done=None if refused else _done(request),
        **view.case_view(
            case if read else case_in_outline(case),
            events if read else [event_in_outline(event) for event in events],
            explained,
            rules,
            current.moment().at,
            voice,
        ),
    )


def _typed(refused: Refused | None, voice: Voice) -> list[tuple[str, str]]:
    """What somebody wrote and must not lose."""
    given = refused.given.items() if refused else ()
    return [(voice.of("field", name), value) for name, value in given if value and name != "expected_version"]


def _wanted(given: dict[str, str]) -> queue.Wanted:
    """Without a state of its own the queue holds what is open."""
    wanted = {name: value for name, value in given.items() if name in queue.Wanted.model_fields}
    try:
        return queue.Wanted.model_validate({"open": None if "state" in wanted else True} | wanted)
    except ValidationError as error:
        raise findings(error) from None


def _done(request: Request) -> str | None:
    command = request.query_params.get("done")
    return command if command in COMMANDS else None
