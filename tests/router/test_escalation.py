"""Stages of escalation: each at its minute, once, along the tree of tiers (domain §11.5)."""

from datetime import timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contracts.facts.report import ReportedFacts
from contracts.vocabulary import CaseState, Clock
from services.router.workflow.evolution import stage_key
from tests.router.playing import RULES, Play, opened, waiting

Told = tuple[str, str, str]


def _stages(play: Play, clock: Clock | None = None) -> list[Told]:
    """(time, clock, stage) of what fired, L2 included where the lead moved."""
    found = []
    for event in play.events:
        name = getattr(event.data, "clock", None)
        if name and (clock is None or name == clock):
            stage = getattr(event.data, "stage", "L2")
            share = getattr(event.data, "share", None)
            at = event.occurred_at.astimezone(RULES.calendar.zone).strftime("%a %H:%M")
            found.append((at, name, f"{stage}@{share:g}" if share else stage))
    return found


def test_a_general_case_that_nobody_signs_climbs_to_the_top() -> None:
    play = opened("P01-04").wait(days=9)  # community, 2 work_day: sign 4 work_hour, from 12:00
    assert _stages(play, Clock.SIGN)[:4] == [
        ("Mon 17:12", "sign", "L0@0.8"),
        ("Mon 18:00", "sign", "L1"),
        ("Tue 18:00", "sign", "L2"),
        ("Wed 11:12", "sign", "L0@0.8"),
    ]
    leads = [event.data.lead for event in play.events if event.type == "case.escalated"]
    assert leads == ["UD1", "UD"]
    assert (play.case.tier, play.case.card) == ("district", "red")


def test_a_critical_case_is_with_the_parent_tier_ten_minutes_after_its_sign_limit() -> None:
    play = opened("E01-01", facts=ReportedFacts(trapped=1)).wait(minutes=19)
    assert _stages(play, Clock.SIGN) == [
        ("Mon 12:05", "sign", "L0@0.5"),
        ("Mon 12:08", "sign", "L0@0.8"),
        ("Mon 12:10", "sign", "L1"),
    ]
    assert play.wait(minutes=1).case.lead == "UD11"


def test_the_old_lead_helps_the_tracker_stays_and_the_time_is_half_or_what_is_left() -> None:
    play = opened("P02-01").give("escalate_lead")  # grid, 1 work_day from 12:00
    case = play.case
    assert (case.lead, case.co_handlers, case.tracker, case.round) == ("UD11", ("UD111",), "UD111", 2)
    due = case.clocks[Clock.HANDLE].due
    assert due is not None
    assert due.astimezone(RULES.calendar.zone).strftime("%a %H:%M") == "Tue 12:00"  # all that was left


def test_at_the_district_a_duty_leader_is_named_instead() -> None:
    play = opened("C01-05").give("sign").wait(days=12)
    assert not [event for event in play.events if event.type == "case.escalated"]
    red = [event.data for event in play.events if getattr(event.data, "stage", None) == "L2"]
    assert red
    assert all((said.card, said.supervisor) == ("red", "UD") for said in red)


def test_the_desk_that_lets_a_report_wait_is_reported_to_the_town() -> None:
    play = waiting()
    play.around = type(play.around)()
    play.case = play.case.changed(grid="D111")
    play.wait(hours=4)
    assert [stage for _, _, stage in _stages(play, Clock.ACCEPT)] == ["L0@0.8", "L1"]
    assert [event.data.supervisor for event in play.events][-1] == "UD1"


def test_an_extension_stops_a_stage_that_has_not_come_and_undoes_none_that_has() -> None:
    play = opened("E01-04").give("sign").wait(hours=3, minutes=50)  # due 16:00, 80 % was 15:36
    assert [stage for _, _, stage in _stages(play, Clock.HANDLE)] == ["L0@0.8"]
    play.give("extend").wait(hours=1, minutes=30)
    assert [stage for _, _, stage in _stages(play, Clock.HANDLE)] == ["L0@0.8"]
    play.wait(hours=1)
    assert [stage for _, _, stage in _stages(play, Clock.HANDLE)] == ["L0@0.8", "L1"]


def test_nothing_fires_while_a_case_is_suspended() -> None:
    play = opened("E01-04").give("sign").give("progress").give("suspend")
    before = len(play.events)
    play.wait(days=20)
    assert (play.case.state, len(play.events)) == (CaseState.SUSPENDED, before)


@pytest.mark.parametrize("category", ["C01-05", "C01-06", "E01-01", "P01-04", "X01-01", "V03-01"])
def test_each_stage_fires_once_for_each_clock_and_round(category: str) -> None:
    case = opened(category).wait(days=60).case
    assert len(case.fired) == len(set(case.fired))
    assert stage_key(Clock.HANDLE, 1, "L3") in case.fired or case.round != 1


_MOVES = st.sampled_from(
    ["sign", "progress", "return", "redispatch", "extend", "suspend", "resume", "escalate_lead"]
)


@given(
    st.lists(st.tuples(_MOVES, st.integers(1, 3000)), max_size=12),
    st.sampled_from(["P01-04", "C01-06", "E01-04"]),
)
@settings(max_examples=100)
def test_stages_come_in_order_and_colours_never_go_back(moves: list[tuple[str, int]], category: str) -> None:
    from services.router.workflow.lifecycle import Forbidden, Incomplete

    play = opened(category)
    for command, minutes in moves:
        play.wait(minutes=minutes)
        try:
            play.give(command)
        except (Forbidden, Incomplete):
            continue
    play.wait(days=30)
    assert all(earlier.occurred_at <= later.occurred_at for earlier, later in pairwise(play.events))
    assert len(play.case.fired) == len(set(play.case.fired))
    order = ["L0@0.5", "L0@0.8", "L1", "L2", "L3"]
    by_clock: dict[str, list[int]] = {}
    for key in play.case.fired:
        clock, stage = key.rsplit("/", 1)
        by_clock.setdefault(clock, []).append(order.index(stage))
    assert all(stages == sorted(stages) for stages in by_clock.values())


def test_time_alone_brings_a_case_that_nobody_touches_to_the_bulletin() -> None:
    play = opened("C01-05").wait(days=60)
    assert {stage for _, _, stage in _stages(play)} >= {"L0@0.8", "L1", "L2", "L3"}
    assert play.now - play.start.reported_at == timedelta(days=60)
