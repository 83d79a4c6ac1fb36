"""An application that is opened again begins its way anew at the community, where there is a turn to go on with."""

from typing import Any

import httpx
import pytest

from contracts.vocabulary import CaseState, Clock, Procedure, Tier
from delivery.service import Service
from services.router.workflow.lifecycle import Incomplete, replay
from services.router.workflow.situation import Rules
from services.router.workflow.table import transition
from tests.router.builders import a_directory, some_rules
from tests.router.desk_visits import SignedIn, file_report, give_by_form
from tests.router.playing import FILLED, Play, opened

_REFUSED = {
    Tier.COMMUNITY: ("ask_materials", "receive_materials", "refuse"),
    Tier.TOWN: ("define", "refuse"),
    Tier.DISTRICT: ("define", "review_pass", "refuse"),
}
_CLOSED = ("record_feedback", "record_visit", "close")


def _closed(*way: str) -> Play:
    play = opened("V03-01")
    for command in (*way, *_CLOSED):
        play.after(minutes=1).give(command)
    return play


@pytest.mark.parametrize("tier", _REFUSED)
def test_whoever_refused_it_the_community_has_the_first_turn_again(tier: Tier) -> None:
    play = _closed(*_REFUSED[tier]).after(days=1).give("reopen")
    case, said = play.case, play.events[-1]
    assert (case.state, case.lead, case.tier) == (CaseState.DEFINING, "UD11", Tier.COMMUNITY)
    assert (said.type, said.data.unit, said.data.supervisor) == ("approval.reopened", "UD11", "UD1")
    assert set(case.clocks) == {Clock.DEFINE, Clock.HANDLE}
    assert case.round == said.data.round == 1
    assert replay(play.start, play.events) == case


def test_it_goes_the_whole_way_and_is_publicised_anew() -> None:
    play = _closed("define", "review_pass", "refuse").after(days=10).give("reopen")
    for command in ("ask_materials", "receive_materials", "define", "review_pass"):
        play.give(command)
    with pytest.raises(Incomplete, match="publicity"):
        play.give("approve")
    play.after(days=8).give("approve")
    for command in _CLOSED:
        play.give(command)
    assert play.case.state is CaseState.CLOSED
    assert replay(play.start, play.events) == play.case


def test_what_waited_before_is_no_publicity_of_the_new_round() -> None:
    play = _closed("define", "review_pass", "refuse").after(days=10).give("reopen")
    assert play.case.publicity_ends is None


def test_after_thirty_days_or_with_nobody_there_it_is_not_opened_again() -> None:
    with pytest.raises(Incomplete, match="30 days"):
        _closed("refuse").after(days=31).give("reopen")
    play = _closed("refuse")
    play.rules = _without("UD11", "UD1", "UD", "UD111")
    with pytest.raises(Incomplete, match="no unit answers"):
        play.give("reopen")


def test_where_the_community_has_no_unit_any_more_the_next_above_has_the_turn() -> None:
    play = _closed("refuse")
    play.rules = _without("UD11", "UD111")
    assert play.give("reopen").case.lead == "UD1"


def _without(*units: str) -> Rules:
    return some_rules(a_directory(without=units))


def test_any_other_case_is_worked_again() -> None:
    assert transition(CaseState.CLOSED, "reopen", Procedure.COORDINATE) == transition(
        CaseState.CLOSED, "reopen"
    )
    row = transition(CaseState.CLOSED, "reopen", Procedure.APPROVAL)
    assert row is not None
    assert (row.id, row.to) == ("A14", CaseState.DEFINING)


async def _closed_by_http(http: httpx.AsyncClient, router: Service) -> str:
    case = await file_report(router, category="V03-01")
    given: dict[str, Any] = FILLED
    for command in ("refuse", *_CLOSED):
        answer = await http.post(
            f"/v1/cases/{case}/commands/{command}", json={"data": given.get(command, {})}
        )
        assert answer.status_code == 200, answer.text
    return str(case)


async def test_its_new_turn_is_taken_over_http(http: httpx.AsyncClient, router: Service) -> None:
    case = await _closed_by_http(http, router)
    answer = await http.post(f"/v1/cases/{case}/commands/reopen", json={"data": FILLED["reopen"]})
    assert (answer.status_code, answer.json()["state"]) == (200, "defining")
    answer = await http.post(f"/v1/cases/{case}/commands/define", json={"data": FILLED["define"]})
    assert (answer.status_code, answer.json()["state"]) == (200, "town_review")


async def test_the_desk_offers_it_once(http: httpx.AsyncClient, router: Service, signed_in: SignedIn) -> None:
    case = await _closed_by_http(http, router)
    browser = await signed_in("admin")
    assert (await browser.get(f"/cases/{case}")).text.count("/commands/reopen") == 1
    answer = await give_by_form(browser, case, "reopen", **FILLED["reopen"])
    assert answer.status_code == 303
    assert "Application reopened" in (await browser.get(f"/cases/{case}")).text
