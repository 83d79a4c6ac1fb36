"""What PostgreSQL counts is what the rule says of each assignment, however many there are."""

from collections import Counter
from datetime import datetime, timedelta
from itertools import product
from uuid import uuid4

import asyncpg
import pytest

from delivery.service import Service
from services.assessment import store
from services.assessment.cohort import Assignment, Outcome, outcome
from tests.assessment.builders import NOON, after

HOURS = [after(hour) for hour in range(4)]  # each order in which four times can come, and each tie
_READ = "select seq_tup_read + idx_tup_fetch from pg_stat_xact_user_tables where relname = 'assignments'"
ASSIGNMENTS = [
    Assignment(f"U{number:03}", limit_at, finished_at, exempt=exempt, paused_at=paused_at)
    for number, (limit_at, finished_at, exempt, paused_at) in enumerate(
        product(HOURS, [None, *HOURS], [False, True], [None, *HOURS])
    )
]


@pytest.mark.parametrize("as_of", HOURS)
async def test_each_assignment_counts_as_the_rule_says(assessment: Service, as_of: datetime) -> None:
    async with assessment.database.transaction() as connection:
        await connection.executemany(
            """insert into assignments (case_id, round, unit, limit_at, finished_at, exempt, cohort_at, paused_at)
               values (gen_random_uuid(), 1, $1, $2, $3, $4, $2, $5)""",
            [
                (each.unit, each.limit_at, each.finished_at, each.exempt, each.paused_at)
                for each in ASSIGNMENTS
            ],
        )
        counted = await store.count_outcomes(
            connection, [each.unit for each in ASSIGNMENTS], begins=after(0), ends=after(4), as_of=as_of
        )
    told = {unit: +Counter(counts) for unit, counts in counted.items()}
    assert told == {each.unit: Counter([outcome(each, as_of)]) for each in ASSIGNMENTS}


async def test_a_unit_has_only_what_is_its_own_in_the_period(assessment: Service) -> None:
    async with assessment.database.transaction() as connection:
        await _fill(connection, units=3, each=10)
        counted = await store.count_outcomes(
            connection, ["U0002", "U0001", "NOBODY"], begins=after(1), ends=after(4), as_of=after(2)
        )
    assert list(counted) == ["U0002", "U0001", "NOBODY"]
    assert [counts[Outcome.OPEN_LATE] for counts in counted.values()] == [2, 2, 0]
    assert [counts[Outcome.PENDING] for counts in counted.values()] == [1, 1, 0]


async def test_nothing_else_is_read_than_what_is_counted(assessment: Service) -> None:
    async with assessment.database.transaction() as connection:
        await _fill(connection, units=20, each=500)
        before = await connection.fetchval(_READ)
        units = ["U0001", "U0002"]
        counted = await store.count_outcomes(connection, units, begins=NOON, ends=after(100), as_of=after(50))
        assert await connection.fetchval(_READ) - before == 200
    assert sum(sum(counts.values()) for counts in counted.values()) == 200


async def test_what_nobody_will_finish_any_more_is_not_read_to_count_the_rest(assessment: Service) -> None:
    """After years these are the many; nor is what was finished."""
    done = Assignment("U1", limit_at=after(2), finished_at=after(1))
    late, open_still = (
        Assignment("U1", limit_at=after(1)),
        Assignment("U2", limit_at=after(3), paused_at=NOON),
    )
    cases: list[dict[int, Assignment]] = [{1: late, 2: done}] * 900 + [{1: done}] * 900
    cases += [{1: late, 2: open_still}, {1: open_still}, {3: late}]
    async with assessment.database.transaction() as connection:
        await store.replace_assignments(connection, {uuid4(): rounds for rounds in cases})
        await connection.execute("analyze assignments")
        before = await connection.fetchval(_READ)
        assert await store.count_open(connection) == (3, 1)
        assert await connection.fetchval(_READ) - before == 3


async def _fill(connection: asyncpg.Connection, *, units: int, each: int) -> None:
    """An assignment for each hour and unit, which is due then."""
    await connection.execute(
        """insert into assignments (case_id, round, unit, limit_at, exempt, cohort_at)
           select gen_random_uuid(), 1, 'U' || lpad(unit::text, 4, '0'), due, false, due
           from generate_series(1, $1) as unit, generate_series($2::timestamptz, $3, '1 hour') as due""",
        units,
        NOON,
        NOON + timedelta(hours=each - 1),
    )
