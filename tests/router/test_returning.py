"""What a unit may return: what it has not worked on; what it has reported as finished never (domain §2.4)."""

import pytest

from services.router.workflow.commands.intake import ResolveOnSpotData
from services.router.workflow.lifecycle import Incomplete, replay
from tests.router.playing import Play, give_all, opened

_DONE = ResolveOnSpotData(result="已清理", evidence_method="photo", evidence=1)


def _redone(play: Play) -> Play:
    give_all(play, "finish", "check_pass").after(minutes=1).give("record_visit", solved=False, satisfaction=1)
    return play.give("redo")


@pytest.mark.parametrize("again", ["check_fail", "redo", "on the spot"])
def test_what_was_reported_as_finished_is_not_returned_when_it_has_to_be_done_again(again: str) -> None:
    if again == "on the spot":
        play = give_all(opened("E01-01", on_spot=_DONE), "check_fail")
    elif again == "redo":
        play = _redone(give_all(opened(), "sign"))
    else:
        play = give_all(opened(), "sign", "finish", "check_fail")
    assert play.case.state == "handling"
    with pytest.raises(Incomplete, match="work on it is recorded already"):
        play.give("return")
    assert replay(play.start, play.events) == play.case


def test_a_new_lead_has_reported_nothing_and_may_return_it() -> None:
    play = give_all(opened("P02-01"), "sign", "finish", "check_fail", "escalate_lead", "return")
    assert play.case.state == "returned"
