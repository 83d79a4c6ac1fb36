"""What a look around a report costs: as much beside ten million cases as beside none, whatever the planner believes."""

import re

import pytest

from delivery.database import columns_of
from delivery.service import Service
from services.router.duplicates import store
from tests.router.builders import a_report
from tests.router.candidates import a_case_here
from tests.router.several_reports import a_report_by, work

pytestmark = pytest.mark.usefixtures("http")


_FILL = """
    insert into cases (case_id, report_id, state, version, involved, grid, community, town, district, category,
        urgency, urgency_level, reported_at, body)
    select gen_random_uuid(), gen_random_uuid(), $1, 1, '{}', 'D111', 'D11', 'D1', 'D', 'C01-05', 'general', 0,
        timestamptz '2026-11-01 00:00Z' + number * interval '1 second',
        jsonb_build_object('text', '路灯不亮', 'reporter_ref', 'r' || number, 'place',
            jsonb_build_object('lon', 1.0, 'lat', 1.0 + number * 0.0001, 'component_id', 'K' || number))
    from generate_series(1, $2) as number"""


@pytest.mark.parametrize(
    ("at_rest", "open_since"), [("'{}'", 0), ("body", 0), ("'{}'", 5_000), ("body", 5_000)]
)
async def test_what_a_look_costs_does_not_grow_with_the_cases_there_are(
    router: Service, at_rest: str, open_since: int
) -> None:
    """Whatever those at rest say, and whatever came since the planner last looked."""
    async with router.database.connection() as connection:
        await connection.execute(_FILL, "archived", 20_000)
        await connection.execute(_FILL, "closed", 5_000)
        await connection.execute(f"update cases set body = {at_rest}")
        await connection.execute("vacuum analyze cases")
        await connection.execute(_FILL, "dispatched", open_since)
    await work(router, a_report(), a_report_by("r7", component_id="L1"))
    async with router.database.connection() as connection:
        new = a_case_here(component_id="L1", reporters=frozenset({"r7"}))
        asked = [store._asked(number, new) for number in range(100)]
        plan = "\n".join(
            row[0]
            for row in await connection.fetch(
                f"explain (analyze, buffers) {store._AROUND}", *columns_of(asked, 11)
            )
        )
    scans = set(re.findall(r"(?:Index|Bitmap Index)(?: Only)? Scan(?: Backward)? (?:using|on) (\w+)", plan))
    assert "Seq Scan on cases" not in plan
    assert {
        "cases_open_around",
        "cases_closed_around",
        "cases_by_component",
        "cases_by_reporter",
    } <= scans, plan
    read = max(int(rows) for rows in re.findall(r"rows=(\d+)(?:\.\d+)? loops=100\)", plan))
    assert read < 20, plan


def _walked(plan: str) -> list[str]:
    """Indices of which all is read: of a scan without a condition no line says `Index Cond`."""
    scans = re.split(r"\n(?=.*(?:->|CTE))", plan)
    return [scan for scan in scans if re.search(r"Index (?:Only )?Scan", scan) and "Index Cond" not in scan]


_KINDS = "int[], text[], float8[], float8[], float8[], float8[], text[], text[], text[], boolean[], text[]"


@pytest.mark.parametrize(
    ("statement", "kinds"),
    [
        (store._SAME_REPORTER, "int[], text[], text[], text[], timestamptz[], uuid[]"),
        (store._AROUND, _KINDS),
    ],
    ids=["how often he said it", "what is around"],
)
async def test_a_plan_of_the_first_minutes_does_for_a_table_that_grows(
    router: Service, statement: str, kinds: str
) -> None:
    """Plans are kept: one that reads the whole table, or all of a class, is quick only while there is little of it."""
    async with router.database.connection() as connection:
        await connection.execute("set plan_cache_mode = force_generic_plan")
        await connection.execute(f"prepare early ({kinds}) as {statement}")
        nothing = ", ".join("'{}'" for _ in kinds.split(","))
        plans = []
        for counted in ("select", "vacuum analyze cases"):  # after the second it is believed to stay empty
            await connection.execute(counted)
            plans.append(await connection.fetch(f"explain execute early ({nothing})"))
        await connection.execute(_FILL, "dispatched", 2_000)
        plans.append(await connection.fetch(f"explain execute early ({nothing})"))
        await connection.execute(f"deallocate early; prepare early ({kinds}) as {statement}")
        plans.append(await connection.fetch(f"explain execute early ({nothing})"))
        await connection.execute("deallocate early; reset plan_cache_mode")
    for lines in plans:
        plan = "\n".join(line[0] for line in lines)
        assert _walked(plan) == [], plan
        assert "cases_by_reporter" in plan
        assert not re.search(r"cases_open_by|cases_at_the_desk", plan), plan
        assert not re.search(r"Seq Scan|BitmapAnd", plan), plan
