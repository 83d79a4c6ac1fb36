"""A simulation begins at once, however many reports there are, and wherever its stretch lies among them."""

from datetime import UTC, datetime, timedelta

from delivery.database import Connection
from delivery.service import Service
from services.router.rulesets.ruleset import load_ruleset
from services.router.simulation.store import past_questions
from tests.router.builders import NOON

CASES = 20_000
A_PART = 2_000
A_DAY = 1_440  # a report a minute
# each has an id that tells its time
_FILL = """
    insert into cases (case_id, report_id, state, version, involved, grid, urgency, urgency_level, reported_at, body)
    select (lpad(to_hex((extract(epoch from at) * 1000)::bigint), 12, '0') || '70008' || lpad(n::text, 15, '0'))::uuid,
           gen_random_uuid(), 'archived', 1, '{}', 'D111', 'general', 0, at,
           '{"text": "路灯不亮", "channel": "web", "place": {}}'
    from generate_series(1, $2::int) as n cross join lateral (
        select $1::timestamptz + n * interval '1 minute') as reported (at)"""
_READ = "select seq_tup_read + idx_tup_fetch from pg_stat_xact_user_tables where relname = 'cases'"


async def test_the_first_reports_are_there_before_the_last_are_read(router: Service) -> None:
    """To sort them all first outlasts a statement's time."""
    async with router.database.connection() as connection:
        await _fill(connection)
        async with connection.transaction():
            before = await connection.fetchval(_READ)
            await anext(past_questions(connection, None, None, UTC, load_ruleset().urgency.soft))
            assert await connection.fetchval(_READ) - before < A_PART


async def test_what_came_long_before_the_stretch_is_not_read(router: Service) -> None:
    async with router.database.connection() as connection:
        await _fill(connection)
        async with connection.transaction():
            before = await connection.fetchval(_READ)
            assert await _asked(connection, NOON + timedelta(minutes=CASES - 99), None) == 100
            assert await connection.fetchval(_READ) - before < A_DAY + A_PART


async def test_what_came_long_after_the_stretch_is_passed_by_in_statements_of_its_own(
    router: Service,
) -> None:
    begins, ends = NOON, NOON + timedelta(minutes=100)
    async with router.database.connection() as connection:
        await _fill(connection)
        async with connection.transaction():
            before = await connection.fetchval(_READ)
            asked = past_questions(connection, begins, ends, UTC, load_ruleset().urgency.soft)
            assert len(await anext(asked)) == 99
            assert await connection.fetchval(_READ) - before < A_PART
        assert await _asked(connection, begins, ends) == 99


async def test_a_report_with_an_emergency_beside_it_is_asked_about_once(router: Service) -> None:
    async with router.database.connection() as connection:
        await _fill(connection)
        await connection.execute(
            "update cases set application = case_id where reported_at < $1", NOON + timedelta(hours=1)
        )
        assert await _asked(connection, None, None) == CASES - 59


async def _fill(connection: Connection) -> None:
    await connection.execute(_FILL, NOON, CASES, timeout=120)
    await connection.execute("vacuum (analyze) cases", timeout=120)


async def _asked(connection: Connection, begins: datetime | None, ends: datetime | None) -> int:
    asked = past_questions(connection, begins, ends, UTC, load_ruleset().urgency.soft)
    return sum([len(batch) async for batch in asked])
