"""Lists of many cases at rest: a page reads a little of them, whatever it is asked for, and pages hold each case once."""

from datetime import timedelta
from typing import Any

from contracts.vocabulary import Tier
from delivery.database import Connection
from delivery.service import Service
from services.router.cases.queue import Wanted, count_cases, list_cases
from services.router.cases.visibility import Reach
from tests.router.builders import NOON

CASES = 20_000
PAGE = 50
WISHES = 60
A_PART = 6_000
"""Rows that a page may read, however many rest: what it asks for may be one in a hundred of them."""
# every unit but the first leads a share of its own; of a hundred communities each has its share of the ground
_FILL = """
    insert into cases (case_id, report_id, state, version, tier, lead, involved, grid, community, town, district,
                       category, urgency, urgency_level, reported_at, due_at, first_due_at, body)
    select gen_random_uuid(), gen_random_uuid(),
           case when n % 200 = 0 then 'handling' when n % 500 = 1 then 'voided' when n % 10 = 3 then 'closed'
                else 'archived' end,
           1, case when n % 50 = 7 then 'town' else 'district' end,
           'U' || n % 300, array['U' || n % 300, 'CENTRE'], 'G' || n % 1000, 'C' || n % 100, 'T' || n % 10, 'D',
           'C01-05', case when n % 50 = 9 then 'critical' else 'general' end,
           case when n % 50 = 9 then 3 else 0 end, $1::timestamptz - n * interval '7 minutes',
           case when n % 400 = 0 then $1::timestamptz - n * interval '1 minute' end,
           case when n % 400 = 0 or n % 5000 = 3 then $1::timestamptz - n * interval '1 minute' end,
           jsonb_build_object('case_id', n)
    from generate_series(1, $2::int) as n"""
# of what is open, of what was closed a while ago, and of what is archived
_WISH = """
    insert into reporter_wishes (event_id, case_id, report_id, wish, wished_at)
    select gen_random_uuid(), case_id, report_id, 'unsolved', reported_at from cases
    where (body ->> 'case_id')::int % 1000 in (0, 3, 4)"""
_READ = "select seq_tup_read + idx_tup_fetch from pg_stat_xact_user_tables where relname = 'cases'"
EVERYWHERE = Reach(None, sealed=True)
IN_A_UNIT = Reach(frozenset({"U17"}), sealed=True)
IN_A_COMMUNITY = Reach(frozenset({"U17"}), "C17", Tier.COMMUNITY, sealed=True)
IN_A_TOWN = Reach(frozenset({"U17"}), "T3", Tier.TOWN, sealed=True)
ASKED: list[tuple[dict[str, Any], Reach]] = [
    ({}, EVERYWHERE),
    ({}, Reach(None)),
    ({"state": "archived"}, EVERYWHERE),
    ({"state": "voided"}, EVERYWHERE),
    ({"state": "handling"}, EVERYWHERE),
    ({"state": "rejected"}, EVERYWHERE),
    ({"open": False}, EVERYWHERE),
    ({"open": True}, EVERYWHERE),
    ({"unit": "U17"}, EVERYWHERE),
    ({"unit": "nobody"}, EVERYWHERE),
    ({"grid": "G17"}, EVERYWHERE),
    ({"tier": "town"}, EVERYWHERE),
    ({"tier": "grid"}, IN_A_UNIT),
    ({"urgency": "critical"}, EVERYWHERE),
    ({"overdue": True}, EVERYWHERE),
    ({"overdue": False}, EVERYWHERE),
    ({"overdue": True, "unit": "U17"}, EVERYWHERE),
    ({"urgency": "critical", "tier": "district", "state": "archived"}, EVERYWHERE),
    ({}, IN_A_UNIT),
    ({}, IN_A_COMMUNITY),
    ({}, IN_A_TOWN),
    ({"unit": "U17", "state": "closed"}, IN_A_TOWN),
    ({"grid": "G17", "overdue": False}, IN_A_COMMUNITY),
    ({"to_confirm": True}, EVERYWHERE),
    ({"to_confirm": False}, IN_A_UNIT),
    ({"wished": True}, EVERYWHERE),
    ({"wished": True}, IN_A_TOWN),
    ({"wished": True, "open": False}, EVERYWHERE),
    ({"wished": False}, EVERYWHERE),
]


async def _fill(connection: Connection, count: int) -> None:
    await connection.execute(_FILL, NOON, count, timeout=120)
    await connection.execute(_WISH)
    await connection.execute("vacuum (analyze) cases, reporter_wishes", timeout=120)


async def test_a_page_reads_a_part_of_what_rests(router: Service) -> None:
    async with router.database.connection() as connection:
        await _fill(connection, CASES)
        for asked, reach in ASKED:
            pages, after = 0, None
            while pages == 0 or (after and pages < 3):
                async with connection.transaction():
                    before = await connection.fetchval(_READ)
                    _, after = await _list(connection, asked, reach, after)
                    read = await connection.fetchval(_READ) - before
                pages += 1
                assert read < A_PART, (asked, reach, pages)


async def test_what_the_desk_counts_is_not_sought_in_what_rests(router: Service) -> None:
    async with router.database.connection() as connection:
        await _fill(connection, CASES)
        is_open = await connection.fetchval("select count(*) from cases where state = 'handling'")
        for reach in (EVERYWHERE, IN_A_UNIT, IN_A_TOWN):
            async with connection.transaction():
                before = await connection.fetchval(_READ)
                counts = await count_cases(connection, reach, NOON)
                read = await connection.fetchval(_READ) - before
            assert read <= is_open + WISHES, reach
            if reach is EVERYWHERE:
                # of open cases all twenty, of the others those of thirty days, which are 6,171 times seven minutes
                assert (counts.open, counts.wished) == (is_open, 20 + 7 + 7)


_LONG = """
    update cases set body = body || jsonb_build_object('text', (
        select string_agg(md5(body::text || part), '') from generate_series(1, 300) as part))"""
_WRITTEN_OUT = "select pg_stat_get_xact_blocks_fetched(reltoastrelid) from pg_class where relname = 'cases'"


async def test_only_the_cases_of_a_page_are_written_out(router: Service) -> None:
    """Not all that are sorted for it: the bodies lie apart here, so that reading them is seen."""
    async with router.database.connection() as connection:
        await _fill(connection, 800)
        await connection.execute(f"{_LONG}; update cases set state = 'handling'; analyze cases")
        async with connection.transaction():
            before = await connection.fetchval(_WRITTEN_OUT)
            items, _ = await _list(connection, {}, EVERYWHERE, None, limit=10)
            read = await connection.fetchval(_WRITTEN_OUT) - before
    assert len(items) == 10
    assert 0 < read < 200


async def test_pages_hold_every_case_once_the_open_ones_first(router: Service) -> None:
    listed: list[int] = []
    pages, after = 0, None
    async with router.database.connection() as connection:
        await _fill(connection, 6000)
        while pages == 0 or after:
            items, after = await _list(connection, {"unit": "U100"}, EVERYWHERE, after, limit=3)
            listed += [each["case_id"] for each in items]
            pages += 1
    of_the_unit = range(100, 6001, 300)
    open_ones = [number for number in of_the_unit if number % 200 == 0]
    assert sorted(listed[: len(open_ones)]) == open_ones
    assert listed[len(open_ones) :] == [number for number in of_the_unit if number % 200], (
        "the last reported first"
    )
    assert pages == 7


async def _list(
    connection: Connection, asked: dict[str, Any], reach: Reach, after: str | None, limit: int = PAGE
) -> tuple[list[dict[str, Any]], str | None]:
    now = NOON + timedelta(minutes=1)
    return await list_cases(connection, Wanted(**asked), reach, now=now, after=after, limit=limit)
