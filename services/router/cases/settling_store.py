"""What a new directory changes in the rows of cases: where each lies, who leads it and who sees it, by which lists find
it. What was stated of a case stays as it was; its next event says where it lies from then on."""

from collections.abc import Iterable
from uuid import UUID

import asyncpg
from pydantic import TypeAdapter

from delivery.database import Connection
from services.router.cases.saving_store import in_directory
from services.router.cases.store import lock_cases
from services.router.directory.directory import Directory
from services.router.workflow.case import Case
from services.router.workflow.standing_in import placed_now

_CASE = TypeAdapter(Case)
_PART = 200
_FIRST = UUID(int=0)
_KNOWN = """select case_id, body::text,
        lead, array_to_string(involved, ' ') as involved, grid, community, town, district
    from cases where case_id > $1 and state <> 'archived' order by case_id limit $2"""
_FOUND = """update cases set lead = found.lead, involved = string_to_array(found.involved, ' '), grid = found.grid,
        community = found.community, town = found.town, district = found.district
    from unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[])
        as found (case_id, lead, involved, grid, community, town, district)
    where cases.case_id = found.case_id"""


async def settle_anew(connection: Connection, directory: Directory) -> int:
    """How many cases lie, or are seen, otherwise than before; what is archived stays where it was. Only what changes is
    locked."""
    moved, after = 0, _FIRST
    while rows := await connection.fetch(_KNOWN, after, _PART):
        after = rows[-1]["case_id"]
        changed = [row["case_id"] for row in rows if _found(_case(row), directory) != tuple(row)[2:]]
        if changed:
            await _settle(connection, (await lock_cases(connection, changed)).values(), directory)
            moved += len(changed)
    return moved


async def _settle(connection: Connection, cases: Iterable[Case], directory: Directory) -> None:
    rows = [(case.case_id, *_found(case, directory)) for case in cases]
    await connection.execute(_FOUND, *(list(column) for column in zip(*rows, strict=True)))


def _found(case: Case, directory: Directory) -> tuple[str | None, ...]:
    return in_directory(placed_now(case, directory), directory)


def _case(row: asyncpg.Record) -> Case:
    return _CASE.validate_json(row["body"])
