"""What turns dangerous while it is worked is an emergency from then on, with all that belongs to one (domain §5)."""

from datetime import timedelta
from typing import Any

import httpx
import pytest

from contracts.envelope import SYSTEM, Actor
from contracts.vocabulary import CaseState, Clock, Procedure, Role, Urgency
from delivery.service import Service
from services.router.workflow.lifecycle import Incomplete, replay
from tests.router.builders import NOON
from tests.router.playing import Play, opened
from tests.router.several_reports import a_report_by, merge, work

COMMUNITY = Actor(role=Role.UNIT_LEAD, unit="UD11", person="p-1")


def _followed(play: Play) -> None:
    """It is an emergency, is finished like one, and its events tell so."""
    with pytest.raises(Incomplete) as lacking:
        play.give("sign").give("finish")
    assert len(lacking.value.lacks) == 3
    play.give("progress").give("progress").give("finish")
    assert play.case.state is CaseState.CHECKING
    assert replay(play.start, play.events) == play.case


@pytest.mark.parametrize("by", [None, SYSTEM], ids=["shift leader", "system"])
def test_what_is_raised_to_critical_is_told_tracked_and_under_control_within_the_hour(
    by: Actor | None,
) -> None:
    play = opened("V01-02")
    assert play.case.procedure is Procedure.COORDINATE
    play.after(minutes=10).give("set_urgency", by=by, urgency="critical")
    assert play.case.procedure is Procedure.EMERGENCY
    assert {"UD1", "UD"} <= {*play.case.copies}  # its community leads
    assert play.case.tracker == "UD111"
    assert play.case.clocks[Clock.CONTROL].due == NOON + timedelta(minutes=70)
    assert play.case.clocks[Clock.INTERIM].due == NOON + timedelta(minutes=130)
    _followed(play)


@pytest.mark.parametrize("way", [(), ("sign",), ("return",), ("sign", "progress", "progress", "finish")])
def test_an_emergency_that_turns_critical_is_told_to_the_district_too(way: tuple[str, ...]) -> None:
    play = opened("C03-03")
    for command in way:
        play.give(command)
    before = play.case
    assert (before.procedure, before.urgency) == (Procedure.EMERGENCY, Urgency.URGENT)
    assert "UD" not in before.involved
    play.give("set_urgency", urgency="critical")
    assert {*play.case.copies} == {*before.copies, "UD"}
    assert play.events[-1].data.copies == play.case.copies, "they are told by it"
    assert (play.case.tracker, play.events[-1].data.procedure) == (before.tracker, None)
    assert replay(play.start, play.events) == play.case


@pytest.mark.parametrize(
    ("command", "clock", "minutes"),
    [("return", Clock.RETURN_REVIEW, 15), ("consult", Clock.CONSULT, 60)],
)
def test_who_gives_its_next_order_has_no_more_time_than_for_what_was_dangerous_then(
    command: str, clock: Clock, minutes: int
) -> None:
    """It waited two days for a superior's word, and no card was due before."""
    play = opened("C01-05").give(command).after(minutes=5).give("set_urgency", urgency="critical")
    assert play.case.clocks[clock].due == NOON + timedelta(minutes=5 + minutes)
    late = play.case.clocks[clock].due
    assert play.give("set_urgency", urgency="general").case.clocks[clock].due == late
    assert replay(play.start, play.events) == play.case


def test_one_that_is_lowered_or_raised_to_less_tells_nobody_more() -> None:
    play = opened("C03-03").give("set_urgency", urgency="elevated")
    assert play.events[-1].data.copies is None
    play.give("set_urgency", urgency="urgent")
    assert play.events[-1].data.copies is None


@pytest.mark.parametrize(
    ("category", "urgency", "procedure"),
    [
        ("E01-01", "urgent", Procedure.EMERGENCY),  # settled on the spot, if it were not dangerous
        ("C01-05", "urgent", Procedure.COORDINATE),
        ("C01-05", "critical", Procedure.EMERGENCY),
        ("V03-02", "critical", Procedure.APPROVAL),
    ],
)
def test_only_danger_makes_an_emergency_and_never_of_an_application(
    category: str, urgency: str, procedure: Procedure
) -> None:
    play = opened(category).give("set_urgency", urgency=urgency)
    assert play.case.procedure is procedure
    assert (Clock.CONTROL in play.case.clocks) is (procedure is Procedure.EMERGENCY)
    play.give("set_urgency", urgency="elevated")
    assert play.case.procedure is procedure, "danger that was there has to be looked after"


def test_a_returned_case_that_turns_dangerous_goes_out_again_as_an_emergency() -> None:
    play = opened("C01-05").give("return").give("set_urgency", urgency="critical")
    assert (play.case.procedure, Clock.CONTROL in play.case.clocks) == (Procedure.EMERGENCY, False)
    play.give("redispatch", lead="UD1")
    assert Clock.CONTROL in play.case.clocks
    assert {"UD11", "UD111"} <= {*play.case.copies, play.case.tracker}


def test_what_a_community_cannot_handle_alone_is_an_emergency_of_the_town() -> None:
    play = opened("V01-02").give("sign")
    play.give("escalate_lead", by=COMMUNITY, cannot_handle_alone=True, reason="需街道支援")
    assert (play.case.lead, play.case.tier, play.case.procedure) == ("UD1", "town", Procedure.EMERGENCY)
    assert play.case.urgency is Urgency.GENERAL, "it is no admission of anything"
    assert {"UD11", "UD1"} <= {play.case.lead, *play.case.co_handlers, *play.case.copies}
    assert play.case.tracker == "UD111"
    assert play.case.clocks[Clock.CONTROL].due == NOON + timedelta(hours=2)
    _followed(play)


@pytest.mark.parametrize("category", ["C01-05", "E01-01", "C01-06"], ids=["district", "grid", "emergency"])
def test_nobody_else_says_so_and_no_emergency_becomes_one_again(category: str) -> None:
    play = opened(category).give("sign")
    with pytest.raises(Incomplete) as lacking:
        play.give("escalate_lead", cannot_handle_alone=True)
    assert "/data/cannot_handle_alone" in [lack.pointer for lack in lacking.value.lacks]


def test_an_ordinary_escalation_changes_no_procedure() -> None:
    play = opened("V01-02").give("sign").give("escalate_lead")
    assert (play.case.lead, play.case.procedure) == ("UD1", Procedure.COORDINATE)
    assert play.events[-1].data.procedure is None


async def test_a_fire_that_a_dispatcher_merges_makes_an_emergency_of_the_lamp(
    router: Service, http: httpx.AsyncClient
) -> None:
    dark = a_report_by("anna", component_id="L1")
    burning = a_report_by("bert", component_id="L1", text="路灯着火了")
    await work(router, dark)
    await work(router, burning)
    await merge(http, burning.case_id, dark.case_id)
    case: dict[str, Any] = (await http.get(f"/v1/cases/{dark.case_id}")).json()
    assert (case["urgency"], case["procedure"]) == ("critical", "emergency")
    assert {"UD1", "UD11"} <= {*case["copies"]}
    assert "control" in case["limits"]
