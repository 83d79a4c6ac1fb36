"""Cases over HTTP: look one up, list the queue, read the history, give a command."""

from collections.abc import Sequence
from typing import Annotated, Any, Literal
from uuid import UUID

import orjson
from fastapi import APIRouter, Query, Response
from fastapi.responses import PlainTextResponse
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from delivery.auth import Caller, Principal, demand
from delivery.cursors import After, Limit, from_cursor, to_cursor
from delivery.database import Connection
from delivery.field_types import Integer, OrNull
from delivery.idempotency import Repeatable, once
from delivery.logs import log
from delivery.problems import Problem, findings
from delivery.service import Running, Service
from services.router.cases import queue, store
from services.router.cases.beside_store import Beside, as_answer, but_hidden, cases_beside
from services.router.cases.commanding import give, grid_for
from services.router.cases.entitlement import refusal
from services.router.cases.explaining_store import explained_case
from services.router.cases.outline import case_in_outline, event_in_outline
from services.router.cases.saving_store import Change
from services.router.cases.timers import wake_first
from services.router.cases.visibility import Sight, reach_of, read_by, sight_of
from services.router.current_rules import CurrentRules
from services.router.dependencies import Current
from services.router.metrics import COMMANDS
from services.router.workflow import serving
from services.router.workflow import table as workflow
from services.router.workflow.case import Case
from services.router.workflow.commands.intake import PlacedData
from services.router.workflow.lifecycle import Incomplete
from services.router.workflow.situation import Data, Rules
from services.router.workflow.standing_in import placed_now
from services.router.workflow.table import Transition

router = APIRouter(tags=["cases"])
_CASE = TypeAdapter(Case)


class Command(BaseModel):
    """`data` is what the command brings; `expected_version` refuses it when the case has moved on."""

    model_config = ConfigDict(extra="forbid")

    data: OrNull[dict[str, Any]] = Field(default_factory=dict)
    expected_version: int | None = None


class Page(BaseModel):
    items: list[dict[str, Any]]
    next: str | None


class Seen(BaseModel):
    version: Integer


@router.get("/v1/cases/{case_id}")
async def show_case(case_id: UUID, caller: Caller, service: Running, current: Current) -> dict[str, Any]:
    """The case, each rule that spoke in its decision, and the case beside it, in Chinese and English."""
    async with service.database.connection() as connection:
        case = await seen_case(connection, case_id, caller, current)
        (body,) = await _answers(connection, [case], caller, current)
        read = reads(caller, case, await current.get(connection))
        explained = await explained_case(connection, case_id, current, read=read)
    return body | {"explanation": [each.answer(body["text"]).model_dump() for each in explained]}


@router.get("/v1/cases")
async def list_cases(
    wanted: Annotated[queue.Wanted, Query()],
    caller: Caller,
    service: Running,
    current: Current,
    after: After = None,
    limit: Limit = 50,
) -> Page:
    """What is open in queue order: urgency, then overdue (the clock that is due first has passed), then the share of
    the limit used, then age. Behind it what is at rest, the last reported first. What reporters wish is for those who
    decide."""
    if wanted.wished is not None:
        demand(caller, *queue.DECIDES)
    async with service.database.connection() as connection:
        rules = await current.get(connection)
        reach = reach_of(caller.roles, caller.unit, rules.directory)
        now = current.moment().at
        items, following = await queue.list_cases(
            connection, wanted, reach, now=now, after=after, limit=limit
        )
        cases = [_CASE.validate_python(item) for item in items]
        return Page(items=await _answers(connection, cases, caller, current), next=following)


@router.get("/v1/cases/{case_id}/history")
async def show_history(
    case_id: UUID, caller: Caller, service: Running, current: Current, after: After = None, limit: Limit = 50
) -> Page:
    """The case's events in order, as they were published; to an assessor in outline."""
    version = from_cursor(Seen, after).version if after else 0
    async with service.database.connection() as connection:
        case = await seen_case(connection, case_id, caller, current)
        beside = await beside_of(connection, case, caller, current)
        rows = await store.history(connection, case_id, after=version, limit=limit + 1)
        read = reads(caller, case, await current.get(connection))
    following = to_cursor(Seen(version=rows[limit - 1][0])) if len(rows) > limit else None
    events = [but_hidden(case, beside, orjson.loads(body)) for _, body in rows[:limit]]
    if not read:
        events = [event_in_outline(event) for event in events]
    return Page(items=events, next=following)


@router.post("/v1/cases/{case_id}/commands/{command}")
async def give_command(
    case_id: UUID,
    command: str,
    caller: Caller,
    service: Running,
    current: Current,
    response: Response,
    call: Repeatable,
    body: Command = Command(),
) -> dict[str, Any]:
    """200 the case; 409 with `allowed` when its state or version forbids it; 422 names what the guard lacks. With the
    same key and body again: the case as it was answered first."""
    given: Change | None = None
    async with service.database.transaction() as connection:

        async def work() -> dict[str, Any]:
            nonlocal given
            given = await _carried_out(connection, case_id, command, body, caller, current)
            return (await _answers(connection, [given.case], caller, current))[0]

        answer: dict[str, Any] = await once(connection, call, response, work)
    if given is not None:
        _tell(command, given)
    return answer


async def carry_out(
    case_id: UUID, command: str, body: Command, caller: Principal, service: Service, current: CurrentRules
) -> Case:
    """The case after a command that came from a form; raises Problem."""
    async with service.database.transaction() as connection:
        given = await _carried_out(connection, case_id, command, body, caller, current)
    _tell(command, given)
    return given.case


async def _carried_out(
    connection: Connection,
    case_id: UUID,
    command: str,
    body: Command,
    caller: Principal,
    current: CurrentRules,
) -> Change:
    rules = await current.to_decide(connection)
    found = await _locked(connection, case_id, command, body)
    moment = current.moment()
    case = await wake_first(connection, _seen(found.get(case_id), caller, rules), rules, moment)
    _may_ever(caller, command)
    row = _row(case, command, body)
    _may(caller, row, case, rules)
    data = _data(row, body)
    _placed(case, data, rules)
    actor, reach = caller.actor(*row.who), reach_of(caller.roles, caller.unit, rules.directory)
    try:
        return await give(connection, case, command, data, actor, rules, moment, reach=reach)
    except Incomplete as error:
        lacks = [{"pointer": lack.pointer, "detail": lack.detail} for lack in error.lacks]
        raise Problem(422, str(error), errors=lacks) from None


def _tell(command: str, given: Change) -> None:
    COMMANDS.labels(command, "done").inc()
    done = given.case
    log.info(
        "command done",
        case_id=done.case_id,
        event_id=given.events[0].event_id,
        command=command,
        state=done.state,
        version=done.version,
    )


@router.get("/v1/workflow", responses={200: {"content": {"text/plain": {}}}})
async def show_workflow(format: Literal["json", "mermaid"] = "json") -> Any:  # noqa: A002  # the name on the wire
    """The state table as data, or with `?format=mermaid` as a diagram."""
    if format == "mermaid":
        return PlainTextResponse(serving.as_mermaid())
    return {"transitions": serving.as_data()}


async def beside_of(
    connection: Connection, case: Case, caller: Principal, current: CurrentRules
) -> Beside | None:
    """The other case of its report, as far as the caller may know of it."""
    rules = await current.get(connection)
    reach = reach_of(caller.roles, caller.unit, rules.directory)
    return (await cases_beside(connection, [case], reach, rules)).get(case.case_id)


async def _answers(
    connection: Connection, cases: Sequence[Case], caller: Principal, current: CurrentRules
) -> list[dict[str, Any]]:
    rules = await current.get(connection)
    reach = reach_of(caller.roles, caller.unit, rules.directory)
    beside = await cases_beside(connection, cases, reach, rules)
    read = read_by(caller.roles, caller.unit, rules.directory)
    placed = [placed_now(case, rules.directory) for case in cases]
    seen = [case if read.sees(case, rules.directory) else case_in_outline(case) for case in placed]
    return [_shown(case) | as_answer(beside.get(case.case_id), rules) for case in seen]


_UNSHOWN = {
    *("stated", "reporter_ref", "confidential", "fired", "visits", "workers"),
    *("received_by", "accepted_by_person"),
    *("late_units", "raised_to", "lowered", "heard", "private_at_least", "consented_as"),
}


def _shown(case: Case) -> dict[str, Any]:
    """A case as answers show it; what is said in confidence to intake is not here at all."""
    body: dict[str, Any] = _CASE.dump_python(case, mode="json", exclude=_UNSHOWN)
    due = {clock: ticking["due"] for clock, ticking in body["clocks"].items() if ticking["due"]}
    return body | {"limits": due, "allowed": workflow.allowed(case.state)}


async def seen_case(connection: Connection, case_id: UUID, caller: Principal, current: CurrentRules) -> Case:
    """Raises Problem: 404 when there is none, or none that he may know of; 403 outside his jurisdiction."""
    rules = await current.get(connection)
    return _seen(await store.find_case(connection, case_id), caller, rules)


def reads(caller: Principal, case: Case, rules: Rules) -> bool:
    """The words and the point as well: who sees it as an assessor alone sees it in outline."""
    return read_by(caller.roles, caller.unit, rules.directory).sees(case, rules.directory)


def _seen(case: Case | None, caller: Principal, rules: Rules) -> Case:
    if case is None:
        raise Problem(404, "no such case")
    sight = sight_of(case, reach_of(caller.roles, caller.unit, rules.directory), rules.directory)
    if sight is Sight.HIDDEN:
        raise Problem(404, "no such case")
    if sight is Sight.KNOWN:
        raise Problem(403, "the case lies outside your jurisdiction")
    return case


async def _locked(connection: Connection, case_id: UUID, command: str, body: Command) -> dict[UUID, Case]:
    """With the cases that the command changes beside it: all are locked in one order."""
    if command not in ("merge", "unmerge"):
        return await store.lock_cases(connection, [case_id])
    return await store.lock_with_kin(connection, case_id, _named(body))


def _named(body: Command) -> list[UUID]:
    try:
        return [UUID(str(body.data["master_case_id"]))]
    except (KeyError, ValueError):
        return []


def _may_ever(caller: Principal, command: str) -> None:
    """Before the state is judged: whoever may give it in no state learns nothing of the one that the case is in."""
    if command not in workflow.COMMANDS:
        raise Problem(404, "no such command", commands=list(workflow.COMMANDS))
    if givers := workflow.givers(command):
        demand(caller, *givers)


def _row(case: Case, command: str, body: Command) -> Transition:
    row = workflow.transition(case.state, command)
    if row is None or not row.who:
        COMMANDS.labels(command, "refused").inc()
        allowed = workflow.allowed(case.state)
        by_system = row is not None or not workflow.givers(command)
        why = "is given by the system alone" if by_system else f"is not possible in {case.state}"
        raise Problem(409, f"{command} {why}", allowed=allowed, state=case.state)
    if body.expected_version is not None and body.expected_version != case.version:
        detail = f"the case is at version {case.version}"
        raise Problem(409, detail, allowed=workflow.allowed(case.state), version=case.version)
    return row


def _may(caller: Principal, row: Transition, case: Case, rules: Rules) -> None:
    demand(caller, *row.who)
    if why := refusal(caller, row, case, rules.directory):
        raise Problem(403, why)


def offered(caller: Principal, case: Case, rules: Rules) -> list[Transition]:
    """What this caller may do with the case as it stands; guards may still ask for something."""
    rows = [workflow.transition(case.state, command) for command in workflow.allowed(case.state)]
    due = (row for row in rows if row is not None and row.is_due(case.clocks))
    return [row for row in due if caller.has(*row.who) and not refusal(caller, row, case, rules.directory)]


def _data(row: Transition, body: Command) -> Data:
    try:
        return row.data.model_validate(body.data)
    except ValidationError as error:
        raise findings(error, prefix="/data") from None


def _placed(case: Case, data: Data, rules: Rules) -> None:
    """A command that files the case needs a place that the map knows."""
    if isinstance(data, PlacedData) and grid_for(case, data, rules) is None:
        lack = {"pointer": "/data/place", "detail": "no grid of the directory lies there"}
        raise Problem(422, lack["detail"], errors=[lack])
