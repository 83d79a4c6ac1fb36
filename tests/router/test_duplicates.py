"""Duplicates on a real database: found by index in one look a batch, kept for people, told to nobody else."""

import asyncio
import re
from collections import Counter
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import uuid4

import httpx
import pytest

from contracts.facts import report as facts
from contracts.likeness import Matter, likeness
from contracts.vocabulary import CaseState
from delivery.service import Service
from services.router.cases.store import find_case
from services.router.duplicates import store
from services.router.duplicates.linking import Into, Kind, Linked
from services.router.duplicates.opening import Opening
from services.router.handlers import on_report_events
from tests.databases import As
from tests.router.builders import NOON, a_report
from tests.router.candidates import METRE, a_case_here
from tests.router.several_reports import a_report_by, close, follow_up, merge, rows_of, work
from tests.waiting import until

pytestmark = pytest.mark.usefixtures("noon", "http")


async def _around(router: Service, *new: Any) -> list[Any]:
    async with router.database.connection() as connection:
        return await store.look_around(connection, list(new))


async def test_each_report_of_a_batch_finds_what_is_near_it_and_no_more(router: Service) -> None:
    near, far = a_report(lat=1.0 + 20 * METRE), a_report(lat=1.0 + 60 * METRE)
    other_class, other_community = a_report(category="E01-01"), a_report(lon=3.0)
    await work(router, near, far, other_class, other_community)
    here, litter, beyond = await _around(
        router, a_case_here(), a_case_here(category="E01-01"), a_case_here(community="D12", grid="D121")
    )
    assert [case.case_id for case in here.open] == [near.case_id]
    assert [case.case_id for case in litter.open] == [other_class.case_id]
    assert beyond.open == ()


async def test_a_component_is_found_wherever_it_is_said_to_stand(router: Service) -> None:
    lamp = a_report_by(None, component_id="L1", lat=1.5)
    await work(router, lamp, a_report(lat=1.6))
    (found,) = await _around(router, a_case_here(component_id="L1"))
    assert [case.case_id for case in found.open] == [lamp.case_id]


async def test_an_outage_is_looked_for_in_the_whole_district(router: Service) -> None:
    outage = a_report(category="E05-12", lon=2.001)
    await work(router, outage)
    one, other = await _around(
        router, _moved(a_case_here(category="E05-12"), 1.999), _moved(a_case_here(category="E01-14"), 1.999)
    )
    assert [case.case_id for case in one.open] == [outage.case_id]
    assert other.open == ()


def _moved(case: Any, lon: float) -> Any:
    return replace(case, matter=replace(case.matter, lon=lon))


async def test_a_master_has_all_its_reporters_and_the_time_of_the_last(
    router: Service, http: httpx.AsyncClient
) -> None:
    master, joined = a_report_by("anna"), a_report_by("bert", at=NOON + timedelta(hours=5), lat=1.3)
    await work(router, master, joined)
    await merge(http, joined.case_id, master.case_id)
    (found,) = await _around(router, a_case_here())
    (case,) = found.open
    assert case.reporters == {"anna", "bert"}
    assert case.matter.at == NOON + timedelta(hours=5)


async def test_a_component_that_only_a_joined_report_named_is_the_masters(
    router: Service, http: httpx.AsyncClient
) -> None:
    master, joined = a_report_by("anna"), a_report_by("bert", component_id="L1", lat=1.3)
    await work(router, master, joined)
    await merge(http, joined.case_id, master.case_id)
    await work(router, third := a_report_by("carl", component_id="L1"))
    (row,) = await rows_of(router, "select state, master from cases where case_id = $1", third.case_id)
    assert (row["state"], row["master"]) == ("merged", master.case_id)


async def test_how_often_a_reporter_said_it_counts_what_is_open_merged_or_just_closed(
    router: Service, http: httpx.AsyncClient
) -> None:
    kept, joined, just, long_ago, other_class, stranger = (
        *(a_report_by("anna", at=NOON - timedelta(days=days), lat=1.0 + days / 10) for days in (1, 2, 3, 4)),
        a_report_by("anna", category="E01-01"),
        a_report_by("bert"),
    )
    await work(router, kept, joined, just, long_ago, other_class, stranger)
    await merge(http, joined.case_id, kept.case_id)
    await close(router, just.case_id, NOON - timedelta(days=30))
    await close(router, long_ago.case_id, NOON - timedelta(days=31))
    hers, nobodys = await _around(router, a_case_here(reporters=frozenset({"anna"})), a_case_here())
    assert (hers.same_reporter, nobodys.same_reporter) == (4, 1)


async def test_a_report_that_may_be_a_duplicate_is_shown_to_a_dispatcher(
    router: Service, http: httpx.AsyncClient, as_: As
) -> None:
    first, second = a_report_by("anna", text="我的路灯不亮"), a_report_by("bert", lat=1.0 + 5 * METRE)
    await work(router, first)
    await work(router, second)
    for case, other in ((first, second), (second, first)):
        answer = await http.get(f"/v1/cases/{case.case_id}/similar", headers=as_("dispatcher"))
        (item,) = answer.json()["items"]
        assert item["case_id"] == str(other.case_id)
        assert item["likeness"]["score"] >= 0.65
        assert round(item["likeness"]["metres"]) == 5
        assert not re.search("anna|bert|我的", answer.text), "a reporter is not to be learnt of"
    await merge(http, second.case_id, first.case_id)
    answer = await http.get(f"/v1/cases/{first.case_id}/similar", headers=as_("dispatcher"))
    assert answer.json()["items"] == []


@pytest.mark.parametrize("role", ["resident", "unit_lead", "handler", "agency", "visitor"])
async def test_nobody_else_learns_what_is_similar(
    role: str, router: Service, http: httpx.AsyncClient, as_: As
) -> None:
    report = a_report()
    await work(router, report)
    answer = await http.get(f"/v1/cases/{report.case_id}/similar", headers=as_(role, unit="UD11"))
    assert answer.status_code == 403
    answer = await http.get(f"/v1/cases/{uuid4()}/similar", headers=as_("dispatcher"))
    assert answer.status_code == 404


async def test_a_matter_that_comes_back_is_linked_to_the_case_that_was_closed(
    router: Service, http: httpx.AsyncClient
) -> None:
    earlier, again = a_report(), a_report()
    await work(router, earlier)
    await close(router, earlier.case_id, NOON)
    await work(router, again)
    answer = (await http.get(f"/v1/cases/{again.case_id}/similar")).json()
    assert (answer["recurrence_of"], answer["items"]) == (str(earlier.case_id), [])


async def _states(router: Service) -> Counter[str]:
    return Counter(row["state"] for row in await rows_of(router, "select state from cases"))


@pytest.mark.parametrize("at_once", [True, False])
async def test_of_twins_one_is_dispatched_and_every_report_has_its_case(
    router: Service, at_once: bool
) -> None:
    reports = [a_report_by(f"r{number}", component_id="L1") for number in range(5)]
    for batch in [reports] if at_once else [[report] for report in reports]:
        await work(router, *batch)
    rows = await rows_of(router, "select report_id, case_id, master from cases")
    assert {row["report_id"] for row in rows} == {report.data.report_id for report in reports}
    assert {row["master"] for row in rows} == {None, reports[0].case_id}
    assert await _states(router) == {"dispatched": 1, "merged": 4}
    said = await rows_of(router, "select type from case_events")
    assert Counter(row["type"] for row in said) == {
        "case.accepted": 5,
        "case.filed": 5,
        "case.dispatched": 1,
        "case.merged": 4,
    }


@pytest.mark.parametrize("shared", ["component", "reporter"])
async def test_twins_that_two_replicas_work_at_once_are_one_case_too(router: Service, shared: str) -> None:
    by_component = shared == "component"
    first, second = (
        a_report_by(name, component_id="L1" if by_component else None)
        for name in (("anna", "bert") if by_component else ("anna", "anna"))
    )
    async with router.database.transaction() as connection:
        await on_report_events(connection, [first], router.app.state.rules)
        other = asyncio.create_task(work(router, second))
        await until(lambda: _waits_for_a_lock(router))
    await other
    assert await _states(router) == {"dispatched": 1, "merged": 1}


async def _waits_for_a_lock(router: Service) -> bool:
    return bool(await rows_of(router, "select from pg_locks where locktype = 'advisory' and not granted"))


async def test_many_reporters_make_their_one_case_more_urgent(
    router: Service, http: httpx.AsyncClient
) -> None:
    """Soft point S4: from the tenth reporter on, thirty points and so one level."""
    reports = [a_report_by(f"r{number}", component_id="L1") for number in range(10)]
    await work(router, *reports[:9])
    master = f"/v1/cases/{reports[0].case_id}"
    assert (await http.get(master)).json()["urgency"] == "general"
    await work(router, reports[9])
    assert (await http.get(master)).json()["urgency"] == "elevated"


@pytest.mark.parametrize("how", ["reports", "reminders"])
async def test_who_asks_again_is_a_reminder_of_his_case_and_counts(
    how: str, router: Service, http: httpx.AsyncClient
) -> None:
    """S3 and S4 together: said three times (+20), by four people (+10)."""
    reports = [a_report_by(name, component_id="L1") for name in ("anna", "bert", "carl", "dora")]
    await work(router, *reports)
    master = f"/v1/cases/{reports[0].case_id}"
    again = [
        a_report_by("anna")
        if how == "reports"
        else follow_up(reports[0], facts.ReportReminded(report_id=reports[0].data.report_id))
        for _ in range(2)
    ]
    await work(router, again[0])
    assert (await http.get(master)).json()["urgency"] == "general"
    await work(router, again[1])
    case = (await http.get(master)).json()
    assert (case["urgency"], case["state"]) == ("elevated", "dispatched")
    history = (await http.get(f"{master}/history")).json()["items"]
    assert [event["type"] for event in history].count("case.reminded") == 2
    points = {each["rule"]: each["points"] for each in case["explanation"] if each["points"]}
    assert points == {"S3": 20, "S4": 10, "points": 30}
    assert await rows_of(router, "select from cases where state = 'dispatched'") == [()]


@pytest.mark.parametrize("reporter", ["anna", "bert"])
async def test_what_has_become_dangerous_is_dispatched_and_only_suggested(
    router: Service, http: httpx.AsyncClient, reporter: str
) -> None:
    """The lamp was dark, now it burns: the order to light it has neither the lines nor the limits of an emergency."""
    dark = a_report_by("anna", component_id="L1")
    burning, later, again = (
        a_report_by(name, component_id="L1", text="路灯着火了") for name in (reporter, "carl", "dora")
    )
    await work(router, dark)
    await work(router, burning, later)
    await work(router, again)
    case = (await http.get(f"/v1/cases/{burning.case_id}")).json()
    assert (case["procedure"], case["state"], case["lines"]) == ("emergency", "dispatched", ["119"])
    assert {"UD11", "UD1"} <= {*case["copies"]}
    assert "control" in case["clocks"]
    similar = (await http.get(f"/v1/cases/{burning.case_id}/similar")).json()["items"]
    assert [each["case_id"] for each in similar] == [str(dark.case_id)]
    assert (await http.get(f"/v1/cases/{dark.case_id}")).json()["urgency"] == "general"
    merged = await rows_of(router, "select case_id, master from cases where state = 'merged'")
    assert {row["case_id"]: row["master"] for row in merged} == dict.fromkeys(
        (later.case_id, again.case_id), burning.case_id
    )


async def test_a_report_whose_master_has_ended_meanwhile_is_a_case_of_its_own(router: Service) -> None:
    first, second = a_report_by("anna", component_id="L1"), a_report_by("bert", component_id="L1")
    await work(router, first)
    async with router.database.transaction() as connection:
        found = await find_case(connection, first.case_id)
        rules = await router.app.state.rules.get(connection)
    assert found is not None
    alike = likeness(*[Matter("C01-05", "路灯不亮", NOON, component_id="L1")] * 2)
    linked = Linked(into=Into(first.case_id, Kind.SAME_MATTER, alike))
    opening = Opening({first.case_id: found.changed(state=CaseState.CLOSED)}, rules)
    case = replace(found, case_id=second.case_id, state=CaseState.REPORTED, version=0, clocks={})
    ((opened, events),) = opening.open(case, "D111", linked, None, router.app.state.rules.moment())
    assert (opened.state, opening.changed()) == (CaseState.DISPATCHED, [])
    assert [event.type for event in events] == ["case.accepted", "case.filed", "case.dispatched"]
