"""More time is asked for before the limit; when it is decided does not matter (domain §11.6, T21)."""

from datetime import datetime, timedelta

import pytest

from contracts.vocabulary import Clock
from services.router.workflow.lifecycle import Incomplete, replay
from tests.router.builders import NOON
from tests.router.playing import Play, opened


def _late() -> Play:
    play = opened("E01-04").give("sign")
    play.now = play.case.clocks[Clock.HANDLE].due or NOON
    return play.after(minutes=20)


def _refused(play: Play, asked_at: datetime | None) -> str:
    with pytest.raises(Incomplete) as lacking:
        play.give("extend", asked_at=asked_at)
    (lack,) = lacking.value.lacks
    return lack.pointer


def test_a_slow_decision_costs_a_timely_unit_nothing() -> None:
    in_time, late = opened("E01-04").give("sign"), _late()
    in_time.give("extend")
    late.give("extend", asked_at=late.now - timedelta(minutes=30))
    assert late.case.clocks[Clock.HANDLE].due == in_time.case.clocks[Clock.HANDLE].due
    assert replay(late.start, late.events) == late.case


def test_what_was_asked_for_after_the_limit_is_refused_whenever_it_is_decided() -> None:
    assert _refused(_late(), None) == "/"
    late = _late()
    assert _refused(late, late.now - timedelta(minutes=10)) == "/"


def test_nobody_asks_in_the_future_nor_before_the_limit_began_to_run() -> None:
    play = opened("E01-04").give("sign").after(minutes=10)
    assert _refused(play, play.now + timedelta(minutes=1)) == "/data/asked_at"
    assert _refused(play, NOON - timedelta(minutes=1)) == "/data/asked_at"


@pytest.mark.parametrize("pause", ["suspended", "returned"])
def test_what_had_passed_before_a_pause_is_lengthened_by_nothing(pause: str) -> None:
    """It goes on in the evening with nothing left, and is due when work next begins."""
    late = _late()
    if pause == "suspended":
        late.give("suspend").after(hours=6).give("resume")
    else:
        late.case = late.case.changed(sign_by=late.now)
        late.give("return").after(hours=6).give("redispatch", lead=late.case.lead).give("sign")
    assert (late.case.clocks[Clock.HANDLE].due or NOON) > late.now + timedelta(hours=1)
    assert _refused(late, None) == "/"


def test_what_had_not_passed_before_a_pause_may_be_lengthened() -> None:
    play = opened("E01-04").give("sign").give("suspend").after(hours=6).give("resume").give("extend")
    assert play.case.extensions == 1
