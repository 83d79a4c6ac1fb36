"""The state machine: its golden traces, what it refuses, and that the events give the case again (domain §11.6)."""

import itertools
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contracts.envelope import SYSTEM
from contracts.events import FACTS
from contracts.vocabulary import CaseState, Clock, Role
from services.router.clocks.escalation import SILENT
from services.router.workflow.case import CARDS, Case
from services.router.workflow.commands.intake import ResolveOnSpotData
from services.router.workflow.lifecycle import Forbidden, Incomplete, perform, replay
from services.router.workflow.serving import as_data, as_mermaid, as_page
from services.router.workflow.situation import Data
from services.router.workflow.table import COMMANDS, TRANSITIONS, transition
from tests.router.builders import a_moment
from tests.router.playing import RULES, SAMPLED_OUT, Play, give_all, opened, waiting

_DONE = ResolveOnSpotData(result="已清理", evidence_method="photo", evidence=1)


def _handled_to_closed(play: Play) -> Play:
    return give_all(play, "finish", "check_pass", "record_feedback", "record_visit", "close")


def _verified() -> Play:
    return _handled_to_closed(give_all(waiting(), "request_verify", "submit_verify", "sign", "progress"))


def _approved() -> Play:
    play = give_all(
        opened("V03-01"),
        "ask_materials",
        "receive_materials",
        "define",
        "review_pass",
        "record_objection",
        "answer_objection",
    )
    return give_all(play.after(days=8), "approve", "record_feedback", "record_visit", "close")


def _suspended() -> Play:
    play = give_all(opened(), "sign", "extend", "suspend", "resume")
    return _handled_to_closed(give_all(_handled_to_closed(play), "reopen")).wait(days=31)


def _appealed() -> Play:
    play = give_all(opened(), "remind", "set_urgency").wait(days=1)
    play = give_all(play, "sign", "oversee")
    play = give_all(_handled_to_closed(play), "appeal_timeout", "decide_appeal")
    return play.wait(days=31)


TRACES: dict[str, tuple[Any, CaseState]] = {
    "general, on the spot, sampled out": (
        lambda: give_all(opened("E01-01", on_spot=_DONE, sampled=SAMPLED_OUT), "record_feedback").wait(days=34),
        CaseState.ARCHIVED,
    ),
    "general, grid worker fails, community takes it": (
        lambda: _handled_to_closed(give_all(opened("P02-01"), "sign", "escalate_lead", "sign")),
        CaseState.CLOSED,
    ),
    "coordinate with verification": (_verified, CaseState.CLOSED),
    "emergency": (lambda: _handled_to_closed(give_all(opened("C01-06"), "sign", "progress", "progress")), CaseState.CLOSED),
    "approval with objection": (_approved, CaseState.CLOSED),
    "suspended, resumed, extended": (_suspended, CaseState.ARCHIVED),
    "fire with work left here": (
        lambda: _handled_to_closed(give_all(opened("C01-06"), "call_line", "progress", "sign", "progress")),
        CaseState.CLOSED,
    ),
    "chased, raised, overdue appeal": (_appealed, CaseState.ARCHIVED),
    "fire handed over": (lambda: give_all(waiting(), "hand_over"), CaseState.HANDED_OVER),
    "outside the law's scope": (lambda: give_all(waiting(), "reject"), CaseState.REJECTED),
    "entered in error": (lambda: give_all(opened(), "void"), CaseState.VOIDED),
    "returned, refused, consulted, designated": (
        lambda: _handled_to_closed(
            give_all(opened(), "return").give("redispatch", lead="UD").give("return").give("consult").give("designate").give("sign")
        ),
        CaseState.CLOSED,
    ),
    "wrong category": (
        lambda: _handled_to_closed(give_all(opened(), "return", "reclassify", "sign")),
        CaseState.CLOSED,
    ),
    "fails its check, is done again": (
        lambda: _handled_to_closed(
            give_all(give_all(opened(), "sign", "finish", "check_fail", "finish", "check_pass", "record_feedback")
                   .give("record_visit", solved=False, satisfaction=1), "redo")
        ),
        CaseState.CLOSED,
    ),
    "refused, opened again, approved": (
        lambda: give_all(
            give_all(
                give_all(opened("V03-01"), "refuse", "record_feedback", "record_visit", "close", "reopen"),
                "define",
                "review_pass",
            ).after(days=8),
            "approve",
            "record_feedback",
            "record_visit",
            "close",
        ),
        CaseState.CLOSED,
    ),
    "refused": (lambda: give_all(opened("V03-01"), "refuse", "record_feedback", "record_visit", "close"), CaseState.CLOSED),
    "application withdrawn": (lambda: give_all(opened("V03-01"), "define", "return_materials", "withdraw"), CaseState.VOIDED),
}  # fmt: skip


@pytest.mark.parametrize("name", TRACES)
def test_golden_traces(name: str) -> None:
    play, ends = TRACES[name]
    done = play()
    assert done.case.state is ends
    assert done.case.clocks == {}
    assert [event.case_version for event in done.events] == list(range(1, len(done.events) + 1))


@pytest.mark.parametrize("name", TRACES)
def test_folding_the_events_gives_the_case_again(name: str) -> None:
    """I12, clocks included."""
    done: Play = TRACES[name][0]()
    assert replay(done.start, done.events) == done.case


@pytest.mark.parametrize("name", TRACES)
def test_every_clock_that_runs_is_watched(name: str) -> None:
    done: Play = TRACES[name][0]()
    case = done.start
    for event in done.events:
        case = replay(case, [event])
        _what_runs_escalates(case)


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("state", CaseState)
def test_every_pair_is_accepted_or_refused_as_the_table_lists(state: CaseState, command: str) -> None:
    """A listed pair may still lack something; an unlisted one is refused."""
    case = opened().case.changed(state=state)
    row = transition(state, command)
    assert (row is not None) == any(state in each.states and each.command == command for each in TRANSITIONS)
    if row is None:
        with pytest.raises(Forbidden):
            perform(case, command, Data(), SYSTEM, RULES, a_moment())


@pytest.mark.parametrize(
    ("state", "command"),
    [
        ("returned", "close"), ("suspended", "finish"), ("handled", "close"), ("voided", "reopen"), ("archived", "reopen"),
        ("reported", "dispatch"), ("merged", "finish"), ("suspended", "oversee"), ("archived", "appeal_timeout"),
    ],
)  # fmt: skip
def test_the_illegal_commands_that_the_domain_names(state: str, command: str) -> None:
    assert transition(CaseState(state), command) is None


def test_the_table_is_whole() -> None:
    assert len(TRANSITIONS) == 66
    assert len({row.id for row in TRANSITIONS}) == 66
    listed = [(state, row.command, row.procedure) for row in TRANSITIONS for state in row.states]
    assert len(listed) == len(set(listed)), "a command is defined twice in one state"
    for special, other in (
        (row, transition(row.states[0], row.command)) for row in TRANSITIONS if row.procedure
    ):
        assert other is not None
        assert (other.who, other.of, other.data) == (special.who, special.of, special.data)
    assert {row.event for row in TRANSITIONS} <= set(FACTS)


_ENDS = {CaseState.ARCHIVED, CaseState.REJECTED, CaseState.HANDED_OVER, CaseState.VOIDED}


def test_every_state_is_reached_and_reaches_an_end() -> None:
    edges = {(state, row.to) for row in TRANSITIONS for state in row.states if row.to}
    reached, reaching = {CaseState.REPORTED}, set(_ENDS)
    for _ in CaseState:
        reached |= {to for state, to in edges if state in reached}
        reaching |= {state for state, to in edges if to in reaching}
    assert reached == reaching == set(CaseState)
    assert not {state for state, _ in edges} & _ENDS


def test_the_table_is_served_whole_as_data_and_as_a_diagram() -> None:
    served = as_data()
    assert [row["id"] for row in served] == [row.id for row in TRANSITIONS]
    assert all(row["who"] for row in served)
    for row in TRANSITIONS:
        for state in row.states:
            assert f"{state} --> {row.to or state}: {row.command}" in as_mermaid()


def test_the_page_of_the_docs_is_the_table() -> None:
    assert (Path(__file__).parents[2] / "docs/workflow.md").read_text("utf-8") == as_page(), (
        "run `make pages`"
    )


_STEPS = st.tuples(st.sampled_from(COMMANDS), st.sampled_from([1, 20, 200, 3000, 50_000]))
_CATEGORIES = st.sampled_from(["E01-01", "C01-05", "C01-06", "V01-01", "V03-01", "X01-01", "P02-01"])


@given(st.lists(_STEPS, max_size=30), _CATEGORIES, st.booleans())
@settings(max_examples=300)
def test_no_sequence_of_commands_breaks_what_always_holds(
    steps: list[tuple[str, int]], category: str, at_the_desk: bool
) -> None:
    play = waiting(category) if at_the_desk else opened(category)
    before = play.case
    for command, minutes in steps:
        play.wait(minutes=minutes)
        try:
            play.give(command)
        except (Forbidden, Incomplete):
            continue
        _holds(play, before)
        before = play.case
    assert replay(play.start, play.events) == play.case  # I12
    _holds(play, before)


_REST = {*_ENDS, CaseState.CLOSED, CaseState.MERGED}
_DESK = {CaseState.REPORTED, CaseState.VERIFYING, CaseState.ACCEPTED, CaseState.FILED}


def _holds(play: Play, before: Case) -> None:
    case, events = play.case, play.events
    if case.state not in _REST | _DESK:
        assert case.lead  # I1
        assert case.clocks or case.state is CaseState.SUSPENDED or _waits_for_closing(case)
    assert [event.case_version for event in events] == list(range(1, len(events) + 1))  # I2
    for lower, event in itertools.pairwise(events):
        if event.type == "case.urgency_changed" and event.actor == SYSTEM:
            assert event.urgency.level > lower.urgency.level  # I4
    _never_filed_lower(events)
    _never_filed_more_open(events)
    cards = [event.data.card for event in events if event.type == "case.supervised"]
    assert cards == sorted(cards, key=CARDS.index)
    if before.tracker and case.state not in _REST:
        assert case.tracker  # I5
    _only_the_five_causes_pause(case)
    _what_runs_escalates(case)
    for event in events:
        if event.type == "case.voided" and event.data.asked_by != "applicant":
            assert event.data.asked_by != event.actor.person  # I9
        if event.type in ("approval.approved", "approval.refused"):
            assert event.actor.role is not Role.SYSTEM  # I10
            assert event.actor.person
        assert event.rule_set_version  # I11
        assert event.calendar_version


def _never_filed_lower(events: list[Any]) -> None:
    """I4: what was raised stays so when the case is filed anew, until a person lowers it."""
    least = 0
    for event in events:
        if event.type == "case.urgency_changed":
            raised = event.urgency.level > event.data.before.level
            least = event.urgency.level if raised else 0
        elif event.type == "case.filed":
            assert event.urgency.level >= least


def _never_filed_more_open(events: list[Any]) -> None:
    """What a person made more private stays so when the case is filed anew, until the reporter consents to less."""
    least = 0
    for event in events:
        if event.type == "case.privacy_changed":
            raised = event.data.after.level > event.data.before.level
            least = event.data.after.level if raised else 0
        elif event.type == "case.filed":
            assert event.data.privacy.level >= least


def _waits_for_closing(case: Case) -> bool:
    """Everybody was told and asked: the desk closes it, no limit runs."""
    return case.state is CaseState.FEEDBACK and bool(case.told)


_AT_WORK = {Clock.CONTACT, Clock.CONTROL, Clock.INTERIM, Clock.HANDLE, Clock.REPORT_IN}
_MAY_PAUSE = {
    CaseState.VERIFYING: {Clock.ACCEPT},
    CaseState.RETURNED: _AT_WORK,
    CaseState.CONSULTING: {*_AT_WORK, Clock.CLASSIFY},
    CaseState.SUSPENDED: {*_AT_WORK, Clock.CLASSIFY},
    CaseState.DEFINING: {Clock.DEFINE, Clock.TOWN_REVIEW, Clock.DISTRICT_REVIEW},
    CaseState.TOWN_REVIEW: {Clock.DISTRICT_REVIEW},
}


def _what_runs_escalates(case: Case) -> None:
    """Every clock that runs is watched, whatever the state."""
    if {clock for clock, ticking in case.clocks.items() if ticking.due is not None} - SILENT:
        assert transition(case.state, "oversee"), (case.state, case.clocks)


def _only_the_five_causes_pause(case: Case) -> None:
    """I7."""
    paused = {clock for clock, ticking in case.clocks.items() if ticking.due is None}
    assert paused <= _MAY_PAUSE.get(case.state, set()), (case.state, paused)
