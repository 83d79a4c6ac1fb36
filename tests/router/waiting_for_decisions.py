"""What changes the rules waits until the decisions under way are made: a test sees that it waits."""

import asyncio
from typing import Any

from delivery.service import Service
from services.router.current_rules import DECIDING
from tests.router.several_reports import rows_of
from tests.waiting import until

# it looks again and again, with the same connection
_LOOKING_FOR_DECISIONS = """select count(*) as waiting from pg_stat_activity
    where datname = current_database() and state like 'idle in transaction%' and starts_with(query, $1)"""


async def done_or_waiting(router: Service, task: "asyncio.Task[Any]") -> None:
    async def settled() -> bool:
        return task.done() or await _decisions_are_waited_for(router)

    await until(settled)


async def _decisions_are_waited_for(router: Service) -> bool:
    (row,) = await rows_of(router, _LOOKING_FOR_DECISIONS, DECIDING)
    return bool(row["waiting"])
