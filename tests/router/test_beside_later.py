"""Danger that is found in an application after it was filed has a case of its own too (domain §11.4.3)."""

from typing import Any

import httpx

from contracts.vocabulary import CaseState, Procedure, Urgency
from delivery.service import Service
from services.router.duplicates.linking import Into, Kind, Linked
from services.router.duplicates.opening import Opening
from services.router.duplicates.score import Likeness
from services.router.workflow.beside import opened_beside
from services.router.workflow.case import Case
from services.router.workflow.lifecycle import replay
from services.router.workflow.reported import new_case
from tests.router.builders import a_moment, a_report
from tests.router.playing import RULES, Play, opened
from tests.router.several_reports import case_of, work

DENIED = "我来申请低保，家里没有着火"


def _raised(play: Play) -> tuple[Case, list[Any]]:
    opened_too = opened_beside(play.start, play.case, play.events, RULES, a_moment())
    assert opened_too is not None
    return opened_too


def test_danger_that_is_confirmed_in_an_application_opens_one() -> None:
    play = opened("V03-02", text=DENIED).give("confirm", dangerous=True)
    assert (play.case.state, play.case.procedure) == (CaseState.DEFINING, Procedure.APPROVAL)
    assert play.events[-1].data.emergency == play.case.emergency == play.case.emergency_id
    assert replay(play.start, play.events) == play.case
    emergency, events = _raised(play)
    assert (emergency.urgency, emergency.procedure) == (Urgency.CRITICAL, Procedure.EMERGENCY)
    assert (emergency.category, emergency.application) == ("E05-10", play.case.case_id)
    assert "case.confirm_requested" not in [event.type for event in events], "somebody has asked"


def test_an_application_that_a_leader_raises_has_one_and_only_one() -> None:
    play = opened("V03-02", text="我来申请低保").give("set_urgency", urgency="critical")
    emergency, _ = _raised(play)
    assert (emergency.urgency, emergency.category) == (Urgency.CRITICAL, "X01-01")
    before = play.case
    play.give("set_urgency", urgency="urgent").give("set_urgency", urgency="critical")
    assert play.events[-1].data.emergency is None
    assert play.case.emergency == before.emergency
    assert opened_beside(before, play.case, play.events, RULES, a_moment()) is None


def test_one_that_nobody_may_lead_waits_at_the_desk_as_critical() -> None:
    play = opened("V03-02", text="我来申请低保").give("set_urgency", urgency="critical")
    play.case = play.case.changed(grid=None)
    emergency, _ = _raised(play)
    assert (emergency.state, emergency.urgency) == (CaseState.REPORTED, Urgency.CRITICAL)


def test_a_report_that_makes_an_application_critical_by_joining_it_opens_one() -> None:
    lift = {"category": "V03-05", "text": "老楼申请加装电梯"}
    master = opened(**lift).case.changed(text="着火了")
    opening = Opening({master.case_id: master}, RULES)
    into = Into(master.case_id, Kind.SAME_MATTER, Likeness(1.0, 1.0, 1.0, 1.0, 1.0, 0.0, same_component=True))
    list(opening.open(new_case(a_report(**lift)), "D111", Linked(into=into), None, a_moment()))
    assert [case.case_id for case, _ in opening.changed()] == [master.case_id]
    ((emergency, _),) = opening.beside()
    assert (emergency.application, emergency.urgency) == (master.case_id, Urgency.CRITICAL)


async def test_an_application_that_turns_critical_has_its_emergency_beside_it(
    router: Service, http: httpx.AsyncClient
) -> None:
    await work(router, report := a_report(category="V03-02", text=DENIED))
    answer = await http.post(
        f"/v1/cases/{report.case_id}/commands/confirm", json={"data": {"dangerous": True}}
    )
    assert answer.status_code == 200, answer.text
    emergency = await case_of(router, answer.json()["emergency"])
    assert (emergency.state, emergency.application) == (CaseState.DISPATCHED, report.case_id)
