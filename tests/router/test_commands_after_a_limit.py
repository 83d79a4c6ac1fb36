"""A command that comes when a limit has passed and no timer has looked yet: first what time has brought, then it."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx

from contracts.vocabulary import CaseState
from delivery.service import Service
from services.router.cases.timers import wake_due
from services.router.current_rules import CurrentRules
from tests.router.builders import NOON, a_report
from tests.router.conftest import Time
from tests.router.several_reports import case_of, rows_of, work


async def _filed(router: Service) -> UUID:
    """Its sign limit ends at 18:00 of the same day."""
    report = a_report(category="P01-04")
    await work(router, report)
    return report.case_id


async def _give(http: httpx.AsyncClient, case_id: UUID, command: str, **body: Any) -> httpx.Response:
    return await http.post(f"/v1/cases/{case_id}/commands/{command}", json=body)


async def test_who_signs_a_moment_too_late_gets_his_card(
    router: Service, current: CurrentRules, time: Time, http: httpx.AsyncClient
) -> None:
    case_id = await _filed(router)
    time.now = NOON + timedelta(hours=6)
    answer = await _give(http, case_id, "sign", data={"handler": "p-1"})
    assert answer.status_code == 200, answer.text
    rows = await rows_of(
        router, "select type from case_events where case_id = $1 order by case_version", case_id
    )
    types = [row["type"] for row in rows]
    assert types[3:] == ["case.supervised"] * 3 + ["case.signed"]
    case = await case_of(router, case_id)
    assert (case.card, case.late_rounds) == ("yellow", (1,))
    assert await wake_due(router, current) == 0


async def test_who_signs_in_time_gets_none(
    router: Service, current: CurrentRules, time: Time, http: httpx.AsyncClient
) -> None:
    case_id = await _filed(router)
    time.now = NOON + timedelta(hours=5, minutes=59)
    await _give(http, case_id, "sign", data={"handler": "p-1"})
    assert (await case_of(router, case_id)).late_rounds == ()


async def test_what_has_gone_to_the_next_tier_is_not_signed_by_the_former_one(
    router: Service, current: CurrentRules, time: Time, http: httpx.AsyncClient
) -> None:
    case_id = await _filed(router)
    before = (await case_of(router, case_id)).version
    time.now = NOON + timedelta(days=1, hours=6)
    answer = await _give(http, case_id, "sign", data={"handler": "p-1"}, expected_version=before)
    assert answer.status_code == 409
    assert (await case_of(router, case_id)).version == before, "what was refused has changed nothing"
    assert await wake_due(router, current) == 1
    case = await case_of(router, case_id)
    assert (case.state, case.lead) == (CaseState.DISPATCHED, "UD1")
