"""Commands on cases: what they need, what they do to clocks, and what they never let out."""

from datetime import timedelta

import pytest

from contracts.envelope import Actor
from contracts.facts.report import ReportedFacts
from contracts.vocabulary import CaseState, Clock, Role, Urgency
from services.router.workflow.lifecycle import Incomplete
from services.router.workflow.situation import Joined
from tests.router.builders import NOON
from tests.router.playing import RULES, Play, opened, waiting

HANDLER = Actor(role=Role.HANDLER, unit="UD", person="p-1")


def _due(play: Play, clock: Clock) -> str:
    due = play.case.clocks[clock].due
    assert due is not None
    return due.astimezone(RULES.calendar.zone).strftime("%a %H:%M")


def _lacks(play: Play, command: str, by: Actor | None = None, **data: object) -> list[str]:
    with pytest.raises(Incomplete) as lacking:
        play.give(command, by=by, **data)
    return [lack.pointer for lack in lacking.value.lacks]


def test_a_report_is_accepted_filed_and_dispatched_in_one_go() -> None:
    play = opened()
    assert play.types() == ["case.accepted", "case.filed", "case.dispatched"]
    assert [event.case_version for event in play.events] == [1, 2, 3]
    assert play.case.state is CaseState.DISPATCHED


def test_a_report_without_a_place_waits_at_the_desk_with_the_accept_clock() -> None:
    case = waiting().case
    assert (case.state, case.version, list(case.clocks)) == (CaseState.REPORTED, 0, [Clock.ACCEPT])


@pytest.mark.parametrize(
    ("text", "facts", "urgency", "limit"),
    [
        ("路灯不亮", {}, Urgency.GENERAL, "15 work_minute"),
        ("电梯里有人被困", {}, Urgency.CRITICAL, "5 minute"),
        ("路灯不亮", {"trapped": 1}, Urgency.CRITICAL, "5 minute"),
        ("是不是着火了？", {}, Urgency.CRITICAL, "5 minute"),
    ],
)
def test_at_the_desk_the_worst_comes_first_and_waits_five_minutes_at_most(
    text: str, facts: dict[str, int], urgency: Urgency, limit: str
) -> None:
    case = opened(grid=None, lon=None, lat=None, text=text, facts=ReportedFacts(**facts)).case
    assert (case.urgency, str(case.clocks[Clock.ACCEPT].limit)) == (urgency, limit)


@pytest.mark.parametrize("place", ["lead", "co_handlers"])
def test_nobody_who_may_be_complained_of_is_given_the_case_by_hand(place: str) -> None:
    """A complaint about a grid worker or the community's staff: until a person knows, it may be either."""
    play = opened("V05-01").give("return")
    given = {"lead": "UD1"} | ({"lead": "UD11"} if place == "lead" else {"co_handlers": ["UD", "UD111"]})
    pointer = "/data/lead" if place == "lead" else "/data/co_handlers/1"
    assert pointer in _lacks(play, "redispatch", **given)
    assert play.give("redispatch", lead="UD1").case.lead == "UD1"


@pytest.mark.parametrize(("category", "told"), [("C01-05", True), ("G02-01", False)])
def test_of_a_sealed_case_neither_words_nor_place_are_announced(category: str, told: bool) -> None:
    play = opened(category, text="邻居家里有人挨打")
    said = [event.data.model_dump(mode="json") for event in play.events]
    assert any("邻居" in str(each) for each in said) is told
    assert any((each.get("place") or {}).get("lon") is not None for each in said) is told
    assert play.case.text == "邻居家里有人挨打"


def test_the_desk_accepts_with_a_grid_and_the_case_goes_on_by_itself() -> None:
    play = waiting().give("accept")
    assert (play.case.state, play.case.grid, play.case.version) == (CaseState.DISPATCHED, "D111", 3)


def test_finishing_needs_evidence_and_in_an_emergency_arrival_control_and_end() -> None:
    play = opened("C01-06").give("sign")
    assert _lacks(play, "finish", evidence=0) == ["/data/evidence", "/data", "/data", "/data"]
    play.give("progress", controlled=False, step="arrived")
    assert len(_lacks(play, "finish")) == 2
    play.give("progress", by=Actor(role=Role.GRID_WORKER, unit="UD111", person="p-4"), step="ended")
    assert play.give("finish").case.state is CaseState.CHECKING


def test_an_emergency_whose_interim_report_is_late_is_reported_on_before_it_is_finished() -> None:
    play = opened("E01-01", facts=ReportedFacts(trapped=1)).give("sign").give("progress").give("progress")
    assert _lacks(play.after(hours=3), "finish") == ["/data"]
    assert play.give("progress", step="interim").give("finish").case.state is CaseState.CHECKING


def test_finishing_waits_for_the_units_that_were_called_in() -> None:
    play = opened("E01-02").give("sign")
    play.case = play.case.changed(tier="town")
    play.give("call_in", units=["UD12"])
    assert _lacks(play, "finish") == ["/data/excused"]
    play.give("progress", by=Actor(role=Role.HANDLER, unit="UD12", person="p-5"))
    assert Clock.REPORT_IN not in play.case.clocks
    assert play.give("finish").case.state is CaseState.CHECKING


def test_the_handler_neither_checks_nor_visits_his_own_case() -> None:
    play = opened().give("sign").give("finish")
    assert _lacks(play, "check_pass", by=HANDLER) == ["/"]
    play.give("check_pass").give("record_feedback")
    assert _lacks(play, "record_visit", by=HANDLER) == ["/"]


def test_closing_names_everything_that_is_missing() -> None:
    play = opened("V01-02").give("sign").give("finish").give("check_pass")
    desk = Actor(role=Role.OPERATOR, person="p-3")
    assert len(_lacks(play, "close", by=desk, town_acknowledged=False)) == 3


@pytest.mark.parametrize(
    ("category", "tier"), [("V01-02", "community"), ("V04-01", "town"), ("C01-05", "district")]
)
def test_the_town_acknowledges_what_was_coordinated_unless_it_led_itself(category: str, tier: str) -> None:
    play = opened(category).give("sign").give("finish")
    play.give("check_pass").give("record_feedback").give("record_visit")
    assert (play.case.procedure, play.case.tier) == ("coordinate", tier)
    if tier == "town":
        assert play.give("close", town_acknowledged=False).case.state is CaseState.CLOSED
        return
    assert _lacks(play, "close", town_acknowledged=False) == ["/data/town_acknowledged"]
    assert play.give("close").case.state is CaseState.CLOSED
    assert play.events[-1].data.town_acknowledged is True


def test_a_case_with_a_red_card_is_closed_by_the_shift_leader() -> None:
    play = opened().give("oversee", card="red").give("sign").give("finish").give("check_pass")
    play.give("record_feedback").give("record_visit")
    assert _lacks(play, "close", by=Actor(role=Role.OPERATOR, person="p-3")) == ["/"]
    assert play.give("close").case.state is CaseState.CLOSED


def test_dispatch_starts_sign_contact_and_handle_and_sign_stops_its_clock() -> None:
    play = opened("E01-04")  # 2 work_hour, general: sign a quarter, contact half
    due = {clock: _due(play, clock) for clock in play.case.clocks}
    assert due == {Clock.SIGN: "Mon 14:30", Clock.CONTACT: "Mon 15:00", Clock.HANDLE: "Mon 16:00"}
    assert set(play.give("sign").case.clocks) == {Clock.CONTACT, Clock.HANDLE}


def test_a_first_entry_of_the_lead_stops_contact_and_one_of_another_does_not() -> None:
    play = opened().give("sign")
    play.give("progress", by=Actor(role=Role.GRID_WORKER, unit="UD111"), note="已看", contacted=True)
    assert Clock.CONTACT in play.case.clocks
    play.give("progress")
    assert Clock.CONTACT not in play.case.clocks


def test_rework_has_half_the_time_in_a_new_round() -> None:
    play = opened("E01-04").give("sign").give("finish").give("check_fail")
    assert (play.case.round, _due(play, Clock.HANDLE)) == (2, "Mon 15:00")


def test_of_the_third_rework_the_tier_above_must_know() -> None:
    play = opened("E01-04").give("sign")
    for _ in range(3):
        play.give("finish").give("check_fail")
    told = [event.data.supervisor for event in play.events if event.type == "case.rework"]
    assert (play.case.tier, told) == ("town", [None, None, "UD"])


def test_of_what_goes_on_again_the_tier_above_must_know() -> None:
    play = opened("E01-04").give("sign").give("finish").give("check_pass").give("record_feedback")
    play.give("record_visit", solved=False).give("redo")
    assert play.events[-1].data.supervisor == "UD"
    play.give("finish").give("check_pass").give("record_feedback").give("record_visit").give("close")
    assert play.give("reopen").events[-1].data.supervisor == "UD"


def test_a_critical_emergency_is_under_control_within_the_hour() -> None:
    play = opened("E01-01", facts=ReportedFacts(trapped=1))
    assert play.case.clocks[Clock.CONTROL].due == NOON + timedelta(hours=1)


def test_an_interim_report_of_a_critical_case_is_due_again_every_four_hours() -> None:
    play = opened("E01-01", facts=ReportedFacts(trapped=1)).give("sign")
    assert play.case.clocks[Clock.INTERIM].due == NOON + timedelta(hours=2)
    play.after(hours=1).give("progress", step="interim")
    assert play.case.clocks[Clock.INTERIM].due == NOON + timedelta(hours=5)


def test_a_return_that_is_refused_costs_the_unit_only_its_own_time() -> None:
    play = opened("E01-04").give("sign")  # due Mon 16:00
    play.after(hours=3).give("return")  # 15:00, one hour of work left
    assert play.case.clocks[Clock.HANDLE].due is None
    play.after(minutes=30).give("redispatch", lead=play.case.lead)
    assert _due(play, Clock.HANDLE) == "Mon 16:30"


def test_another_unit_begins_anew_and_leads_in_a_new_round() -> None:
    play = opened("E01-04").give("return").after(hours=3).give("redispatch", lead="UD1")
    assert (play.case.lead, play.case.tier, play.case.round) == ("UD1", "town", 2)
    assert _due(play, Clock.HANDLE) == "Mon 17:00"


@pytest.mark.parametrize(
    ("lead", "pointer"), [("UNKNOWN", "/data/lead"), ("UD12", "/data/lead"), ("UD112", "/data/lead")]
)
def test_a_unit_that_does_not_answer_for_the_grid_does_not_get_the_case(lead: str, pointer: str) -> None:
    assert _lacks(opened("E01-04").give("return"), "redispatch", lead=lead) == [pointer]


def test_no_work_is_pushed_down_to_a_tier_whose_list_does_not_have_it() -> None:
    play = opened("C01-05").give("return")  # a matter of the district
    assert _lacks(play, "redispatch", lead="UD11") == ["/data/lead"]
    assert play.give("redispatch", lead="UD1").case.tier == "town"


def test_a_designated_unit_may_not_return_and_a_third_return_needs_a_consultation() -> None:
    play = opened().give("return").give("redispatch", lead="UD").give("return").give("redispatch", lead="UD")
    assert "/" in _lacks(play, "return")
    play.give("consult").give("designate", lead="UD")
    assert _lacks(play, "return") == ["/", "/"]


def test_a_return_comes_before_work_and_within_its_time() -> None:
    worked = opened().give("sign").give("progress", contacted=False)
    assert _lacks(worked, "return") == ["/"]
    assert _lacks(opened().give("sign"), "return", assignment_revoked=False) == ["/data/assignment_revoked"]
    assert _lacks(opened().after(days=2), "return") == ["/"]


def test_an_extension_adds_one_original_limit_twice_at_most() -> None:
    play = opened("E01-04").give("sign").give("extend")
    assert _due(play, Clock.HANDLE) == "Mon 18:00"
    play.give("extend", approved=False).give("extend")
    assert _due(play, Clock.HANDLE) == "Tue 10:00"
    assert _lacks(play, "extend") == ["/data/approved"]
    assert _lacks(play.after(days=3), "extend", approved=False) == ["/"]


def test_suspended_time_never_counts_and_it_goes_on_by_itself() -> None:
    play = opened("E01-04").give("sign").after(hours=3)  # 15:00, one hour left
    play.give("suspend", until=NOON + timedelta(days=7)).wait(days=6, hours=22)
    assert play.case.state is CaseState.HANDLING
    resumed = next(event for event in play.events if event.type == "case.resumed")
    assert resumed.occurred_at == NOON + timedelta(days=7)
    assert [change.limit_at for change in resumed.clocks if change.name is Clock.HANDLE] == [
        NOON + timedelta(days=7, hours=3)
    ]


def test_raising_the_urgency_shortens_sign_and_contact_and_never_lengthens() -> None:
    play = opened("C01-05").after(hours=2)
    assert (_due(play, Clock.SIGN), _due(play, Clock.CONTACT)) == ("Mon 18:00", "Tue 12:00")
    play.give("set_urgency", urgency="urgent")
    assert (_due(play, Clock.SIGN), _due(play, Clock.CONTACT)) == ("Mon 14:30", "Mon 16:00")
    assert play.case.urgency is Urgency.URGENT
    before = dict(play.case.clocks)
    assert play.give("set_urgency", urgency="general").case.clocks == before


def test_what_was_raised_stays_raised_under_another_category() -> None:
    play = opened("C01-05").give("set_urgency", urgency="urgent").give("return").give("reclassify")
    assert (play.case.category, play.case.urgency) == ("E01-01", Urgency.URGENT)
    filed = next(event for event in reversed(play.events) if event.type == "case.filed")
    assert ("kept", "urgent") in [(reason.rule, reason.effect) for reason in filed.data.reasons]
    play = opened("C01-05").give("set_urgency", urgency="urgent").give("set_urgency", urgency="general")
    assert play.give("return").give("reclassify").case.urgency is Urgency.GENERAL


def test_urgency_is_lowered_by_nobody_but_a_shift_leader_and_not_by_the_system() -> None:
    play = opened("C01-06")
    assert _lacks(play, "set_urgency", by=Actor(role=Role.SYSTEM), urgency="general") == ["/data/urgency"]


def test_a_void_needs_two_persons() -> None:
    assert _lacks(opened(), "void", asked_by="p-2") == ["/data/asked_by"]


def test_an_appeal_is_granted_only_when_both_levels_say_yes() -> None:
    play = opened("E01-04").give("sign").wait(days=1).give("finish").give("check_pass")
    play.give("record_feedback").give("record_visit").give("close").give("appeal_timeout")
    assert _lacks(play, "decide_appeal", agreed_by=None) == ["/data/agreed_by"]
    assert _lacks(play, "decide_appeal", agreed_by="p-2") == ["/data/agreed_by"]
    assert not play.give("decide_appeal").case.appeal_open
    assert _lacks(play, "appeal_timeout") == ["/"]


def test_a_unit_that_was_never_late_has_nothing_to_appeal() -> None:
    play = opened().give("sign").give("finish").give("check_pass").give("record_feedback")
    play.give("record_visit").give("close")
    assert _lacks(play, "appeal_timeout") == ["/"]


def test_an_application_is_approved_by_a_named_person_after_publicity_and_answers() -> None:
    play = opened("V03-01").give("define").give("review_pass")
    assert play.case.lead == "UD"
    assert play.events[-1].data.publicised_by == ("UD11", "UD1")
    assert _lacks(play, "approve") == ["/"]
    play.give("record_objection").after(days=8)
    assert _lacks(play, "approve") == ["/"]
    play.give("answer_objection")
    assert _lacks(play, "approve", by=Actor(role=Role.UNIT_LEAD, unit="UD")) == ["/"]
    assert play.give("approve").case.state is CaseState.FEEDBACK


def test_each_tier_returns_an_application_one_step_and_its_time_waits() -> None:
    play = opened("V03-01").give("define").give("review_pass").give("return_materials")
    assert (play.case.state, play.case.lead) == (CaseState.TOWN_REVIEW, "UD1")
    assert play.case.clocks[Clock.DISTRICT_REVIEW].due is None
    play.give("return_materials")
    assert (play.case.state, play.case.lead) == (CaseState.DEFINING, "UD11")
    play.give("define").give("review_pass")
    assert play.case.clocks[Clock.DISTRICT_REVIEW].due is not None


def test_a_merged_case_comes_back_within_five_working_days() -> None:
    merged = opened().give("merge")
    assert merged.case.clocks == {}
    assert merged.after(days=6).give("unmerge").case.state is CaseState.DISPATCHED
    assert _lacks(opened().give("merge").after(days=9), "unmerge") == ["/"]


def test_feedback_is_recorded_once_for_each_reporter() -> None:
    play = opened().give("sign").give("finish").give("check_pass")
    other = opened().case.report_id
    play.around = type(play.around)(grid="D111", joined=(Joined(other),))
    play.give("record_feedback")
    assert Clock.FEEDBACK in play.case.clocks
    assert _lacks(play, "record_feedback") == ["/data/report_id"]
    play.give("record_feedback", report_id=other)
    assert set(play.case.clocks) == {Clock.VISIT}


def test_personal_data_in_a_note_does_not_reach_the_event() -> None:
    play = opened().give("sign").give("progress", note="已联系13912345678")
    assert "13912345678" not in play.events[-1].model_dump_json()


def test_the_signer_is_the_handler_unless_he_names_another() -> None:
    assert opened().give("sign").case.handler == "p-1"
    assert opened().give("sign", handler="p-9").case.handler == "p-9"
