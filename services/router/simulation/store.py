"""Past reports as the router knows them, read as they lie (an id tells its time), so that nothing is sorted first."""

from collections.abc import AsyncIterator
from datetime import datetime, tzinfo
from uuid import UUID

import orjson

from delivery.database import Connection
from delivery.local_time import local
from services.router.decision.question import Question
from services.router.rulesets.urgency_rules import SoftPoints
from services.router.simulation.past import question_of

_AT_ONCE = 500


async def past_questions(
    connection: Connection,
    begins: datetime | None,
    ends: datetime | None,
    zone: tzinfo,
    soft: SoftPoints,
) -> AsyncIterator[list[tuple[UUID, Question]]]:
    """What each report of the stretch asked of the rules, in batches; needs a transaction around it.

    `soft` are the points of the ruleset that is compared against.
    """
    rows = connection.cursor(
        """select case_id, grid, reported_at, body::text, (
               select filed.body from case_events filed
               where filed.case_id = cases.case_id and filed.type = 'case.filed'
               order by filed.case_version desc limit 1) as filed
           from cases where grid is not null and ($1::timestamptz is null or reported_at >= $1)
               and ($2::timestamptz is null or reported_at < $2)
           order by case_id""",
        begins,
        ends,
        prefetch=_AT_ONCE,
    )
    batch: list[tuple[UUID, Question]] = []
    async for row in rows:
        at = local(row["reported_at"], zone)
        reasons = orjson.loads(row["filed"])["data"].get("reasons", ()) if row["filed"] else ()
        asked = question_of(orjson.loads(row["body"]), reasons, row["grid"], at, soft)
        batch.append((row["case_id"], asked))
        if len(batch) == _AT_ONCE:
            yield batch
            batch = []
    if batch:
        yield batch
