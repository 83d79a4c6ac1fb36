"""A simulation begins at once, however many reports there are; to sort them all first outlasts a statement's time."""

from datetime import UTC

from delivery.service import Service
from services.router.rulesets.ruleset import load_ruleset
from services.router.simulation.store import past_questions
from tests.router.builders import NOON

CASES = 20_000
A_PART = 2_000
_FILL = """
    insert into cases (case_id, report_id, state, version, involved, grid, urgency, urgency_level, reported_at, body)
    select lpad(n::text, 32, '0')::uuid, gen_random_uuid(), 'archived', 1, '{}', 'D111', 'general', 0,
           $1::timestamptz + n * interval '1 minute', '{"text": "路灯不亮", "channel": "web", "place": {}}'
    from generate_series(1, $2::int) as n"""
_READ = "select seq_tup_read + idx_tup_fetch from pg_stat_xact_user_tables where relname = 'cases'"


async def test_the_first_reports_are_there_before_the_last_are_read(router: Service) -> None:
    async with router.database.connection() as connection:
        await connection.execute(_FILL, NOON, CASES, timeout=120)
        await connection.execute("vacuum (analyze) cases", timeout=120)
        async with connection.transaction():
            before = await connection.fetchval(_READ)
            await anext(past_questions(connection, None, None, UTC, load_ruleset().urgency.soft))
            assert await connection.fetchval(_READ) - before < A_PART
