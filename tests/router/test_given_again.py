"""A case that is given to another unit is told to whom dispatching would tell it, and to who heard of it before (T15)."""

import pytest

from services.router.workflow.lifecycle import replay
from tests.router.playing import opened


@pytest.mark.parametrize(
    ("lead", "told"),
    [("same", set()), ("UD1", {"UD11", "UD"}), ("UD", {"UD1", "UD11", "UD111"})],
)
def test_a_new_lead_brings_the_copies_of_its_tier(lead: str, told: set[str]) -> None:
    play = opened("P01-04")
    before = play.case.copies
    play.give("return").give("redispatch", lead=play.case.lead if lead == "same" else lead)
    assert set(play.case.copies) == {*before, *told} - {play.case.lead}
    assert play.events[-1].data.copies == play.case.copies
    assert replay(play.start, play.events) == play.case


def test_who_was_told_before_is_told_again_unless_it_works_on_it() -> None:
    play = opened().give("return").give("redispatch", lead="UD1", co_handlers=["UD11"])
    assert (play.case.lead, play.case.co_handlers) == ("UD1", ("UD11",))
    assert set(play.case.copies) == {"UD111", "UD"}
