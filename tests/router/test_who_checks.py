"""Who did the work neither checks it nor asks how it went, whoever was named to do it (domain §2.3, T29, T32)."""

import pytest

from contracts.envelope import Actor
from contracts.facts.report import SettledOnSpot
from contracts.vocabulary import Role
from services.router.workflow.commands.intake import ResolveOnSpotData
from services.router.workflow.lifecycle import Incomplete, replay
from tests.router.playing import Play, opened

WANG = Actor(role=Role.UNIT_LEAD, unit="UD11", person="wang")
_WANG_CHECKS = Actor(role=Role.CHECKER, person="wang")
_WANG_VISITS = Actor(role=Role.VISITOR, person="wang")


def _given(*commands: str, by_wang: str) -> Play:
    """`sign` names somebody else; one of the commands is Wang's."""
    play = opened("E01-02")
    for command in commands:
        named = {"handler": "p-9"} if command == "sign" else {}
        play.give(command, by=WANG if command == by_wang else None, **named)
    return play


def _refuses(play: Play, command: str, by: Actor) -> None:
    with pytest.raises(Incomplete, match="the handler does not"):
        play.give(command, by=by)


@pytest.mark.parametrize("done", ["sign", "progress", "finish"])
def test_who_signed_worked_or_finished_is_no_checker_and_no_visitor(done: str) -> None:
    play = _given("sign", "progress", "finish", by_wang=done)
    _refuses(play, "check_pass", _WANG_CHECKS)
    _refuses(play, "check_fail", _WANG_CHECKS)
    play.give("check_pass").give("record_feedback")
    _refuses(play, "record_visit", _WANG_VISITS)
    assert replay(play.start, play.events) == play.case


def test_who_is_named_to_do_it_is_none_either() -> None:
    play = _given("sign", "finish", by_wang="finish")
    _refuses(play, "check_pass", Actor(role=Role.CHECKER, person="p-9"))


def test_what_was_settled_on_the_spot_is_checked_by_another() -> None:
    settled = ResolveOnSpotData.model_validate(
        SettledOnSpot(result="已清理", evidence_method="photo", evidence=1).model_dump()
    )
    play = opened("E01-01", on_spot=settled)
    _refuses(play, "check_pass", Actor(role=Role.GRID_WORKER, unit="UD111", person="p-1"))
    assert play.give("check_pass").case.state == "feedback"


def test_work_that_failed_its_check_is_still_his_in_the_next_round() -> None:
    play = _given("sign", "finish", "check_fail", by_wang="finish").give("finish")
    _refuses(play, "check_pass", _WANG_CHECKS)


def test_who_left_it_to_the_tier_above_may_look_whether_it_is_done() -> None:
    play = _given("sign", "escalate_lead", "sign", "finish", by_wang="escalate_lead")
    assert play.give("check_pass", by=Actor(role=Role.GRID_WORKER, unit="UD111", person="wang"))


def test_who_only_watched_checks_it() -> None:
    tracker = Actor(role=Role.GRID_WORKER, unit="UD111", person="wang")
    play = _given("sign", by_wang="").give("progress", by=tracker).give("finish")
    assert play.give("check_pass", by=_WANG_CHECKS).case.state == "feedback"


def test_an_administrator_stands_in_for_the_handler_whom_he_names() -> None:
    admin = Actor(role=Role.ADMIN, person="root")
    play = opened("E01-02").give("sign", by=admin, handler="p-9").give("finish", by=admin)
    assert play.give("check_pass", by=admin).case.state == "feedback"
    play = opened("E01-02").give("sign", by=admin).give("finish", by=admin)
    _refuses(play, "check_pass", admin)
