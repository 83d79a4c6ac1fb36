"""Who is named to help by the order reports before the lead finishes, or is excused by it (domain §2.7, T26)."""

import pytest

from contracts.envelope import Actor
from contracts.vocabulary import CaseState, Clock, Privacy, Role, Tier
from services.router.cases.visibility import Reach
from services.router.directory.directory import Unit
from services.router.workflow.lifecycle import Incomplete, open_case, replay
from services.router.workflow.reported import new_case
from services.router.workflow.situation import Around
from tests.router.builders import a_directory, a_moment, a_report, some_rules
from tests.router.playing import Play, opened

SANITATION = Unit("SAN", "SAN", "sanitation", Tier.TOWN, "D1", "UD1")
RULES = some_rules(a_directory(SANITATION))


def _ordered() -> Play:
    """Overflowing bins: the community leads, sanitation helps."""
    start, around = new_case(a_report(category="E01-02", text="垃圾满溢")), Around(grid="D111")
    case, events = open_case(start, around, RULES, a_moment())
    return Play(case, start, list(events), rules=RULES, around=around)


def _finish(play: Play, **data: object) -> Play:
    return play.give("finish", **{"excused": ()} | data)


def _reports(play: Play) -> Play:
    helper = Actor(role=Role.HANDLER, unit="SAN", person="p-5")
    return play.give("progress", by=helper, note="已清运")


def test_the_lead_does_not_finish_before_its_helper_has_reported() -> None:
    play = _ordered().give("sign")
    assert (play.case.co_handlers, play.case.to_report) == (("SAN",), ("SAN",))
    with pytest.raises(Incomplete, match="SAN is to help"):
        _finish(play)
    _finish(_reports(play))
    assert play.case.to_report == ()
    assert replay(play.start, play.events) == play.case


def test_the_lead_says_who_need_not_report() -> None:
    play = _finish(_ordered().give("sign"), excused=("SAN",))
    assert play.case.state == "checking"
    assert replay(play.start, play.events) == play.case


def test_no_clock_runs_for_it_and_nobody_is_told_that_it_is_late() -> None:
    play = _ordered().give("sign")
    assert Clock.REPORT_IN not in play.case.clocks


def test_who_has_reported_need_not_again_when_another_leads() -> None:
    play = _reports(_ordered().give("sign"))
    play.give("escalate_lead").give("sign")
    assert _finish(play).case.state == "checking"


def test_whose_report_is_owed_still_owes_it_when_another_leads_but_not_when_it_leads_itself() -> None:
    play = _ordered().give("sign").give("escalate_lead")
    assert play.case.to_report == ("SAN",)
    assert _ordered().give("return").give("redispatch", lead="UD1", co_handlers=["SAN"]).case.to_report == (
        "SAN",
    )
    assert _ordered().give("return").give("redispatch", lead="SAN").case.to_report == ()


def test_whom_the_dispatcher_names_anew_is_to_report_too() -> None:
    play = (
        _reports(_ordered().give("sign"))
        .give("return")
        .give("redispatch", lead="UD1", co_handlers=["SAN", "UD11"])
    )
    assert play.case.to_report == ("UD11",)


def test_who_is_called_in_is_waited_for_once() -> None:
    play = _ordered().give("sign").give("call_in", units=["SAN"])
    assert (play.case.awaited, play.case.to_report) == (("SAN",), ())


def test_what_turns_out_to_be_an_application_waits_for_nobody_who_was_called_in_before() -> None:
    """No unit records progress on an application: it could never have been closed."""
    play = opened("X01-01").give("sign").give("call_in").give("reclassify", category="V03-01")
    assert (play.case.state, play.case.awaited, play.case.to_report) == (CaseState.DEFINING, (), ())
    play.give("refuse").give("record_feedback").give("record_visit").give("close")
    assert play.case.state is CaseState.CLOSED
    assert replay(play.start, play.events) == play.case


def test_who_helped_before_it_turned_out_to_be_an_application_sees_it_no_more_once_it_is_sealed() -> None:
    play = _ordered().give("set_privacy", privacy="sealed").give("return")
    helper = Reach(frozenset({"SAN"}), sealed=True)
    assert helper.sees(play.case, RULES.directory)
    play.give("reclassify", category="V03-01")
    assert (play.case.state, play.case.privacy) == (CaseState.DEFINING, Privacy.SEALED)
    assert (play.case.co_handlers, helper.sees(play.case, RULES.directory)) == ((), False)
    assert Reach(frozenset({play.case.lead or ""}), sealed=True).sees(play.case, RULES.directory)
    assert replay(play.start, play.events) == play.case


@pytest.mark.parametrize("ends", ["reclassify", "merge"])
def test_whom_the_next_order_names_again_is_to_report_without_the_clock_of_the_former(ends: str) -> None:
    play = _ordered().give("sign").give("call_in", units=["SAN"])
    if ends == "reclassify":
        play.give("return").give("reclassify", category="E01-01")
    else:
        play.give("merge").give("unmerge")
    assert (play.case.state, play.case.co_handlers) == (CaseState.DISPATCHED, ("SAN",))
    assert (play.case.awaited, play.case.to_report) == ((), ("SAN",))
    assert Clock.REPORT_IN not in play.case.clocks
    assert replay(play.start, play.events) == play.case
