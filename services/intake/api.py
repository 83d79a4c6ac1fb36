"""Reports over HTTP: submit one, read one by role, follow one by its receipt."""

import secrets
from codecs import BOM_UTF8
from datetime import UTC, datetime
from typing import Annotated, Any
from uuid import UUID
from zoneinfo import ZoneInfo

import orjson
from fastapi import APIRouter, Depends, Header, Request, Response
from pydantic import AwareDatetime, BaseModel, ValidationError
from uuid_utils.compat import uuid7

from contracts.vocabulary import Language, OutwardStep, Role
from delivery.auth import Caller, Principal, authenticate, demand
from delivery.bare_route import BareRoute
from delivery.idempotency import KEY_REUSED
from delivery.openapi import takes
from delivery.problems import Problem, findings, invalid_field
from delivery.service import Running, service_of
from services.intake import directory_store, follow_ups_store, promises_store, store
from services.intake.front_door import FrontDoor, KeyReused, Receipt
from services.intake.metrics import REFUSED
from services.intake.outward import STEP_ZH
from services.intake.reading import Reading
from services.intake.reading_rights import report_for
from services.intake.reasons import Reason, said_of
from services.intake.receipt import RANDOM_BYTES, read_receipt_no
from services.intake.report import SOMEBODYS, GivenReport
from services.intake.request_headers import KEY, as_written, correlation_of, idempotency_of
from services.intake.somebodys_number import is_somebodys
from services.intake.submission import NewIds, submission_of

router = APIRouter(tags=["reports"])
front = APIRouter(tags=["reports"], route_class=BareRoute)

_SUBMITTERS = (Role.OPERATOR, Role.GRID_WORKER)


class ReceiptAnswer(BaseModel):
    report_id: UUID
    case_id: UUID
    receipt_no: str
    accepted_at: AwareDatetime
    links: dict[str, str]


class Why(BaseModel):
    """Where the step does not say all; in words that go on after "the report"."""

    code: str
    text_zh: str
    text_en: str
    until: AwareDatetime | None


class Step(BaseModel):
    step: OutwardStep
    step_zh: str
    at: AwareDatetime
    reason: Why | None


class Status(BaseModel):
    """What everybody who has the receipt may know."""

    receipt_no: str
    step: OutwardStep
    step_zh: str
    reason: Why | None
    history: list[Step]
    expected_by: AwareDatetime | None


# one pass from bytes to a checked report, on the busiest path of all
@front.post(
    "/v1/reports",
    status_code=201,
    response_model=ReceiptAnswer,
    dependencies=[Depends(authenticate)],
    openapi_extra=takes(GivenReport) | {"parameters": [KEY]},
)
async def submit_report(request: Request) -> Response:
    """201 and a receipt once the report is committed; 200 with the first receipt when the same is sent again."""
    caller = await authenticate(request)
    demand(caller, *_SUBMITTERS)
    body, now = (await request.body()).removeprefix(BOM_UTF8), datetime.now(UTC)
    given = _given(body, now)
    _may_settle(caller, given)
    await _check_grid(request, given.place.grid)
    door: FrontDoor = request.app.state.front_door
    submission = submission_of(
        given,
        _new_ids(request),
        actor=caller.actor(*_SUBMITTERS),
        now=now,
        reporter_secret=request.app.state.reporter_secret,
        idempotency=idempotency_of(request, caller, body),
    )
    try:
        return _answer(await door.submit(submission))
    except KeyReused:
        REFUSED.labels("key_reused").inc()
        raise Problem(409, KEY_REUSED) from None


@router.get("/v1/reports/{report_id}")
async def show_report(
    report_id: UUID,
    service: Running,
    caller: Caller,
    x_purpose: Annotated[str | None, Header(max_length=200)] = None,
) -> dict[str, Any]:
    """With the reporter and his words, or redacted for the units of its case; reading personal data is recorded."""
    async with service.database.transaction() as connection:
        row, reading = await report_for(connection, report_id, caller)
        body = orjson.loads(row["body"])
        shown = _receipt_of(row) | {"channel": row["channel"], **body}
        shown |= {"attachments": [], "attachment_count": body["attachments"]}
        if reading is Reading.PERSONAL:
            purpose = x_purpose and as_written(x_purpose)
            secret = await store.read_vault(connection, report_id, reader=caller.sub, purpose=purpose)
            shown |= _personal(secret) if secret else {}
        shown["follow_ups"] = [
            _said(row) for row in await follow_ups_store.follow_ups_of(connection, report_id)
        ]
    return shown


@router.get("/v1/status/{receipt_no}")
async def show_status(receipt_no: str, request: Request, service: Running) -> Status:
    """Public: how far a report has come."""
    known = read_receipt_no(receipt_no)
    rows, promised = [], None
    if known is not None:
        async with service.database.connection() as connection:
            rows = await store.find_progress(connection, known)
            promised = await promises_store.find(connection, known)
    if not rows or known is None:
        raise Problem(404, "no such receipt")
    return _status(known, rows, promised, request.app.state.zone)


def _given(body: bytes, now: datetime) -> GivenReport:
    try:
        return GivenReport.model_validate_json(body, context={"now": now})
    except ValidationError as error:
        REFUSED.labels("invalid").inc()
        raise findings(error) from None


async def _check_grid(request: Request, grid: str | None) -> None:
    """A directory may give its areas any codes, also such as telephones have; what it does not know is none of them."""
    if grid is None or not is_somebodys(grid):
        return
    async with service_of(request).database.connection() as connection:
        if not await directory_store.may_be_an_area(connection, grid):
            REFUSED.labels("invalid").inc()
            raise invalid_field("/place/grid", f"no area of the directory; {SOMEBODYS}")


def _may_settle(caller: Principal, given: GivenReport) -> None:
    if given.on_spot is not None and (not caller.has(Role.GRID_WORKER) or caller.unit is None):
        raise Problem(
            403,
            "only a grid worker registers what he has settled on the spot",
            errors=[{"pointer": "/on_spot", "detail": "needs the role grid_worker and its unit"}],
        )


def _new_ids(request: Request) -> NewIds:
    event_id = uuid7()
    correlation_id = correlation_of(request, event_id)
    return NewIds(uuid7(), uuid7(), event_id, correlation_id, secrets.token_bytes(RANDOM_BYTES))


def _answer(receipt: Receipt) -> Response:
    body = _receipt_of(vars(receipt))
    status = 200 if receipt.repeated else 201
    return Response(
        orjson.dumps(body, default=str), status, {"Location": body["links"]["report"]}, "application/json"
    )


def _receipt_of(row: Any) -> dict[str, Any]:
    links = {"report": f"/v1/reports/{row['report_id']}", "status": f"/v1/status/{row['receipt_no']}"}
    return {name: row[name] for name in ("report_id", "case_id", "receipt_no", "accepted_at")} | {
        "links": links
    }


def _personal(secret: Any) -> dict[str, Any]:
    reporter = {name: secret[f"reporter_{name}"] for name in ("name", "phone", "email")}
    kept = {"original_text": secret["text"], "address": secret["address"], "reporter": reporter}
    return kept | {"attachments": orjson.loads(secret["attachments"])}


def _said(row: Any) -> dict[str, Any]:
    said = orjson.loads(row["body"])
    return {"type": row["type"], "said_at": row["said_at"]} | {
        name: said[name] for name in said if name not in ("report_id", "reporter_ref")
    }


def _status(receipt_no: str, rows: list[Any], promised: datetime | None, zone: ZoneInfo) -> Status:
    """Several events of one step are one step, and the last of them says why."""
    history: list[Step] = []
    for row in rows:
        step, reason = OutwardStep(row["step"]), _why(row, zone)
        if history and history[-1].step is step:
            history[-1].reason = reason
        else:
            history.append(Step(step=step, step_zh=STEP_ZH[step], at=row["at"], reason=reason))
    now = history[-1]
    return Status(
        receipt_no=receipt_no,
        step=now.step,
        step_zh=now.step_zh,
        reason=now.reason,
        history=history,
        expected_by=promised,
    )


def _why(row: Any, zone: ZoneInfo) -> Why | None:
    if row["reason"] is None:
        return None
    reason = Reason(row["reason"], row["until"])
    zh, en = (said_of(reason, language, zone) for language in (Language.ZH, Language.EN))
    return Why(code=reason.code, text_zh=zh, text_en=en, until=reason.until)
