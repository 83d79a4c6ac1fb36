"""Two replicas are sent the same reports at once, each in another order: one is quicker, and none waits in a circle."""

import asyncio
from datetime import UTC, datetime

import asyncpg
from uuid_utils.compat import uuid7

from contracts.envelope import SYSTEM
from delivery.database import Connection
from delivery.service import Service
from services.intake import store
from services.intake.receipt import RANDOM_BYTES
from services.intake.report import GivenReport
from services.intake.submission import Idempotency, NewIds, Submission, submission_of
from tests.intake.builders import a_report
from tests.waiting import until


def submissions(*keys: str) -> list[Submission]:
    now = datetime.now(UTC)
    given = GivenReport.model_validate(a_report(), context={"now": now})
    return [
        submission_of(
            given,
            NewIds(uuid7(), uuid7(), uuid7(), uuid7(), uuid7().bytes[-RANDOM_BYTES:]),
            actor=SYSTEM,
            now=now,
            reporter_secret=b"a secret of the test",
            idempotency=Idempotency("op-1", key, b"the same"),
        )
        for key in keys
    ]


async def test_the_slower_one_is_told_so(intake: Service) -> None:
    async with intake.database.connection() as one, intake.database.connection() as other:
        async with intake.database.connection() as somebody:
            midway = somebody.transaction()
            await midway.start()
            await store.insert_reports(somebody, submissions("k-2", "k-3"))
            writing = [
                asyncio.create_task(store.insert_reports(one, submissions("k-1", "k-2", "k-4"))),
                asyncio.create_task(store.insert_reports(other, submissions("k-4", "k-3", "k-1"))),
            ]
            await until(lambda: _wait(somebody, 2))
            await midway.rollback()
        answers = await asyncio.gather(*writing, return_exceptions=True)
    assert [type(answer) for answer in answers if answer is not None] == [asyncpg.UniqueViolationError]


async def _wait(connection: Connection, count: int) -> bool:
    waiting = "select count(*) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'"
    return bool(await connection.fetchval(waiting) >= count)
