"""A report for somebody who asks for it by its id, and how much of it he may read."""

from uuid import UUID

import asyncpg

from delivery.auth import Principal
from delivery.database import Connection
from delivery.problems import Problem
from services.intake import directory_store, involved_store, store
from services.intake.reading import Involved, Reading, reading_of


async def report_for(
    connection: Connection, report_id: UUID, caller: Principal
) -> tuple[asyncpg.Record, Reading]:
    """Raises Problem: 404 when there is none, or none that he may know of; 403 outside role and jurisdiction."""
    row = await store.find_report(connection, report_id)
    involved = await involved_store.find(connection, row["case_id"]) if row else Involved()
    member = await directory_store.member_of(connection, caller.unit)
    submitted_it = row is not None and row["submitted_by"] == caller.sub
    reading = reading_of(caller.roles, member, submitted_it=submitted_it, involved=involved)
    if reading is Reading.REFUSED:
        raise Problem(403, "the report lies outside your role or jurisdiction")
    if row is None or reading is Reading.HIDDEN:
        raise Problem(404, "no such report")
    return row, reading
