"""What a new directory changes in the rows of cases: where each lies, who leads it and who sees it, by which lists find
it. What was stated of a case stays as it was; its next event says where it lies from then on."""

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from pydantic import TypeAdapter

from delivery.database import Connection
from services.router.cases.saving_store import in_directory
from services.router.cases.store import lock_cases
from services.router.directory.directory import Directory
from services.router.workflow.case import Case
from services.router.workflow.standing_in import placed_now

NONE_YET = UUID(int=0)
_CASE = TypeAdapter(Case)
# what is archived stays where it was; it is passed by, so that no statement looks for others beyond it
_NEXT = """select case_id, case when state <> 'archived' then body::text end as body,
        lead, array_to_string(involved, ' ') as involved, grid, community, town, district
    from cases where case_id > $1 order by case_id limit $2"""
_FOUND = """update cases set lead = found.lead, involved = string_to_array(found.involved, ' '), grid = found.grid,
        community = found.community, town = found.town, district = found.district
    from unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[])
        as found (case_id, lead, involved, grid, community, town, district)
    where cases.case_id = found.case_id"""


class Unsettled(NamedTuple):
    version: int
    settled_to: UUID | None


async def lock_unsettled(connection: Connection) -> Unsettled | None:
    """The directory in force, unless all cases are settled by it or another replica has it; while it is locked no other
    is imported."""
    row = await connection.fetchrow(
        """select version, settled_to from directory_versions
           where settled_at is null and version = (select max(version) from directory_versions)
           for update skip locked"""
    )
    return Unsettled(*row) if row else None


async def settled(connection: Connection, version: int, last: UUID) -> None:
    await connection.execute(
        "update directory_versions set settled_to = $2 where version = $1", version, last
    )


async def all_settled(connection: Connection, version: int, at: datetime) -> None:
    await connection.execute("update directory_versions set settled_at = $2 where version = $1", version, at)


async def settle_after(
    connection: Connection, after: UUID, directory: Directory, *, limit: int
) -> UUID | None:
    """The last of the next cases in the order of their ids; None when there are none. Only what changes is locked."""
    rows = await connection.fetch(_NEXT, after, limit)
    changed = [
        row["case_id"]
        for row in rows
        if row["body"] and _found(_CASE.validate_json(row["body"]), directory) != tuple(row)[2:]
    ]
    if changed:
        await _settle(connection, (await lock_cases(connection, changed)).values(), directory)
    return rows[-1]["case_id"] if rows else None


async def _settle(connection: Connection, cases: Iterable[Case], directory: Directory) -> None:
    rows = [(case.case_id, *_found(case, directory)) for case in cases]
    await connection.execute(_FOUND, *(list(column) for column in zip(*rows, strict=True)))


def _found(case: Case, directory: Directory) -> tuple[str | None, ...]:
    return in_directory(placed_now(case, directory), directory)
