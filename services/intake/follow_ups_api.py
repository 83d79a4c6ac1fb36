"""After the report, over HTTP: its reporter asks again, takes it back, or says how it went."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import asyncpg
from fastapi import APIRouter, Request, Response
from pydantic import AwareDatetime, BaseModel
from uuid_utils.compat import uuid7

from contracts.events import TYPES
from contracts.vocabulary import Role
from delivery.auth import Caller, Principal, demand
from delivery.database import Connection
from delivery.idempotency import KEY_REUSED
from delivery.problems import Problem
from delivery.service import Service, service_of
from services.intake import follow_ups_store as store
from services.intake.follow_up import (
    FollowUp,
    Given,
    GivenFeedback,
    GivenReminder,
    GivenWithdrawal,
    Report,
    follow_up_of,
    why_not,
)
from services.intake.reading_rights import report_for
from services.intake.receipt import read_receipt_no
from services.intake.request_headers import KEY, correlation_of, idempotency_of

router = APIRouter(tags=["reports"])
_ON_BEHALF = (Role.OPERATOR, Role.DISPATCHER, Role.SHIFT_LEADER, Role.VISITOR, Role.GRID_WORKER)


class Heard(BaseModel):
    """What was said is committed and on its way to the case that answers."""

    follow_up_id: UUID
    report_id: UUID
    case_id: UUID
    said_at: AwareDatetime


@router.post("/v1/reports/{report_id}/reminders", status_code=201, openapi_extra={"parameters": [KEY]})
async def remind(
    report_id: UUID,
    request: Request,
    response: Response,
    caller: Caller,
    given: GivenReminder = GivenReminder(),
) -> Heard:
    """The reporter asks again (催单): counted with his case, which may become more urgent."""
    return await _hear(report_id, given, request, response, caller)


@router.post("/v1/reports/{report_id}/withdrawal", status_code=201, openapi_extra={"parameters": [KEY]})
async def withdraw(
    report_id: UUID,
    request: Request,
    response: Response,
    caller: Caller,
    given: GivenWithdrawal = GivenWithdrawal(),
) -> Heard:
    """The reporter takes it back: whether the case ends is decided by a person, since others may wait for it."""
    return await _hear(report_id, given, request, response, caller)


@router.post("/v1/reports/{report_id}/feedback", status_code=201, openapi_extra={"parameters": [KEY]})
async def give_feedback(
    report_id: UUID, given: GivenFeedback, request: Request, response: Response, caller: Caller
) -> Heard:
    """What the reporter says of the result; what is not solved is done again or decided by a person."""
    return await _hear(report_id, given, request, response, caller)


async def _hear(
    report_id: UUID,
    given: Given,
    request: Request,
    response: Response,
    caller: Principal,
) -> Heard:
    """201 once it is committed with its event; 200 with the first answer when the same is sent again."""
    demand(caller, *_ON_BEHALF, Role.RESIDENT)
    used = idempotency_of(request, caller, await request.body())
    service = service_of(request)
    async with service.database.connection() as connection:
        if used is not None and (earlier := await store.find_used(connection, used)):
            return _again(earlier, used.body_sha256, report_id, TYPES[given.says], response)
        report = await _answered_for(connection, report_id, given.receipt_no, caller)
    fact, event_id = given.fact_about(report), uuid7()
    if why := why_not(fact, report):
        raise Problem(409, why)
    said = follow_up_of(
        fact,
        report,
        event_id=event_id,
        correlation_id=correlation_of(request, event_id),
        actor=caller.actor(*_ON_BEHALF, Role.RESIDENT),
        now=datetime.now(UTC),
        idempotency=used,
    )
    return await _keep(service, said, response)


async def _answered_for(
    connection: Connection, report_id: UUID, receipt_no: str | None, caller: Principal
) -> Report:
    """Whoever brings its receipt speaks for the reporter. Without it a desk answers for the reports that it may read,
    and for a resident there is none."""
    report = await store.find_report(connection, report_id)
    is_shown = (
        report is not None and receipt_no is not None and read_receipt_no(receipt_no) == report.receipt_no
    )
    if not is_shown and caller.has(*_ON_BEHALF):
        await report_for(connection, report_id, caller)
    elif not is_shown:
        report = None
    if report is None:
        raise Problem(404, "no such report")
    return report


async def _keep(service: Service, said: FollowUp, response: Response) -> Heard:
    try:
        async with service.database.transaction() as connection:
            await store.add(connection, said)
    except asyncpg.UniqueViolationError:  # its twin was quicker by a moment
        assert said.idempotency is not None
        async with service.database.connection() as connection:
            earlier = await store.find_used(connection, said.idempotency)
        return _again(earlier, said.idempotency.body_sha256, said.report.report_id, said.type, response)
    return Heard(
        follow_up_id=said.event_id,
        report_id=said.report.report_id,
        case_id=said.report.case_id,
        said_at=said.said_at,
    )


def _again(earlier: Any, body_sha256: bytes, report_id: UUID, kind: str, response: Response) -> Heard:
    same = (earlier["body_sha256"], earlier["report_id"], earlier["type"]) == (body_sha256, report_id, kind)
    if not same:
        raise Problem(409, KEY_REUSED)
    response.status_code = 200
    names = ("report_id", "case_id", "said_at")
    return Heard(follow_up_id=earlier["event_id"], **{name: earlier[name] for name in names})
