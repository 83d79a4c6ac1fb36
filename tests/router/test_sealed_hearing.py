"""Nobody hears of a case that complains of him; of a sealed one only those who act on it and those above (§8.2)."""

from dataclasses import replace

import pytest

from contracts.vocabulary import CaseState, Clock, Tier
from services.router.directory.directory import Unit
from services.router.workflow.lifecycle import Incomplete, replay
from services.router.workflow.situation import Rules
from tests.router.builders import a_directory, some_rules
from tests.router.looks import opened_by
from tests.router.playing import Play

_OFFICES = (
    Unit("U-assessors", "assessors", "assessment_office", Tier.TOWN, "D1", "UD1"),
    Unit("U-discipline", "discipline", "discipline_inspection", Tier.COMMUNITY, "D11", "UD"),
    Unit("U-police", "police", "police", Tier.DISTRICT, "D", "UD"),
)
RULES = some_rules(a_directory(*_OFFICES))
OF_STAFF, OF_OFFICIALS, AT_HOME, ORDINARY = "V05-01", "V05-02", "G02-01", "C01-05"


def _played(category: str, *commands: str, rules: Rules = RULES) -> Play:
    play = opened_by(rules, channel="hotline", category=category)
    for command in commands:
        play.after(minutes=1).give(command)
    return play


def _told(play: Play) -> set[str]:
    """Units that stages of escalation name."""
    return {event.data.supervisor for event in play.events if event.type == "case.supervised"} - {None}


def _led_by(play: Play, lead: str, tier: Tier) -> Play:
    play.case = play.case.changed(lead=lead, tier=tier, co_handlers=())
    return play


@pytest.mark.parametrize(("category", "told"), [(OF_STAFF, {"UD1", "UD"}), (ORDINARY, {"UD11", "UD1", "UD"})])
def test_a_late_check_is_not_told_to_those_complained_of(category: str, told: set[str]) -> None:
    play = _played(category, "sign")
    seen = len(play.events)
    play.give("finish")
    play.wait(days=20)
    stages = [event for event in play.events[seen:] if event.type == "case.supervised"]
    assert {event.data.clock for event in stages} == {Clock.CHECK}
    assert {event.data.supervisor for event in stages if event.data.stage != "L0"} <= told


def test_what_is_sealed_is_told_to_no_unit_that_does_not_act_on_it() -> None:
    """However late: its lead, and the district, to which that reports."""
    play = _played(AT_HOME)
    assert play.case.lead == "U-police"
    assert _told(play.wait(days=20)) <= {"U-police", "UD"}


@pytest.mark.parametrize("category", [OF_STAFF, AT_HOME])
def test_nobody_who_may_not_hear_of_it_is_sent_to_check(category: str) -> None:
    play = _played(category, "sign")
    if category == AT_HOME:
        for _ in range(2):
            play.give("progress")
    asked = play.give("finish").events[-1]
    assert asked.type == "case.check_requested"
    assert asked.data.unit is None
    assert replay(play.start, play.events) == play.case


def test_the_grid_worker_looks_at_what_is_not_sealed() -> None:
    assert _played(ORDINARY, "sign", "finish").events[-1].data.unit == "UD111"


def test_a_case_never_moves_up_to_those_complained_of() -> None:
    """A discipline office of the community, which reports to the district: the town in between is complained of."""
    play = _led_by(_played(OF_OFFICIALS), "U-discipline", Tier.COMMUNITY)
    play.give("escalate_lead")
    assert play.case.lead == "UD"
    late = _led_by(_played(OF_OFFICIALS), "U-discipline", Tier.COMMUNITY).wait(days=20)
    assert late.case.lead == "UD"
    assert "UD1" not in _told(late)


def test_nobody_complained_of_is_asked_in_a_consultation_or_decides_it() -> None:
    play = _played(OF_OFFICIALS)
    for units in (("UD1", "UD"), ("UD11", "UD12")):
        with pytest.raises(Incomplete, match="complained of"):
            play.give("consult", units=units)
    two = (
        Unit("U-one", "one", "discipline_inspection", Tier.TOWN, "D1", "UD1"),
        Unit("U-two", "two", "petition_office", Tier.TOWN, "D1", "UD1"),
    )
    staff = _played(OF_STAFF, rules=replace(RULES, directory=a_directory(*_OFFICES, *two)))
    assert staff.give("consult", units=("U-one", "U-two")).case.superior == "UD1"


@pytest.mark.parametrize("category", [OF_STAFF, AT_HOME])
def test_no_grid_worker_is_asked_to_look_at_what_is_sealed(category: str) -> None:
    play = opened_by(RULES, channel="hotline", category=category, lon=None, lat=None)
    play.case = play.case.changed(state=CaseState.REPORTED)
    with pytest.raises(Incomplete, match="sealed"):
        play.give("request_verify")
