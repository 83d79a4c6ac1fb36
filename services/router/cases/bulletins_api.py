"""The bulletin (通报) over HTTP: who came so late with what that two tiers up had to know (domain §11.5)."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

import orjson
from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from delivery.auth import Caller
from delivery.cursors import After, Limit, from_cursor, to_cursor
from delivery.field_types import AskedInstant
from delivery.problems import invalid_field
from delivery.service import Running
from services.router.cases import bulletins_store
from services.router.cases.bulletins_store import Listed
from services.router.cases.visibility import reach_of
from services.router.dependencies import Current

router = APIRouter(tags=["cases"])


class BulletinLine(BaseModel):
    """Of a case that the caller sees; an appeal that was granted later takes none out."""

    at: datetime
    case_id: UUID
    clock: str
    late: list[str] | None = Field(
        description="the units whose limit had passed; none: the desk; null: before this was noted"
    )
    supervisor: str | None = Field(description="the unit that was told")
    category: str | None
    grid: str | None
    urgency: str
    state: str = Field(description="in which the case is now")


class Bulletin(BaseModel):
    items: list[BulletinLine]
    next: str | None


@router.get("/v1/bulletin")
async def show_bulletin(
    caller: Caller,
    service: Running,
    current: Current,
    begins: Annotated[AskedInstant, Query(alias="from", description="from when, with zone")],
    ends: Annotated[AskedInstant, Query(alias="to", description="until when, itself not included")],
    after: After = None,
    limit: Limit = 50,
) -> Bulletin:
    """Each limit that passed so long ago, in the period, that stage L3 came; the newest first."""
    if ends <= begins:
        raise invalid_field("/to", "must be after `from`")
    behind = from_cursor(Listed, after) if after else None
    async with service.database.connection() as connection:
        rules = await current.get(connection)
        reach = reach_of(caller.roles, caller.unit, rules.directory)
        rows = await bulletins_store.page(
            connection, reach, begins=begins, ends=ends, after=behind, limit=limit + 1
        )
    last = rows[limit - 1] if len(rows) > limit else None
    following = last and to_cursor(Listed(**{name: last[name] for name in Listed.model_fields}))
    return Bulletin(items=[_line(row["body"], row["state"]) for row in rows[:limit]], next=following)


def _line(body: str, state: str) -> BulletinLine:
    event = orjson.loads(body)
    said = event["data"]
    about = {name: event.get(name) for name in ("case_id", "category", "grid", "urgency")}
    what = {name: said.get(name) for name in ("clock", "late", "supervisor")}
    return BulletinLine.model_validate(about | what | {"at": event["occurred_at"], "state": state})
