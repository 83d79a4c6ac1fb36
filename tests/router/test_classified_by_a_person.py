"""What nobody could classify is dispatched at once, and a person of the desk classifies it then (domain §11.6, T09)."""

import pytest

from contracts.vocabulary import CaseState, Clock
from services.router.workflow.lifecycle import Incomplete, replay
from tests.router.playing import give_all, opened

_UNKNOWN = "X01-01"


@pytest.mark.parametrize("before", [(), ("sign",), ("sign", "progress")])
def test_the_desk_classifies_it_and_nobody_has_returned_it(before: tuple[str, ...]) -> None:
    play = give_all(opened(_UNKNOWN), *before).give("reclassify", category="E01-01")
    assert (play.case.category, play.case.state) == ("E01-01", CaseState.DISPATCHED)
    assert (play.case.lead, play.case.returned_by, play.case.worked) == ("UD111", (), False)
    assert Clock.CLASSIFY not in play.case.clocks
    assert replay(play.start, play.events) == play.case


def test_a_category_that_is_late_is_the_desks_lateness() -> None:
    play = give_all(opened(_UNKNOWN), "sign", "progress").give("progress", contacted=True)
    assert play.case.clocks[Clock.CLASSIFY].limit.minutes == 4 * 60
    play.wait(days=1)
    late = {event.data.clock for event in play.events if event.type == "case.supervised"}
    assert Clock.CLASSIFY in late
    assert replay(play.start, play.events) == play.case


def test_what_is_finished_needs_no_category_any_more() -> None:
    assert Clock.CLASSIFY not in give_all(opened(_UNKNOWN), "sign", "finish").case.clocks


def test_what_is_classified_a_unit_returns_first() -> None:
    with pytest.raises(Incomplete, match="it is classified"):
        opened().give("reclassify")
    with pytest.raises(Incomplete, match="already"):
        opened(_UNKNOWN).give("reclassify", category=_UNKNOWN)
    assert Clock.CLASSIFY not in opened().case.clocks
