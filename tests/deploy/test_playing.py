"""What `make run` and `make replay` make of intake's answers, and of those that never come."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from aiohttp import web

from deploy.local.play import Outcome, Report, submit_all
from deploy.local.replay import reports_of
from deploy.local.service_processes import port_setting
from deploy.local.stack import Stack, stack
from services.intake.tabular import AcceptedRow
from tests.web_server import serving

Answer = Callable[[web.Request], web.StreamResponse]
Intake = Callable[[Answer], AbstractAsyncContextManager[Stack]]


@pytest.fixture
def intake(tmp_path: Path) -> Intake:
    """A stack of which only the front door is there: it answers as the test says."""

    @asynccontextmanager
    async def intake_that_says(answer: Answer) -> AsyncIterator[Stack]:
        async def answered(request: web.Request) -> web.StreamResponse:
            return answer(request)

        async with serving("/v1/reports", answered) as address:
            moved = {port_setting("intake"): str(urlsplit(address).port)}
            found = stack(tmp_path, environment=moved)
            yield replace(found, tokens={"CASEGRID_OPERATOR_TOKEN": "a token"})

    return intake_that_says


async def test_a_report_whose_answer_was_lost_is_accepted_and_one_of_an_earlier_day_is_repeated(
    intake: Intake,
) -> None:
    accepted_at = {"yesterday": datetime.now(UTC) - timedelta(days=1)}

    def lose_the_first_answer(request: web.Request) -> web.StreamResponse:
        key = request.headers["Idempotency-Key"]
        if key not in tried:
            tried.add(key)
            accepted_at.setdefault(key, datetime.now(UTC))
            request.transport.abort()
        receipt = {"case_id": f"case of {key}", "accepted_at": accepted_at[key].isoformat()}
        return web.json_response(receipt, status=200)

    tried: set[str] = set()
    outcome = Outcome()
    async with intake(lose_the_first_answer) as running:
        reports = [Report("today", 0.0, {}), Report("yesterday", 0.0, {})]
        await submit_all(running, reports, outcome, None, lambda: None)
    assert outcome.accepted == {"today": "case of today"}
    assert outcome.repeated == {"yesterday": "case of yesterday"}
    assert outcome.heard_late == 1


def test_rows_without_a_time_go_with_the_first_that_has_one() -> None:
    """Were theirs the beginning of all time, the others would come half a century later, however fast it is played."""
    hours = {"late": "2026-01-02T05:00:00+00:00", "none": None, "early": "2026-01-02T04:00:00+00:00"}
    rows = [
        AcceptedRow(line=line, reference=reference, report={"occurred_at": hour} if hour else {})
        for line, (reference, hour) in enumerate(hours.items(), 2)
    ]
    first, second, last = reports_of(rows)
    assert {first.key, second.key} == {"none", "early"}
    assert last.key == "late"
    assert [report.at - first.at for report in (second, last)] == [0, 3600]
    assert [report.key for report in reports_of(rows[1:2])] == ["none"]
