"""Past reports as the router knows them, read as they lie (an id tells its time), so that nothing is sorted first."""

from collections.abc import AsyncIterator
from datetime import datetime, tzinfo
from uuid import UUID

import asyncpg
import orjson

from delivery.database import Connection
from delivery.local_time import local
from services.router.decision.question import Question
from services.router.rulesets.urgency_rules import SoftPoints
from services.router.simulation.past import question_of

_AT_ONCE = 500
_DAY_MS = 86_400_000  # no clock is off by as much
# what is not asked for is passed by, so that no statement looks for others beyond it; the emergency beside an
# application is of the same report, under an id that tells nothing
_NEXT = """select case_id, grid, reported_at, is_asked, case when is_asked then body::text end as body,
        case when is_asked then (
            select filed.body from case_events filed
            where filed.case_id = next.case_id and filed.type = 'case.filed'
            order by filed.case_version desc limit 1) end as filed
    from (
        select *, grid is not null and application is null
            and coalesce(reported_at >= $3, true) and coalesce(reported_at < $4, true) as is_asked
        from cases where case_id > $1 order by case_id limit $2
    ) as next order by case_id"""


async def past_questions(
    connection: Connection,
    begins: datetime | None,
    ends: datetime | None,
    zone: tzinfo,
    soft: SoftPoints,
) -> AsyncIterator[list[tuple[UUID, Question]]]:
    """What each report of the stretch asked of the rules, in batches.

    `soft` are the points of the ruleset that is compared against.
    """
    last = _before(begins)
    while rows := await connection.fetch(_NEXT, last, _AT_ONCE, begins, ends):
        last = rows[-1]["case_id"]
        if batch := [(row["case_id"], _question(row, zone, soft)) for row in rows if row["is_asked"]]:
            yield batch


def _before(begins: datetime | None) -> UUID:
    """No report since then has a lower id."""
    milliseconds = int(begins.timestamp() * 1000) - _DAY_MS if begins else 0
    return UUID(int=max(0, milliseconds) << 80)


def _question(row: asyncpg.Record, zone: tzinfo, soft: SoftPoints) -> Question:
    at = local(row["reported_at"], zone)
    reasons = orjson.loads(row["filed"])["data"].get("reasons", ()) if row["filed"] else ()
    return question_of(orjson.loads(row["body"]), reasons, row["grid"], at, soft)
