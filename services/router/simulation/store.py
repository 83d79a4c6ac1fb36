"""Past reports as the router knows them, read in their order without loading them all."""

from collections.abc import AsyncIterator
from datetime import datetime, tzinfo
from typing import Any
from uuid import UUID

import orjson

from contracts.facts.report import Place, ReportedFacts
from delivery.database import Connection
from services.router.decision.question import Question

_AT_ONCE = 500


async def past_questions(
    connection: Connection, begins: datetime | None, ends: datetime | None, zone: tzinfo
) -> AsyncIterator[list[tuple[UUID, Question]]]:
    """What each report of the stretch asked of the rules, in batches; needs a transaction around it."""
    rows = connection.cursor(
        """select case_id, grid, reported_at, body::text from cases
           where grid is not null and ($1::timestamptz is null or reported_at >= $1)
               and ($2::timestamptz is null or reported_at < $2)
           order by reported_at""",
        begins,
        ends,
        prefetch=_AT_ONCE,
    )
    batch: list[tuple[UUID, Question]] = []
    async for row in rows:
        at = row["reported_at"].astimezone(zone)
        batch.append((row["case_id"], _question(orjson.loads(row["body"]), row["grid"], at)))
        if len(batch) == _AT_ONCE:
            yield batch
            batch = []
    if batch:
        yield batch


def _question(case: dict[str, Any], grid: str, at: datetime) -> Question:
    return Question(
        text=case["text"],
        at=at,
        grid=grid,
        category=case.get("wanted_category"),
        kind=case.get("kind"),
        channel=case["channel"],
        place=Place(**case["place"]),
        facts=ReportedFacts(**case.get("stated", {})),
        confidential=case.get("confidential", False),
    )
