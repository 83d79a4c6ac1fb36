"""The bulletin (通报): whoever answers for them sees which limits passed so long that two tiers up were told."""

from datetime import timedelta
from itertools import chain
from typing import Any
from uuid import UUID

import httpx
import pytest

from contracts.vocabulary import Clock
from delivery.service import Service
from services.router.cases.saving_store import Change, keep_published
from services.router.cases.timers import wake_due
from services.router.current_rules import CurrentRules
from services.router.handlers import on_reports
from tests.databases import As
from tests.router.builders import NOON, a_report
from tests.router.conftest import Time
from tests.router.playing import opened, waiting

PERIOD = {"from": NOON.isoformat(), "to": (NOON + timedelta(days=60)).isoformat()}
SECRET = "G02-01"


async def _neglected(router: Service, current: CurrentRules, time: Time, *reports: Any) -> list[UUID]:
    """Nobody does anything with them for a month."""
    async with router.database.transaction() as connection:
        await on_reports(connection, list(reports), current)
    for _ in range(30 * 4):
        time.now += timedelta(hours=6)
        while await wake_due(router, current):
            pass
    return [report.case_id for report in reports]


async def _bulletin(http: httpx.AsyncClient, headers: Any, **query: Any) -> list[dict[str, Any]]:
    lines: list[dict[str, Any]] = []
    asked = PERIOD | query
    while True:
        answer = await http.get("/v1/bulletin", params=asked, headers=headers)
        assert answer.status_code == 200, answer.text
        page = answer.json()
        lines += page["items"]
        if page["next"] is None:
            return lines
        asked = asked | {"after": page["next"]}


@pytest.mark.timeout(120)
async def test_who_answers_for_them_sees_who_was_late_with_what(
    router: Service, http: httpx.AsyncClient, current: CurrentRules, time: Time, as_: As
) -> None:
    (case, sealed) = await _neglected(
        router, current, time, a_report(category="P01-04"), a_report(category=SECRET)
    )
    everything = await _bulletin(http, as_("admin"))
    assert {line["case_id"] for line in everything} == {str(case), str(sealed)}
    assert [line["at"] for line in everything] == sorted((line["at"] for line in everything), reverse=True)
    assert await _bulletin(http, as_("admin"), limit=1) == everything
    (line, *_) = [line for line in everything if line["case_id"] == str(case)]
    assert (line["late"], line["clock"], line["category"]) == (["UD"], "handle", "P01-04")
    for role, unit, seen in (
        ("supervisor", "UD", {case, sealed}),
        ("supervisor", "UD1", {case}),
        ("assessor", "UD", {case}),
        ("supervisor", "UD12", set()),
        ("resident", "UD1", set()),
    ):
        lines = await _bulletin(http, as_(role, unit=unit))
        assert {UUID(line["case_id"]) for line in lines} == seen, (role, unit)
    before = {"from": "2020-01-01T00:00:00Z", "to": NOON.isoformat()}
    assert await _bulletin(http, as_("admin"), **before) == []


async def test_what_a_restored_router_takes_back_is_listed_as_before(
    router: Service, http: httpx.AsyncClient, as_: As
) -> None:
    play = opened("P01-04").wait(days=30)
    said = [event for event in play.events if event.data.said("stage") == "L3"]
    for _ in range(2):
        async with router.database.transaction() as connection:
            await connection.execute("delete from case_events")
            await keep_published(connection, [Change(play.case, play.events)], play.rules)
    lines = await _bulletin(http, as_("admin"))
    assert [line["clock"] for line in reversed(lines)] == [event.data.clock for event in said]


async def test_a_period_that_is_none_is_refused(http: httpx.AsyncClient) -> None:
    answer = await http.get("/v1/bulletin", params={"from": PERIOD["to"], "to": PERIOD["from"]})
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "/to")


@pytest.mark.parametrize(
    ("category", "commands", "clock", "late"),
    [
        ("C01-05", ("sign", "finish"), Clock.CHECK, ("UD111",)),
        ("E01-01", ("consult",), Clock.CONSULT, ("UD",)),
        ("V03-01", (), Clock.DEFINE, ("UD11",)),
        ("V03-01", ("define", "review_pass", "record_objection"), Clock.OBJECTION_ANSWER, ("UD11",)),
        ("E01-01", ("return",), Clock.RETURN_REVIEW, ()),
        (None, (), Clock.ACCEPT, ()),
    ],
)
def test_whose_time_has_run_out_is_said(
    category: str | None, commands: tuple[str, ...], clock: Clock, late: tuple[str, ...]
) -> None:
    play = waiting() if category is None else opened(category)
    for command in commands:
        play.give(command)
    play.wait(days=30)
    said = [event.data for event in play.events if event.type == "case.supervised"]
    of_clock = [each for each in said if each.clock == clock]
    assert {each.stage for each in of_clock} >= {"L1", "L3"}
    assert {each.late for each in of_clock if each.stage != "L0"} == {late}
    assert {each.late for each in chain(of_clock, said) if each.stage == "L0"} <= {None}
