"""Time that goes by faster, for demonstrations: a day's limit passes while one looks on."""

from datetime import UTC, datetime, timedelta

import pytest

from delivery.service import Service
from services.router.cases.timers import wake_due
from services.router.clocks.time_lapse import time_lapse
from services.router.current_rules import CurrentRules
from services.router.handlers import on_reports
from services.router.settings import Settings
from tests.router.builders import NOON, a_report
from tests.waiting import until

pytestmark = pytest.mark.usefixtures("http")
HOUR = timedelta(hours=1)


@pytest.mark.parametrize(("real", "told"), [(-HOUR, -HOUR), (0 * HOUR, 0 * HOUR), (HOUR, 100 * HOUR)])
def test_it_agrees_with_the_real_one_until_it_begins(real: timedelta, told: timedelta) -> None:
    assert time_lapse(NOON, 100, lambda: NOON + real)() == NOON + told


async def test_cases_are_escalated_in_the_time_that_the_settings_tell(router: Service) -> None:
    fast = {"time_speed": 1e6, "time_since": datetime.now(UTC)}
    rules = CurrentRules(Settings(**router.settings.model_dump() | fast))
    report = a_report(category="E01-01")
    async with router.database.transaction() as connection:
        await on_reports(connection, [report], rules)

    async def is_overdue() -> bool:
        await wake_due(router, rules)
        async with router.database.connection() as connection:
            query = "select from case_events where case_id = $1 and type = 'case.escalated'"
            return await connection.fetchrow(query, report.case_id) is not None

    await until(is_overdue)
