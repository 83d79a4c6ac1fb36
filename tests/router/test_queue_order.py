"""A case is overdue once the clock that is due first has passed; where none runs it is last of its urgency."""

from datetime import timedelta
from uuid import UUID

import httpx
import pytest

from delivery.service import Service
from services.router.current_rules import CurrentRules
from tests.router.builders import NOON, a_report
from tests.router.conftest import Time
from tests.router.desk_visits import SignedIn
from tests.router.several_reports import rows_of, work

FAR = timedelta(days=300)


async def test_a_sign_limit_that_passed_makes_it_overdue_long_before_the_matter_is(
    router: Service, http: httpx.AsyncClient, current: CurrentRules, time: Time, signed_in: SignedIn
) -> None:
    await work(router, report := a_report())
    (row,) = await rows_of(router, "select due_at, first_due_at from cases")
    assert NOON < row["first_due_at"] < row["due_at"], "sign comes before handle"
    browser = await signed_in("admin")
    for now, overdue in ((row["first_due_at"], False), (row["first_due_at"] + timedelta(seconds=1), True)):
        time.now = now
        for wanted in (True, False):
            listed = (await http.get("/v1/cases", params={"overdue": wanted})).json()["items"]
            assert [each["case_id"] for each in listed] == [str(report.case_id)] * (wanted is overdue)
        assert ('<li class="late">' in (await browser.get("/")).text) is overdue


async def test_what_is_overdue_by_any_clock_comes_first(
    router: Service, http: httpx.AsyncClient, current: CurrentRules, time: Time
) -> None:
    early, late = a_report(), a_report(lon=3.0, at=NOON + timedelta(days=1))
    await work(router, early)
    time.now = NOON + timedelta(days=1)
    await work(router, late)
    await _set(router, early.case_id, first_due_at=NOON + FAR)
    await _set(router, late.case_id, first_due_at=NOON)
    assert await _listed(http) == [str(late.case_id), str(early.case_id)]


@pytest.mark.parametrize("limit", [1, 2, 50])
async def test_a_case_without_a_clock_is_on_one_page_and_the_last_of_its_urgency(
    router: Service, http: httpx.AsyncClient, current: CurrentRules, time: Time, limit: int
) -> None:
    reports = [a_report(lon=0.3 * number) for number in range(1, 6)]
    await work(router, *reports)
    time.now = NOON + timedelta(minutes=10)
    without = [str(reports[number].case_id) for number in (0, 3)]
    for case_id in without:
        await _set(router, UUID(case_id), due_at=None, first_due_at=None)
    listed = await _listed(http, limit)
    assert sorted(listed) == sorted(str(report.case_id) for report in reports)
    assert listed[-2:] == sorted(without)


async def _set(router: Service, case_id: UUID, **columns: object) -> None:
    async with router.database.connection() as connection:
        for name, value in columns.items():
            await connection.execute(f"update cases set {name} = $2 where case_id = $1", case_id, value)


async def _listed(http: httpx.AsyncClient, limit: int = 50) -> list[str]:
    found: list[str] = []
    page = {"next": ""}
    while page["next"] is not None:
        after = {"after": page["next"]} if page["next"] else {}
        page = (await http.get("/v1/cases", params={"limit": limit, **after})).json()
        found += [each["case_id"] for each in page["items"]]  # type: ignore[index]
    return found
