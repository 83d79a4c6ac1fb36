"""Personal data go when their case was closed long ago, and nothing else goes with them (domain §8.2)."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest

from contracts.facts import approval, closing
from contracts.facts import case as facts
from delivery.service import Service
from services.intake.handlers import on_case_events
from services.intake.housekeeping import clear_some
from tests.intake.builders import BY_DAY, a_report
from tests.intake.case_facts import NOON, an_event

_CLOSED = closing.CaseClosed()
_REOPENED = closing.CaseReopened(round=2, unit="U1", reason="again")


async def _reported(http: httpx.AsyncClient, **more: Any) -> dict[str, Any]:
    body = a_report(text="我叫张建国，灯不亮", reporter={"phone": "13912345678"}) | more
    return dict((await http.post("/v1/reports", json=body)).json())


async def _hear(intake: Service, report: dict[str, Any], *said: Any, version: int = 4) -> None:
    """One a minute from noon on, each after the version before it."""
    events = [an_event(report["case_id"], version + after, fact) for after, fact in enumerate(said)]
    async with intake.database.transaction() as connection:
        await on_case_events(connection, events, timetable=BY_DAY)


async def _cleared(intake: Service, before: datetime = NOON + timedelta(hours=1), limit: int = 500) -> int:
    turns = 1
    while await clear_some(intake.database, before, limit=limit):
        turns += 1
    return turns


async def _kept(intake: Service) -> set[str]:
    async with intake.database.connection() as connection:
        rows = await connection.fetch("select report_id::text from vault")
    return {row["report_id"] for row in rows}


async def test_what_was_closed_long_ago_is_erased_and_its_report_stays(
    http: httpx.AsyncClient, intake: Service
) -> None:
    old, new, still_open = [await _reported(http) for _ in range(3)]
    await _hear(intake, old, _CLOSED, closing.CaseArchived())
    await _hear(intake, new, _CLOSED, version=90)
    await _hear(intake, still_open, facts.CaseSigned(unit="U1", handler="p-1"))
    await _cleared(intake)
    assert await _kept(intake) == {new["report_id"], still_open["report_id"]}
    shown = (await http.get(f"/v1/reports/{old['report_id']}")).json()
    assert shown["text"] == "我叫［姓名］，灯不亮"
    assert "original_text" not in shown
    async with intake.database.connection() as connection:
        (noted,) = await connection.fetch("select * from vault_reads where reader = 'retention'")
    assert (str(noted["report_id"]), noted["purpose"]) == (old["report_id"], "erased")
    assert "reporter_phone" in noted["fields"]


@pytest.mark.parametrize("ends", [False, True])
async def test_what_was_opened_again_waits_until_it_is_closed_again(
    ends: bool, http: httpx.AsyncClient, intake: Service
) -> None:
    report = await _reported(http)
    await _hear(intake, report, _CLOSED, _REOPENED)
    await _cleared(intake)
    if ends:
        await _hear(intake, report, _CLOSED, version=90)
        await _cleared(intake, NOON + timedelta(hours=2))
    assert bool(await _kept(intake)) is not ends


@pytest.mark.parametrize("parted", [False, True])
async def test_a_report_goes_with_the_case_that_answers_for_it(
    parted: bool, http: httpx.AsyncClient, intake: Service
) -> None:
    master, joined = await _reported(http), await _reported(http)
    merged = facts.CaseMerged(master_case_id=UUID(master["case_id"]))
    unmerged = facts.CaseUnmerged(master_case_id=UUID(master["case_id"]), reason="another lamp")
    await _hear(intake, joined, merged, *([unmerged] if parted else []))
    await _hear(intake, master, _CLOSED)
    await _cleared(intake)
    assert await _kept(intake) == ({joined["report_id"]} if parted else set())


async def test_an_application_is_kept_as_long_as_its_own_law_says(
    http: httpx.AsyncClient, intake: Service
) -> None:
    report = await _reported(http)
    started = approval.ApprovalStarted(unit="U1", privacy="confidential")
    await _hear(intake, report, started, _CLOSED)
    await _cleared(intake)
    assert await _kept(intake) == {report["report_id"]}


@pytest.mark.parametrize(
    "ended",
    [facts.CaseVoided(reason="withdrawn", asked_by="p-2"), facts.CaseRejected(reason="spam")],
    ids=str,
)
async def test_what_ended_otherwise_is_erased_too(
    ended: Any, http: httpx.AsyncClient, intake: Service
) -> None:
    await _hear(intake, await _reported(http), ended)
    await _cleared(intake)
    assert await _kept(intake) == set()


async def test_closings_are_looked_at_some_at_a_time_and_once(
    http: httpx.AsyncClient, intake: Service
) -> None:
    """Those of one moment together."""
    for version in (4, 4, 4, 5, 6):
        await _hear(intake, await _reported(http), _CLOSED, version=version)
    assert await _cleared(intake, limit=2) == 3
    assert await _kept(intake) == set()
    assert not await clear_some(intake.database, NOON + timedelta(hours=1), limit=1)


async def test_another_replica_is_not_waited_for(http: httpx.AsyncClient, intake: Service) -> None:
    await _hear(intake, await _reported(http), _CLOSED)
    async with intake.database.transaction() as connection:
        await connection.execute("select from vault_cleared for update")
        assert await _cleared(intake) == 1
    assert len(await _kept(intake)) == 1
