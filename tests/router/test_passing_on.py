"""Passed on without end, or passed by without a look: what neither returns nor checks let through (T14, T17, T29)."""

import pytest

from services.router.workflow.lifecycle import Incomplete
from tests.router.playing import Play, opened


def _lacks(play: Play, command: str, **data: object) -> list[str]:
    with pytest.raises(Incomplete) as refusal:
        play.give(command, **data)
    return [lack.pointer for lack in refusal.value.lacks]


def test_a_case_is_returned_twice_at_most_whatever_category_it_has_meanwhile() -> None:
    play = opened()
    for category in ("E01-01", "C01-05"):
        play.give("return").give("reclassify", category=category)
    assert _lacks(play, "return") == ["/"]
    assert play.give("consult", units=("UD11",)).case.superior == "UD"


def test_one_unit_named_twice_is_no_dispute() -> None:
    assert _lacks(opened(), "consult", units=("UD11", "UD11")) == ["/data/units"]


def test_a_unit_that_was_designated_before_a_merge_may_return_what_it_is_given_after() -> None:
    play = opened().give("consult").give("designate")
    assert _lacks(play, "return")[0] == "/"
    assert play.give("merge").give("unmerge").give("return").case.returned_by == ("UD",)


@pytest.mark.parametrize(("category", "evidence"), [("C01-05", True), ("E01-04", True), ("V01-02", False)])
def test_a_look_at_the_place_is_shown(category: str, evidence: bool) -> None:
    play = opened(category).give("sign").give("finish")
    assert (play.case.check in ("photo", "onsite")) is evidence
    if evidence:
        assert _lacks(play, "check_pass", evidence=0) == ["/data/evidence"]
        play.give("check_pass", evidence=1)
    else:
        play.give("check_pass", evidence=0)
