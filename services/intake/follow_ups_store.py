"""The SQL of what reporters say after their report."""

from uuid import UUID

import asyncpg

from contracts.vocabulary import Language, OutwardStep
from delivery import outbox
from delivery.database import Connection
from services.intake.follow_up import FollowUp, Report
from services.intake.reasons import REASONS
from services.intake.store import find_progress
from services.intake.submission import Idempotency


async def find_report(connection: Connection, report_id: UUID) -> Report | None:
    row = await connection.fetchrow(
        """select report_id, case_id, receipt_no, body ->> 'reporter_ref' as reporter_ref
           from reports where report_id = $1""",
        report_id,
    )
    if row is None:
        return None
    steps = await find_progress(connection, row["receipt_no"])
    return Report(**dict(row), step=OutwardStep(steps[-1]["step"]), ended=_how_it_ended(steps))


def _how_it_ended(steps: list[asyncpg.Record]) -> str | None:
    """None while it can still be opened again: what was closed ends a second time when it is archived."""
    *before, last = steps
    if last["step"] != OutwardStep.CLOSED:
        return None
    if last["reason"]:
        return REASONS[last["reason"]][Language.EN]
    return "has been archived" if before and before[-1]["step"] == OutwardStep.CLOSED else None


async def add(connection: Connection, said: FollowUp) -> None:
    """Raises UniqueViolationError when its idempotency key was used before."""
    used = said.idempotency
    await connection.execute(
        """insert into follow_ups (event_id, report_id, type, said_at, said_by, body, caller, key, body_sha256)
           values ($1, $2, $3, $4, $5, $6::text::jsonb, $7, $8, $9)""",
        said.event_id,
        said.report.report_id,
        said.type,
        said.said_at,
        said.said_by,
        said.fact.model_dump_json(exclude_none=True),
        *((used.caller, used.key, used.body_sha256) if used else (None, None, None)),
    )
    await outbox.add(connection, [said.message])


async def find_used(connection: Connection, used: Idempotency) -> asyncpg.Record | None:
    """The follow-up that the key was used for."""
    return await connection.fetchrow(
        """select f.event_id, f.report_id, f.type, r.case_id, f.said_at, f.body_sha256
           from follow_ups f join reports r using (report_id) where f.caller = $1 and f.key = $2""",
        used.caller,
        used.key,
    )


async def follow_ups_of(connection: Connection, report_id: UUID) -> list[asyncpg.Record]:
    rows: list[asyncpg.Record] = await connection.fetch(
        """select type, said_at, body::text as body from follow_ups where report_id = $1
           order by said_at, event_id""",
        report_id,
    )
    return rows
