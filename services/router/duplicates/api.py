"""For those who decide about merges: which open cases may be one matter with this one, and what its reporters want."""

from datetime import datetime
from uuid import UUID

import asyncpg
from fastapi import APIRouter, Depends
from pydantic import BaseModel

from delivery.auth import Caller, Principal, require
from delivery.database import Connection
from delivery.service import Running
from services.router.cases.api import seen_case
from services.router.cases.queue import DECIDES
from services.router.cases.store import find_cases
from services.router.cases.visibility import reach_of
from services.router.cases.wishes_store import wishes_of
from services.router.current_rules import CurrentRules
from services.router.dependencies import Current
from services.router.duplicates import store

router = APIRouter(tags=["cases"])


class Likeness(BaseModel):
    """The merge score and its four parts, each 0 to 1; `metres` null when a place is not known as a point."""

    score: float
    category: float
    distance: float
    similarity: float
    recency: float
    metres: float | None
    same_component: bool


class SimilarCase(BaseModel):
    """Nothing of its text: it may be another's words."""

    case_id: UUID
    state: str
    category: str | None
    urgency: str
    lead: str | None
    grid: str | None
    reported_at: datetime
    likeness: Likeness


class Wish(BaseModel):
    """`withdrawn`: takes the report back; `unsolved`: says so when the case can no longer be done anew by itself."""

    report_id: UUID
    wish: str
    reason: str | None
    wished_at: datetime


class Related(BaseModel):
    """Answered by the commands merge, void and reopen; who the other reporters are is in none of it."""

    items: list[SimilarCase]
    recurrence_of: UUID | None
    wishes: list[Wish]


@router.get("/v1/cases/{case_id}/similar", dependencies=[Depends(require(*DECIDES))])
async def show_similar(case_id: UUID, caller: Caller, service: Running, current: Current) -> Related:
    async with service.database.connection() as connection:
        case = await seen_case(connection, case_id, caller, current)
        rows = await similar_and_seen(connection, case_id, caller, current)
        wishes = await wishes_of(connection, case_id)
    return Related(
        items=[SimilarCase(**dict(row)) for row in rows],
        recurrence_of=case.recurrence_of,
        wishes=[Wish(**dict(row)) for row in wishes],
    )


async def similar_and_seen(
    connection: Connection, case_id: UUID, caller: Principal, current: CurrentRules
) -> list[asyncpg.Record]:
    """Those into which he could merge it: what he may not see is suggested to others."""
    rows = await store.similar_cases(connection, case_id)
    cases = await find_cases(connection, [row["case_id"] for row in rows])
    directory = (await current.get(connection)).directory
    reach = reach_of(caller.roles, caller.unit, directory)
    return [row for row in rows if reach.sees(cases[row["case_id"]], directory)]
