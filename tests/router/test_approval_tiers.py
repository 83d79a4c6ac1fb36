"""An application goes from tier to tier: each decides in its own turn, and answers the objections that it received."""

import httpx
import pytest

from contracts.envelope import Actor
from contracts.vocabulary import CaseState, Clock, Role, Tier
from delivery.service import Service
from services.router.workflow.lifecycle import Incomplete, replay
from tests.databases import As
from tests.router.desk_visits import file_report
from tests.router.playing import FILLED, Play, opened

_TURNS = [
    ("define", "UD11", "town_review"),
    ("return_materials", "UD1", "defining"),
    ("define", "UD11", "town_review"),
    ("review_pass", "UD1", "district_review"),
    ("return_materials", "UD", "town_review"),
    ("review_pass", "UD1", "district_review"),
    ("refuse", "UD", "feedback"),
]


async def test_no_tier_decides_in_place_of_another(http: httpx.AsyncClient, router: Service, as_: As) -> None:
    """Not even the one above it: the three are a check on each other."""
    case = await file_report(router, category="V03-01")
    for command, turn, state in _TURNS:
        given = {"data": FILLED[command]}
        for unit in ("UD11", "UD1", "UD"):
            if unit == turn:
                continue
            headers = as_("unit_lead", unit=unit)
            path = f"/v1/cases/{case}/commands/{command}"
            assert (await http.post(path, json=given, headers=headers)).status_code == 403, (command, unit)
        path = f"/v1/cases/{case}/commands/{command}"
        done = await http.post(path, json=given, headers=as_("unit_lead", unit=turn))
        assert (done.status_code, done.json().get("state")) == (200, state), done.text


def _by(unit: str | None, role: Role = Role.UNIT_LEAD) -> Actor:
    return Actor(role=role, unit=unit, person="p-2")


def _objected(*received: Tier) -> Play:
    play = opened("V03-01").give("define").give("review_pass")
    for tier in received:
        play.after(minutes=1).give("record_objection", received_by=tier)
    return play


def test_the_tier_that_received_an_objection_answers_it() -> None:
    play = _objected(Tier.TOWN)
    for unit in ("UD11", "UD"):
        with pytest.raises(Incomplete, match="received"):
            play.give("answer_objection", by=_by(unit))
    assert play.give("answer_objection", by=_by("UD1")).case.objections == 0
    assert play.events[-1].data.answered_by is Tier.TOWN


def test_the_desk_answers_for_who_received_it() -> None:
    play = _objected(Tier.TOWN).give("answer_objection", by=_by("UD", Role.OPERATOR))
    assert play.events[-1].data.answered_by is Tier.TOWN


def test_while_one_of_two_objections_is_open_its_time_runs() -> None:
    play = _objected(Tier.COMMUNITY, Tier.TOWN).give("answer_objection", by=_by("UD1"))
    assert Clock.OBJECTION_ANSWER in play.case.clocks
    with pytest.raises(Incomplete, match="received"):
        play.give("answer_objection", by=_by("UD1"))
    play.give("answer_objection", by=_by("UD11"))
    assert Clock.OBJECTION_ANSWER not in play.case.clocks
    assert play.after(days=8).give("approve").case.state is CaseState.FEEDBACK
    assert replay(play.start, play.events) == play.case


def test_what_was_decided_is_not_done_again_by_units_that_have_no_turn_in_it() -> None:
    play = opened("V03-01").give("refuse").give("record_visit", solved=False, satisfaction=1)
    with pytest.raises(Incomplete, match="objected to"):
        play.give("redo")


def test_an_objection_names_the_unit_that_has_to_answer_it() -> None:
    play = opened("V03-01").give("define").give("review_pass")
    for tier, unit in (("community", "UD11"), ("town", "UD1")):
        play.give("record_objection", received_by=tier)
        assert play.events[-1].data.unit == unit
        play.give("answer_objection", by=Actor(role=Role.UNIT_LEAD, unit=unit, person="p-2"))
        assert play.events[-1].data.unit == unit


def test_an_objection_is_answered_also_when_the_application_is_refused_or_returned_meanwhile() -> None:
    refused = _objected(Tier.TOWN).give("refuse")
    assert Clock.OBJECTION_ANSWER in refused.case.clocks
    refused.give("record_feedback").give("record_visit")
    with pytest.raises(Incomplete, match="objection is not answered"):
        refused.give("close")
    assert refused.give("answer_objection", by=_by("UD1")).give("close").case.state is CaseState.CLOSED
    assert replay(refused.start, refused.events) == refused.case
    returned = _objected(Tier.TOWN).give("return_materials").give("return_materials")
    assert returned.give("answer_objection", by=_by("UD1")).case.objections == 0
