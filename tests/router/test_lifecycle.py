"""Commands on cases: what the table allows, what it refuses, what clocks do, and that history rebuilds the case."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.envelope import SYSTEM, Actor
from contracts.facts.report import ReportedFacts
from contracts.vocabulary import CaseState, Clock, Role
from services.router.handlers import _new_case
from services.router.workflow.case import Case, evolve
from services.router.workflow.commands import CheckFailData, Data, FinishData, ProgressData, SignData
from services.router.workflow.lifecycle import CaseEvent, Forbidden, Incomplete, open_case, perform
from services.router.workflow.table import COMMANDS, TRANSITIONS, allowed, transition
from tests.router.builders import NOON, a_moment, a_report, some_rules

RULES = some_rules()
HANDLER = Actor(role=Role.HANDLER, unit="UD", person="p-1")
CHECKER = Actor(role=Role.CHECKER, unit="UD111", person="p-2")
DESK = Actor(role=Role.OPERATOR, unit="UD", person="p-3")

_FILLED: dict[str, dict[str, Any]] = {
    "progress": {"note": "到场", "contacted": True, "controlled": True, "evidence": 1},
    "finish": {"result": "已修复", "evidence_method": "photo", "evidence": 1},
    "check_fail": {"reason": "未修好"},
    "record_visit": {"contacted": True, "solved": True, "satisfaction": 5},
    "close": {"town_acknowledged": True},
}
_SPEAKS = {
    "sign": HANDLER,
    "progress": HANDLER,
    "finish": HANDLER,
    "check_pass": CHECKER,
    "check_fail": CHECKER,
}


def _opened(**report: Any) -> tuple[Case, list[CaseEvent]]:
    submitted = a_report(**report)
    return open_case(_new_case(submitted), "D111", RULES, a_moment())


def _give(
    case: Case, command: str, data: Data | None = None, *, minutes: int = 0
) -> tuple[Case, list[CaseEvent]]:
    row = transition(case.state, command)
    data = data or (row.data.model_validate(_FILLED.get(command, {})) if row else Data())
    actor = _SPEAKS.get(command, DESK)
    return perform(case, command, data, actor, case.grid, RULES, a_moment(NOON + timedelta(minutes=minutes)))


def _follow(*commands: str, **report: Any) -> tuple[Case, list[CaseEvent]]:
    case, events = _opened(**report)
    for minute, command in enumerate(commands, 1):
        case, more = _give(case, command, minutes=minute)
        events += more
    return case, events


def test_a_report_is_accepted_filed_and_dispatched_in_one_go() -> None:
    case, events = _opened()
    assert [event.type for event in events] == ["case.accepted", "case.filed", "case.dispatched"]
    assert [event.case_version for event in events] == [1, 2, 3]
    assert case.state is CaseState.DISPATCHED


def test_a_report_without_a_place_waits_at_the_desk_with_the_accept_clock() -> None:
    case, events = open_case(_new_case(a_report(lon=None, lat=None)), None, RULES, a_moment())
    assert (case.state, events, list(case.limits)) == (CaseState.REPORTED, [], [Clock.ACCEPT])


def test_the_desk_accepts_with_a_grid_and_the_case_goes_on_by_itself() -> None:
    waiting, _ = open_case(_new_case(a_report(lon=None, lat=None)), None, RULES, a_moment())
    row = transition(waiting.state, "accept")
    assert row is not None
    case, events = perform(waiting, "accept", row.data(), DESK, "D122", RULES, a_moment())
    assert (case.state, case.grid, len(events)) == (CaseState.DISPATCHED, "D122", 3)


TRACES = {
    "general, on the spot": (
        {"category": "E01-01"},
        ["sign", "finish", "check_pass", "record_feedback", "close"],
        CaseState.CLOSED,
    ),
    "general, no check": (
        {"category": "V01-01"},
        ["sign", "finish", "record_feedback", "record_visit", "close"],
        CaseState.CLOSED,
    ),
    "coordinate": (
        {"category": "C01-05"},
        ["sign", "progress", "finish", "check_pass", "record_feedback", "record_visit", "close"],
        CaseState.CLOSED,
    ),
    "emergency": (
        {"category": "C01-06"},
        ["sign", "progress", "progress", "finish", "check_pass", "record_feedback", "record_visit", "close"],
        CaseState.CLOSED,
    ),
    "rework": (
        {"category": "C01-05"},
        ["sign", "finish", "check_fail", "finish", "check_pass", "record_feedback", "record_visit", "close"],
        CaseState.CLOSED,
    ),
}


@pytest.mark.parametrize("name", TRACES)
def test_golden_traces(name: str) -> None:
    report, commands, ends = TRACES[name]
    case, events = _follow(*commands, **report)
    assert case.state is ends
    assert case.limits == {}
    assert [event.case_version for event in events] == list(range(1, len(events) + 1))


@pytest.mark.parametrize("name", TRACES)
def test_folding_the_events_gives_the_case_again(name: str) -> None:
    report, commands, _ = TRACES[name]
    submitted = a_report(**report)
    case, events = open_case(_new_case(submitted), "D111", RULES, a_moment())
    for command in commands:
        case, more = _give(case, command)
        events += more
    again = _new_case(submitted)
    for event in events:
        row = next(row for row in TRANSITIONS if again.state in row.states and _states(row, event))
        again = evolve(again, event, row.to or again.state)
    assert again == case


_SAID_BY = {
    "accept": "case.accepted", "classify": "case.filed", "dispatch": "case.dispatched", "sign": "case.signed",
    "progress": "case.progress", "finish": "case.handled", "request_check": "case.check_requested",
    "skip_check": "case.checked", "check_pass": "case.checked", "check_fail": "case.rework",
    "record_feedback": "case.feedback_given", "record_visit": "case.visited", "close": "case.closed",
}  # fmt: skip


def _states(row: Any, event: CaseEvent) -> bool:
    return _SAID_BY[row.command] == event.type


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("state", CaseState)
def test_every_pair_that_the_table_does_not_list_is_refused(state: CaseState, command: str) -> None:
    listed = any(state in row.states and row.command == command for row in TRANSITIONS)
    if not listed:
        case = replace(_opened()[0], state=state)
        with pytest.raises(Forbidden) as refused:
            _give(case, command)
        assert refused.value.allowed == allowed(state)


def test_finishing_needs_evidence_and_in_an_emergency_the_control_time() -> None:
    case, _ = _follow("sign", category="C01-06")
    with pytest.raises(Incomplete) as lacking:
        _give(case, "finish", FinishData(result="好了", evidence_method="photo", evidence=0))
    assert [lack.pointer for lack in lacking.value.lacks] == ["/data/evidence", "/data"]


def test_the_handler_does_not_check_his_own_case() -> None:
    case, _ = _follow("sign", "finish")
    row = transition(case.state, "check_pass")
    assert row is not None
    with pytest.raises(Incomplete):
        perform(case, "check_pass", row.data(), HANDLER, case.grid, RULES, a_moment())


def test_closing_names_everything_that_is_missing() -> None:
    case, _ = _follow("sign", "finish", "check_pass", category="V01-02")
    row = transition(case.state, "close")
    assert row is not None
    with pytest.raises(Incomplete) as lacking:
        perform(case, "close", row.data(), DESK, case.grid, RULES, a_moment())
    assert len(lacking.value.lacks) == 3


def test_dispatch_starts_sign_contact_and_handle_and_sign_stops_its_clock() -> None:
    case, _ = _opened(category="E01-04")  # 2 work_hour, general: sign a quarter, contact half
    shanghai = {
        clock: at.astimezone(RULES.calendar.zone).strftime("%H:%M") for clock, at in case.limits.items()
    }
    assert shanghai == {Clock.SIGN: "14:30", Clock.CONTACT: "15:00", Clock.HANDLE: "16:00"}
    signed, _ = _give(case, "sign")
    assert set(signed.limits) == {Clock.CONTACT, Clock.HANDLE}


def test_rework_has_half_the_time_in_a_new_round() -> None:
    case, _ = _follow("sign", "finish", category="E01-04")
    again, _ = _give(case, "check_fail", CheckFailData(reason="未修好"))
    assert again.round == 2
    assert again.limits[Clock.HANDLE].astimezone(RULES.calendar.zone).strftime("%H:%M") == "15:00"


def test_a_critical_emergency_is_under_control_within_the_hour() -> None:
    case, _ = _opened(category="E01-01", facts=ReportedFacts(trapped=1))
    assert case.limits[Clock.CONTROL] == NOON + timedelta(hours=1)


def test_personal_data_in_a_note_does_not_reach_the_event() -> None:
    case, _ = _follow("sign")
    _, events = _give(case, "progress", ProgressData(note="已联系13912345678"))
    assert "13912345678" not in events[0].model_dump_json()


def test_the_signer_is_the_handler_unless_he_names_another() -> None:
    case, _ = _opened()
    assert _give(case, "sign")[0].handler == "p-1"
    assert _give(case, "sign", SignData(handler="p-9"))[0].handler == "p-9"


@given(
    st.lists(st.sampled_from(COMMANDS), max_size=25),
    st.sampled_from(["E01-01", "C01-05", "C01-06", "V01-01"]),
)
def test_no_sequence_of_commands_leaves_an_open_case_without_lead_or_clock(
    commands: list[str], category: str
) -> None:
    case, events = _opened(category=category)
    for command in commands:
        try:
            case, more = _give(case, command)
        except (Forbidden, Incomplete):
            continue
        events += more
        assert case.lead
        assert case.tracker
        assert [event.case_version for event in events] == list(range(1, len(events) + 1))
        assert all(event.actor.role is Role.SYSTEM or event.actor != SYSTEM for event in events)
