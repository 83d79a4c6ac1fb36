"""Emergency lines that the rules of danger name are called at once, once, wherever the case stands (domain §11.2)."""

from typing import Any

import httpx
import pytest

from contracts.envelope import Actor
from contracts.vocabulary import CaseState, Clock, Role, Urgency
from delivery.service import Service
from services.router.desk.telling import history_of
from services.router.desk.words import Voice
from services.router.workflow.beside import opened_beside
from services.router.workflow.case import Case
from services.router.workflow.lifecycle import replay
from tests.router.builders import a_moment, a_report
from tests.router.playing import RULES, Play, opened
from tests.router.several_reports import case_of, rows_of, work

DRILL = "社区周六搞消防演练，会冒烟，请大家不要惊慌"
LEADER = Actor(role=Role.SHIFT_LEADER, person="p-9")
OPERATOR = Actor(role=Role.OPERATOR, person="p-8")
BEATEN = "申请低保，丈夫家暴"


@pytest.mark.parametrize("way", [(), ("sign",), ("return",), ("sign", "finish")])
def test_danger_that_is_confirmed_calls_the_lines_of_what_was_feared(way: tuple[str, ...]) -> None:
    play = opened("C01-05", text=DRILL)
    for command in way:
        play.give(command)
    assert play.case.lines == ()
    play.give("confirm", dangerous=True)
    assert play.case.lines == ("119",)
    assert play.types().index("case.urgency_changed") < play.types().index("case.line_called")
    assert replay(play.start, play.events) == play.case


def test_what_a_former_release_suspended_before_its_call_goes_on_when_there_is_danger() -> None:
    play = opened("C01-05", text=DRILL).give("sign")
    call = {Clock.ACCEPT: play.case.clocks[Clock.ACCEPT]}
    play.case = play.case.changed(
        clocks={clock: ticking for clock, ticking in play.case.clocks.items() if clock not in call}
    )
    play.give("suspend")
    play.case = play.case.changed(clocks=play.case.clocks | call)
    assert play.give("confirm", dangerous=True).case.lines == ("119",)
    assert play.case.state is not CaseState.SUSPENDED


def test_of_a_case_that_was_stored_before_its_words_say_what_is_feared() -> None:
    play = opened("C01-05", text=DRILL)
    play.case = play.case.changed(feared=())
    assert play.give("confirm", dangerous=True).case.lines == ("119",)
    beside = opened("V03-01", text="申请低保，没有人昏迷")
    stored, said = beside.case.changed(feared=()), len(beside.events)
    beside.case = stored
    beside.give("confirm", dangerous=True)
    emergency = opened_beside(stored, beside.case, beside.events[said:], RULES, a_moment())
    assert emergency is not None
    assert emergency[0].lines == ("120",)


def test_danger_that_is_confirmed_of_what_is_critical_already_calls_them_too() -> None:
    play = opened("C01-05", text="有人昏迷，没有着火")
    assert (play.case.urgency, play.case.lines) == (Urgency.CRITICAL, ("120",))
    assert play.give("confirm", dangerous=True).case.lines == ("120", "119")


def test_what_is_denied_or_judged_by_a_leader_calls_nobody() -> None:
    assert opened("C01-05", text=DRILL).give("confirm", dangerous=False).case.lines == ()
    judged = opened("C01-05", text=DRILL).give("set_urgency", by=LEADER, urgency="critical").case
    assert (judged.lines, judged.feared) == ((), ())


def test_an_application_calls_the_lines_that_its_words_name() -> None:
    play = opened("V03-01", text=BEATEN)
    assert (play.case.state, play.case.urgency) == (CaseState.DEFINING, Urgency.URGENT)
    assert play.case.lines == ("110", "mandatory_report")
    assert replay(play.start, play.events) == play.case


def _beside(play: Play) -> tuple[Case, list[Any]]:
    emergency = opened_beside(play.start, play.case, play.events, RULES, a_moment())
    assert emergency is not None
    return emergency


@pytest.mark.parametrize("text", ["申请低保，家里着火了", "申请低保，厨房起火了冒浓烟"])
def test_the_emergency_beside_an_application_calls_them_in_its_place(text: str) -> None:
    play = opened("V03-01", text=text)
    emergency, _ = _beside(play)
    assert (play.case.lines, emergency.lines) == ((), ("119",))


def test_what_is_confirmed_of_an_application_is_called_by_its_emergency() -> None:
    play = opened("V03-01", text="申请低保，家里没有着火")
    before = play.case
    play.give("confirm", dangerous=True)
    found = opened_beside(before, play.case, play.events, RULES, a_moment())
    assert found is not None
    assert (play.case.lines, found[0].lines) == ((), ("119",))


def test_what_an_application_has_called_its_emergency_does_not_call_again() -> None:
    play = opened("V03-01", text=f"{BEATEN}，家里没有着火")
    before, count = play.case, len(play.events)
    play.give("confirm", dangerous=True)
    found = opened_beside(before, play.case, play.events[count:], RULES, a_moment())
    assert found is not None
    emergency, events = found
    assert [event.data.line for event in events if event.type == "case.line_called"] == ["119"]
    assert emergency.lines == ("110", "mandatory_report", "119")


def test_the_same_words_are_asked_about_once() -> None:
    play = opened("V03-01", text="申请低保，家里着火了，没有人昏迷")
    _, events = _beside(play)
    assert "case.confirm_requested" not in play.types()
    assert "case.confirm_requested" in [event.type for event in events]


def test_what_waits_at_the_desk_calls_them_before_its_place_is_found_and_not_again_after() -> None:
    play = opened(None, text="路边着火了，有人受伤", grid=None, lon=None, lat=None)
    assert (play.case.state, play.case.lines) == (CaseState.REPORTED, ("119", "120"))
    assert play.types() == ["case.line_called"] * 2
    assert Clock.ACCEPT in play.case.clocks
    play.give("accept", by=OPERATOR)
    assert (play.case.state, play.case.lines) == (CaseState.DISPATCHED, ("119", "120"))
    assert replay(play.start, play.events) == play.case


@pytest.mark.parametrize("text", [DRILL, "路灯不亮"])
def test_what_names_none_or_is_to_be_asked_about_waits_there_without(text: str) -> None:
    assert opened(None, text=text, grid=None, lon=None, lat=None).events == []


async def test_a_line_called_at_the_desk_is_kept_shown_and_sent(
    router: Service, http: httpx.AsyncClient
) -> None:
    await work(router, report := a_report(lon=None, lat=None, text="路边着火了"))
    case = await case_of(router, report.case_id)
    assert (case.state, case.version, case.lines) == (CaseState.REPORTED, 1, ("119",))
    history = (await http.get(f"/v1/cases/{report.case_id}/history")).json()["items"]
    assert [(item["type"], item["data"]["line"]) for item in history] == [("case.line_called", "119")]
    assert len(await rows_of(router, "select from outbox where topic like '%cases%'")) == 1
    place = {"data": {"place": {"lon": 1.0, "lat": 1.0}}}
    answer = await http.post(f"/v1/cases/{report.case_id}/commands/accept", json=place)
    assert answer.status_code == 200, answer.text
    assert (await case_of(router, report.case_id)).lines == ("119",)


def test_the_fact_says_what_the_ruleset_calls_the_line() -> None:
    play = opened("C01-05", text="路灯旁有煤气味")
    called = [
        (each.data.line, each.data.name, each.data.name_en)
        for each in play.events
        if each.type == "case.line_called"
    ]
    assert called == [("gas_company", "燃气企业", "gas company"), ("119", "119 消防", "119 fire brigade")]
    other = play.give("call_line", line="122").events[-1].data
    assert (other.line, other.name) == ("122", None), "a line that the law names and this ruleset does not"


def test_the_desk_tells_it_by_that_name() -> None:
    play = opened("C01-05", text="路灯旁有煤气味")
    told = [each.model_dump(mode="json") for each in play.events if each.type == "case.line_called"][:1]
    for lang, words in (("zh", ("专线", "燃气企业")), ("en", ("Line", "gas company"))):
        (entry,) = history_of(told, RULES, Voice(lang))
        assert entry.said == (words,)
