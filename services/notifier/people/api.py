"""Where units are reached, and what they were told. Contacts stay in the notifier's database."""

from collections.abc import Sequence
from datetime import datetime, time
from typing import Annotated, Any, Literal
from uuid import UUID

import asyncpg
from fastapi import APIRouter, Depends, Path, Request
from pydantic import BaseModel, ConfigDict, model_validator
from pydantic_core import PydanticCustomError

from contracts.vocabulary import Language, Medium, NoticeStatus, Role, Urgency
from delivery.auth import Principal, require
from delivery.cursors import Limit
from delivery.database import Connection
from delivery.field_types import Plain, shaped
from delivery.problems import Problem
from delivery.service import Running
from services.notifier.people import notices_store, people_store
from services.notifier.people.parties import Post
from services.notifier.people.told import Kind
from services.notifier.shapes import Address
from services.notifier.store.directory import KnownDirectory

router = APIRouter(tags=["people"])
_READERS = (Role.UNIT_LEAD, Role.HANDLER, Role.GRID_WORKER, Role.AGENCY)
ContactReader = Annotated[Principal, Depends(require(*_READERS))]
ContactSetter = Annotated[Principal, Depends(require(Role.UNIT_LEAD, Role.GRID_WORKER, Role.AGENCY))]
NoticeReader = Annotated[Principal, Depends(require(*_READERS, Role.SUPERVISOR))]
Unit = Annotated[
    str, Path(min_length=1, max_length=100), shaped(r"^[A-Za-z0-9._-]+$", "a code: letters, digits and . _ -")
]


_ANOTHERS = "the contact and the notices of another unit"


class Contact(BaseModel):
    """Where a unit's people on duty are reached; what is left out is taken away.

    `phone` takes SMS and calls, `app` is the id that the gateway knows. Quiet hours are local times; both or none.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    language: Language = Language.ZH
    email: Address | None = None
    phone: (
        Annotated[
            str,
            shaped(r"^\+?[0-9][0-9 -]{2,28}$", "a telephone number: digits, spaces and -, perhaps + first"),
        ]
        | None
    ) = None
    app: (
        Annotated[str, shaped(r"^[\x21-\x7e]{1,200}$", "an id of up to 200 visible ASCII characters")] | None
    ) = None
    quiet_from: time | None = None
    quiet_to: time | None = None

    @model_validator(mode="after")
    def _both_or_none(self) -> "Contact":
        if (self.quiet_from is None) != (self.quiet_to is None):
            raise PydanticCustomError("half_quiet", "quiet_from and quiet_to stand together")
        if any(each is not None and each.tzinfo is not None for each in (self.quiet_from, self.quiet_to)):
            raise PydanticCustomError("zoned", "quiet hours are local times, without a zone")
        return self


class KnownContact(Contact):
    unit: str
    updated_at: datetime


class Notice(BaseModel):
    id: UUID
    unit: str
    post: Post
    kind: Kind
    urgency: Urgency
    medium: Medium | Literal["none"]
    number: int
    digest: bool
    case_id: UUID
    event_id: UUID
    event_type: str
    status: NoticeStatus
    attempts: int
    code: int | None
    error: str | None
    created_at: datetime
    due_at: datetime | None
    ended_at: datetime | None


class Notices(BaseModel):
    items: list[Notice]
    next: UUID | None


@router.get("/v1/contacts/{unit}")
async def show_contact(service: Running, caller: ContactReader, unit: Unit) -> KnownContact:
    _own(caller, unit)
    async with service.database.connection() as connection:
        row = await people_store.find_contact(connection, unit)
    if row is None:
        raise Problem(404, "this unit has given no contact")
    return _known(row)


@router.put("/v1/contacts/{unit}")
async def set_contact(service: Running, caller: ContactSetter, unit: Unit, contact: Contact) -> KnownContact:
    """Replaces the unit's contact whole."""
    _own(caller, unit)
    async with service.database.transaction() as connection:
        row = await people_store.keep_contact(connection, contact.model_dump() | {"unit": unit}, caller.sub)
    return _known(row)


@router.get("/v1/notices")
async def list_notices(
    request: Request,
    service: Running,
    caller: NoticeReader,
    unit: Plain | None = None,
    status: NoticeStatus | None = None,
    after: UUID | None = None,
    limit: Limit = 50,
) -> Notices:
    """What was told and what became of it, newest first: of the own unit, for supervisors also of those below it; of a
    sealed case only where the own unit acts."""
    async with service.database.connection() as connection:
        units = await _readable(request, connection, caller, unit)
        reader = None if caller.is_admin else caller.unit
        rows = await notices_store.page(
            connection, units=units, reader=reader, status=status, after=after, limit=limit + 1
        )
    items = [Notice(**dict(row)) for row in rows[:limit]]
    return Notices(items=items, next=items[-1].id if len(rows) > limit else None)


async def _readable(
    request: Request, connection: Connection, caller: Principal, unit: str | None
) -> Sequence[str] | None:
    """None: of any unit."""
    if caller.is_admin and unit is None:
        return None
    if not caller.has(Role.SUPERVISOR) or caller.is_admin or caller.unit is None:
        asked = unit or caller.unit or ""
        _own(caller, asked)
        return [asked]
    known: KnownDirectory = request.app.state.known
    below = (await known.directory(connection)).below(caller.unit)
    if unit is not None and unit not in below:
        raise Problem(403, _ANOTHERS)
    return sorted(below) if unit is None else [unit]


def _own(caller: Principal, unit: str) -> None:
    if not caller.is_admin and (caller.unit is None or caller.unit != unit):
        raise Problem(403, _ANOTHERS)


def _known(row: asyncpg.Record) -> KnownContact:
    shown: dict[str, Any] = dict(row)
    return KnownContact(**shown)
