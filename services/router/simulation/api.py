"""POST /v1/simulations: any stretch of past reports through another ruleset, and what would have changed."""

import asyncio
import time
from typing import Annotated, Any

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field

from delivery.database import Connection
from delivery.field_types import Instant
from delivery.logs import log
from delivery.problems import invalid_field
from delivery.service import Running
from services.router.current_rules import CurrentRules
from services.router.dependencies import Current, SupervisorOfAll
from services.router.directory.directory import Directory
from services.router.rulesets.ruleset import Version
from services.router.rulesets.store import RulesetNotFound
from services.router.simulation.comparing import Comparison, Judge
from services.router.simulation.store import past_questions

router = APIRouter(tags=["rulesets"])


class Wanted(BaseModel):
    """`against` is the ruleset in force when it is not given; `cases` is how many changed cases are listed."""

    model_config = ConfigDict(extra="forbid")

    ruleset: Version
    against: Version | None = None
    begins: Instant | None = Field(None, alias="from")
    ends: Instant | None = Field(None, alias="to")
    cases: Annotated[int, Field(ge=0, le=5000)] = 200


@router.post("/v1/simulations")
async def simulate(
    wanted: Wanted, caller: SupervisorOfAll, service: Running, current: Current
) -> dict[str, Any]:
    """Both rulesets decide every report anew, with today's directory; nothing is changed."""
    if wanted.begins and wanted.ends and wanted.ends <= wanted.begins:
        raise invalid_field("/to", "must be after `from`")
    started = time.monotonic()
    async with service.database.transaction() as connection:
        rules = await current.get(connection)
        # of both: an import between them would be taken for what the ruleset changes
        directory = rules.directory
        against = wanted.against or rules.ruleset.version
        before = await _judge(connection, against, "/against", current, directory)
        after = await _judge(connection, wanted.ruleset, "/ruleset", current, directory)
        comparison = Comparison(before, after, keep=wanted.cases)
        zone, soft = rules.calendar.zone, before.ruleset.urgency.soft
        async for batch in past_questions(connection, wanted.begins, wanted.ends, zone, soft):
            await asyncio.to_thread(_add, comparison, batch)  # reports and requests go on meanwhile
    seconds = time.monotonic() - started
    log.info("simulated", ruleset=wanted.ruleset, reports=comparison.reports, seconds=round(seconds, 2))
    return {
        "ruleset": after.ruleset.version,
        "against": before.ruleset.version,
        "reports": comparison.reports,
        "changed": comparison.changed,
        "unroutable": comparison.unroutable,
        "seconds": round(seconds, 3),
        **comparison.shares(),
        "cases": comparison.cases,
    }


async def _judge(
    connection: Connection, version: str, pointer: str, current: CurrentRules, directory: Directory
) -> Judge:
    try:
        tried = await current.trying(connection, version)
    except RulesetNotFound:
        raise invalid_field(pointer, "no ruleset has this version") from None
    return Judge(tried.ruleset, directory, tried.classify)


def _add(comparison: Comparison, batch: Any) -> None:
    for case_id, question in batch:
        comparison.add(case_id, question)
