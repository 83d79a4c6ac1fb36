"""Whatever becomes of a case: no day is promised beside the one by which it is to be done, in whatever order its facts
come."""

import random
from typing import Any
from uuid import UUID

import httpx
import pytest

from contracts.vocabulary import Clock
from delivery.service import Service
from services.intake.handlers import on_case_events
from services.router.workflow.lifecycle import replay
from tests.intake.builders import BY_DAY, a_report
from tests.router.lives import a_life


@pytest.mark.parametrize("seed", range(2))
async def test_what_is_promised_is_the_limit_that_runs(
    http: httpx.AsyncClient, intake: Service, seed: int
) -> None:
    chance = random.Random(seed)
    for _ in range(12):
        life = a_life(chance)
        report = (await http.post("/v1/reports", json=a_report())).json()
        known: list[Any] = []
        for end in sorted(chance.choices(range(1, len(life.events) + 1), k=5)):
            more = life.events[len(known) : end]
            known += more
            await _hears(intake, report, chance.sample(more, len(more)))
            handle = replay(life.start, known).clocks.get(Clock.HANDLE)
            status = (await http.get(report["links"]["status"])).json()
            due = handle.due.isoformat().replace("+00:00", "Z") if handle and handle.due else None
            assert status["expected_by"] == due, [event.type for event in known]


async def _hears(intake: Service, report: Any, events: list[Any]) -> None:
    """In batches, and each of them twice."""
    case = {"case_id": UUID(report["case_id"])}
    for begin in range(0, len(events), 3):
        batch = [event.model_copy(update=case) for event in events[begin : begin + 3]]
        for _ in range(2):
            async with intake.database.transaction() as connection:
                await on_case_events(connection, batch, timetable=BY_DAY)
