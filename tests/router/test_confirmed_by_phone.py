"""A critical word that is denied, or part of a drill or a question, never vanishes silently: somebody asks within five
minutes, also where the case is dispatched at once (domain §4.2, §11.2)."""

from datetime import timedelta

import httpx
import pytest

from contracts.envelope import Actor
from contracts.vocabulary import CaseState, Clock, Procedure, Role, Urgency
from delivery.service import Service
from services.router.workflow import raising
from services.router.workflow.commands.intake import ResolveOnSpotData
from services.router.workflow.lifecycle import Forbidden, Incomplete, replay
from services.router.workflow.situation import Around
from tests.router.builders import NOON, a_moment
from tests.router.desk_visits import SignedIn, file_report, give_by_form
from tests.router.playing import RULES, Play, opened

DRILL = "社区周六搞消防演练，会冒烟，请大家不要惊慌"
LEADER = Actor(role=Role.SHIFT_LEADER, person="p-9")
OPERATOR = Actor(role=Role.OPERATOR, person="p-8")


def _asked() -> Play:
    return opened("E01-01", text=DRILL)


def test_what_is_dispatched_at_once_has_five_minutes_to_be_asked_about() -> None:
    play = _asked()
    assert (play.case.state, play.case.urgency) == (CaseState.DISPATCHED, Urgency.GENERAL)
    assert play.types()[-2:] == ["case.dispatched", "case.confirm_requested"]
    assert play.case.clocks[Clock.ACCEPT].due == NOON + timedelta(minutes=5)


def test_what_nobody_asks_about_is_escalated() -> None:
    """As fast as if there were danger, however harmless the case is so far."""
    play = _asked().wait(hours=2)
    late = [
        event for event in play.events if event.type == "case.supervised" and event.data.clock == Clock.ACCEPT
    ]
    assert [(event.data.stage, event.occurred_at - NOON) for event in late] == [
        ("L0", timedelta(minutes=2.5)),
        ("L0", timedelta(minutes=4)),
        ("L1", timedelta(minutes=5)),
        ("L2", timedelta(minutes=35)),
        ("L3", timedelta(minutes=65)),
    ]
    assert play.case.late_rounds == (), "the lead unit is not late: the call is the desk's"


def test_who_asked_and_heard_of_no_danger_ends_it() -> None:
    play = _asked().give("confirm", by=OPERATOR, dangerous=False)
    assert Clock.ACCEPT not in play.case.clocks
    assert play.case.urgency is Urgency.GENERAL
    with pytest.raises(Incomplete, match="answered already"):
        play.give("confirm", by=OPERATOR)


def test_danger_that_is_heard_of_makes_it_an_emergency() -> None:
    play = _asked().give("confirm", by=OPERATOR, dangerous=True)
    assert play.types()[-3:] == ["case.confirmed", "case.urgency_changed", "case.line_called"]
    assert (play.case.urgency, play.case.procedure) == (Urgency.CRITICAL, Procedure.EMERGENCY)
    assert Clock.CONTROL in play.case.clocks


def test_what_a_leader_lowers_after_the_call_is_not_raised_again() -> None:
    play = _asked().give("confirm", by=OPERATOR, dangerous=True)
    play.give("set_urgency", by=LEADER, urgency="elevated", reason="现场已看过")
    assert play.case.urgency is Urgency.ELEVATED


def test_a_leader_who_says_how_urgent_it_is_needs_no_call() -> None:
    play = _asked().give("set_urgency", by=LEADER, urgency="urgent", reason="已电话问过")
    assert Clock.ACCEPT not in play.case.clocks
    assert play.case.confirmed


def test_the_system_that_raises_it_has_asked_nobody() -> None:
    raised = raising.raised(_asked().case, Urgency.ELEVATED, "points", Around(grid="D111"), RULES, a_moment())
    assert raised is not None
    assert Clock.ACCEPT in raised[0].clocks


def test_what_is_filed_again_is_not_asked_about_twice() -> None:
    play = _asked().give("confirm", by=OPERATOR, dangerous=False)
    play.after(minutes=1).give("return").give("reclassify", category="E01-02")
    assert play.case.state is CaseState.DISPATCHED
    assert Clock.ACCEPT not in play.case.clocks


def test_what_is_returned_unasked_is_still_to_be_asked_about() -> None:
    play = _asked().after(minutes=1).give("return").give("reclassify", category="E01-02")
    assert play.types()[-1] == "case.confirm_requested"
    assert Clock.ACCEPT in play.case.clocks


def test_an_application_is_asked_about_too() -> None:
    play = opened("V03-01", text="申请低保，家里没有人昏迷")
    assert play.case.state is CaseState.DEFINING
    assert Clock.ACCEPT in play.case.clocks
    assert play.give("confirm", by=OPERATOR, dangerous=False).case.state is CaseState.DEFINING


def test_what_somebody_has_seen_or_accepted_needs_no_call() -> None:
    seen = ResolveOnSpotData(result="已看过", evidence_method="photo", evidence=1)
    at_the_desk = opened("E01-01", text=DRILL, grid=None, lon=None, lat=None).give("accept", by=OPERATOR)
    for play in (opened("E01-01", text=DRILL, on_spot=seen), at_the_desk):
        assert play.case.confirm_by_phone
        assert "case.confirm_requested" not in play.types()


def test_its_events_give_the_same_case() -> None:
    play = _asked().wait(minutes=6).give("confirm", by=OPERATOR, dangerous=True)
    assert replay(play.start, play.events) == play.case


def test_there_is_nothing_to_confirm_at_the_desk() -> None:
    with pytest.raises(Forbidden):
        opened("E01-01", text=DRILL, grid=None, lon=None, lat=None).give("confirm", by=OPERATOR)


async def test_the_calls_to_make_are_a_list(router: Service, http: httpx.AsyncClient) -> None:
    wanted = await file_report(router, category="E01-01", text=DRILL)
    await file_report(router, category="E01-02", text="井盖破损")
    waits = await file_report(router, category="E01-01", text=DRILL, lon=None, lat=None)
    assert await _listed(http, to_confirm="true") == {wanted}
    assert waits in await _listed(http, to_confirm="false")
    answer = await http.post(f"/v1/cases/{wanted}/commands/confirm", json={"data": {"dangerous": False}})
    assert answer.status_code == 200, answer.text
    assert await _listed(http, to_confirm="true") == set()
    again = await http.post(f"/v1/cases/{wanted}/commands/confirm", json={"data": {"dangerous": False}})
    assert again.status_code == 422
    unsaid = await http.post(f"/v1/cases/{wanted}/commands/confirm", json={})
    assert unsaid.json()["errors"][0]["pointer"] == "/data/dangerous"


async def _listed(http: httpx.AsyncClient, **filters: str) -> set[str]:
    return {item["case_id"] for item in (await http.get("/v1/cases", params=filters)).json()["items"]}


async def test_the_desk_counts_them_and_offers_the_answer(router: Service, signed_in: SignedIn) -> None:
    asked = await file_report(router, category="E01-01", text=DRILL)
    other = await file_report(router, category="E01-02", text="井盖破损")
    browser = await signed_in("admin")
    assert "<strong>1</strong> To confirm by phone" in (await browser.get("/")).text
    assert "/commands/confirm" not in (await browser.get(f"/cases/{other}")).text
    answer = await give_by_form(browser, asked, "confirm", dangerous="true")
    assert answer.status_code == 303
    page = (await browser.get(f"/cases/{asked}")).text
    assert "Confirmed by phone" in page
    assert "Critical" in page
    assert "To confirm by phone</a>" not in (await browser.get("/")).text
