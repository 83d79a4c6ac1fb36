"""A clock that begins anew in its round is late anew: a second late report is seen like the first (domain §11.5)."""

from contracts.envelope import Actor
from contracts.facts.report import ReportedFacts
from contracts.vocabulary import Clock, Role
from services.router.workflow.lifecycle import replay
from tests.router.playing import Play, opened


def _yellow(play: Play, clock: Clock) -> int:
    return sum(
        (event.data.clock, event.data.stage) == (clock, "L1")
        for event in play.events
        if event.type == "case.supervised"
    )


def test_each_late_interim_report_is_seen() -> None:
    play = opened("E01-01", facts=ReportedFacts(trapped=1)).give("sign").give("progress")
    play.wait(hours=2, minutes=10)
    assert (play.case.round, _yellow(play, Clock.INTERIM)) == (1, 1)
    play.give("progress", step="interim").wait(hours=4, minutes=10)
    assert (play.case.round, _yellow(play, Clock.INTERIM)) == (1, 2)
    assert replay(play.start, play.events) == play.case


def test_who_is_called_in_later_is_awaited_like_the_first() -> None:
    play = opened("P01-04").give("sign").give("call_in", units=["UD12"])
    play.case = play.case.changed(clocks={Clock.REPORT_IN: play.case.clocks[Clock.REPORT_IN]})
    play.wait(days=2, hours=3)
    assert _yellow(play, Clock.REPORT_IN) == 1
    play.give("progress", by=Actor(role=Role.HANDLER, unit="UD12", person="p-5"))
    play.give("call_in", units=["UD122"]).wait(days=2, hours=3)
    assert _yellow(play, Clock.REPORT_IN) == 2


def test_stages_of_a_clock_that_runs_on_fire_once() -> None:
    play = opened().give("sign").wait(days=1)
    fired = play.case.fired
    assert fired
    assert play.give("progress").case.fired == fired
