"""The end of a day says what has landed, what has not, and how many a second: never more than was seen."""

from typing import Any

from deploy.local.closing import numbers, what_is_missing
from deploy.local.landing import Landing, landing_of
from deploy.local.observer import Seen
from deploy.local.play import Outcome


def test_whoever_is_dispatched_and_told_joined_or_waiting_has_landed() -> None:
    seen = _seen(dispatched=["d"], notified=["d"], joined=["j"])
    landing = landing_of({"d", "j", "w"}, seen, waiting={"w", "of another day"}, known=set())
    assert landing == Landing({"w"}, set(), set(), set())
    assert landing.complete


def test_each_report_that_has_not_landed_is_missing_in_one_way() -> None:
    seen = _seen(dispatched=["d", "silent"], notified=["d"])
    landing = landing_of({"d", "lost", "undispatched", "silent"}, seen, waiting=set(), known={"undispatched"})
    assert landing == Landing(set(), {"lost"}, {"undispatched"}, {"silent"})
    assert not landing.complete
    assert what_is_missing(landing) == (
        "of the accepted reports 1 have no case, 1 a case without a dispatch, 1 a dispatch without a notice"
    )


def test_a_report_of_an_earlier_day_has_landed_when_the_router_has_its_case() -> None:
    seen, repeated = _seen(dispatched=["late"]), {"late", "known", "waits", "lost"}
    landing = landing_of(set(), seen, repeated=repeated, waiting={"waits"}, known={"known"})
    assert landing == Landing({"waits"}, {"lost"}, set(), set())


def test_a_dispatch_that_is_seen_late_is_no_longer_waiting() -> None:
    seen = _seen(dispatched=["late"])
    landing = landing_of({"late"}, seen, waiting={"late"}, known=set())
    assert landing == Landing(set(), set(), set(), {"late"})


def test_a_rate_ends_with_the_last_that_it_counts() -> None:
    seen = _seen(dispatched="abcdefgh", notified="abcd")
    seen.last_dispatch_at, seen.last_notice_at = 104.0, 108.0
    outcome = Outcome(accepted={name: name for name in "abcdefgh"}, began=100.0, seconds=2.0)
    shown = numbers(outcome, seen, Landing(set(), set(), set(), set("efgh")))
    assert shown["accepted"] == "8 (4.0/s)"
    assert shown["cases dispatched"] == "8 (2.0/s)"
    assert shown["notices delivered (signature checked)"] == "4 (0.5/s)"
    assert shown["missing: dispatched, but no notice"] == "4"


def test_nothing_has_no_rate() -> None:
    shown = numbers(Outcome(), Seen(), Landing(set(), set(), set(), set()))
    assert shown["cases dispatched"] == "0"


def _seen(*, dispatched: Any = (), notified: Any = (), joined: Any = ()) -> Seen:
    return Seen(dispatched={name: {} for name in dispatched}, notified=set(notified), joined=set(joined))
