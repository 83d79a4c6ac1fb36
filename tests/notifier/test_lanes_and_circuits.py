"""How many requests a target may have under way, and when it is no longer asked."""

from datetime import UTC, datetime
from uuid import uuid4

import pytest

from contracts.vocabulary import DeliveryStatus
from services.notifier.attempt import Claimed, Ended
from services.notifier.circuit import OPENS_AFTER, Course, courses, state
from services.notifier.lanes import SLOW_SECONDS, Lanes
from services.notifier.retry import REFUSED, Answer, Verdict

ONE, OTHER = uuid4(), uuid4()


def places(lanes, now=0.0):
    return dict(lanes.places(now).known)


def tried(lanes, subscription, *, took=0.01, well=True, at=0.0):
    lanes.begin(subscription, at)
    lanes.end(subscription, at, now=at + took, well=well)


def test_a_lane_grows_with_each_quick_yes_up_to_its_bound():
    lanes = Lanes(each=16, all_together=256)
    assert lanes.start == 2
    for expected in (4, 8, 16, 16):
        tried(lanes, ONE)
        assert places(lanes) == {ONE: expected}


def test_a_lane_shrinks_with_each_failure_down_to_one():
    lanes = Lanes(each=16, all_together=256)
    for _ in range(5):
        tried(lanes, ONE)
    for expected in (8, 4, 2, 1, 1):
        tried(lanes, ONE, well=False)
        assert places(lanes) == {ONE: expected}
    tried(lanes, ONE)
    assert places(lanes) == {ONE: 2}


def test_who_answers_slowly_but_well_keeps_half_a_lane():
    lanes = Lanes(each=16, all_together=256)
    for _ in range(3):
        tried(lanes, ONE, took=2 * SLOW_SECONDS)
    assert places(lanes) == {ONE: 8}


def test_what_is_under_way_takes_places():
    lanes = Lanes(each=4, all_together=10)
    for subscription in (ONE, OTHER):
        tried(lanes, subscription)
    for _ in range(3):
        lanes.begin(ONE, 0.0)
    lanes.begin(OTHER, 0.0)
    assert lanes.free == 6
    assert places(lanes) == {ONE: 1, OTHER: 3}


def test_all_who_hang_together_get_half_of_the_places():
    lanes = Lanes(each=16, all_together=40)
    hanging = [uuid4() for _ in range(5)]
    for subscription in hanging:
        for _ in range(3):
            tried(lanes, subscription)
        for _ in range(4):
            lanes.begin(subscription, 0.0)
    assert sum(places(lanes, now=0.5).values()) == 5 * 12, "not yet known to hang"
    assert sum(places(lanes, now=SLOW_SECONDS + 0.1).values()) == 0
    assert lanes.free == 20


def test_newcomers_together_get_half_of_the_places_until_they_say_yes():
    lanes = Lanes(each=16, all_together=40)
    newcomers = [uuid4() for _ in range(10)]
    for subscription in newcomers:
        for _ in range(lanes.start):
            lanes.begin(subscription, 0.0)
    assert sum(places(lanes).values()) == 0
    assert lanes.places(0.0).newcomers == 0
    lanes.end(newcomers[0], 0.0, now=0.01, well=True)
    assert places(lanes)[newcomers[0]] == 3


def ended(status, answer, subscription=ONE, *, is_probe=False):
    now = datetime.now(UTC)
    claimed = Claimed(
        uuid4(), subscription, 1, 1, now, now, now, "https://x/", (), True, None, None, is_probe
    )
    return Ended(claimed, answer, 0.1, Verdict(status))


YES = (DeliveryStatus.DELIVERED, Answer(204))
LATER = (DeliveryStatus.TEMPORARY_FAILURE, Answer(500))
NO = (DeliveryStatus.PERMANENT_FAILURE, Answer(400))
EXHAUSTED = (DeliveryStatus.PERMANENT_FAILURE, Answer(error="timeout"))
OURS = (DeliveryStatus.PERMANENT_FAILURE, Answer(error=REFUSED))


@pytest.mark.parametrize(
    ("came", "expected"),
    [
        ([YES], Course(ONE, True, 0, None)),
        ([LATER], Course(ONE, False, 1, "status 500")),
        ([LATER, EXHAUSTED], Course(ONE, False, 2, "timeout")),
        ([LATER, YES], Course(ONE, True, 0, None)),
        ([YES, LATER], Course(ONE, True, 1, "status 500")),
        ([LATER, NO, LATER], Course(ONE, True, 1, "status 500")),
        ([NO], Course(ONE, True, 0, None)),
        ([OURS], None),
    ],
)
def test_what_came_back_by_table(came, expected):
    assert courses([ended(*one) for one in came]) == ([expected] if expected else [])


def test_each_target_has_its_own_course():
    found = courses([ended(*LATER, OTHER), ended(*YES, ONE), ended(*LATER, OTHER)])
    assert {one.subscription_id: one.failures for one in found} == {ONE: 0, OTHER: 2}


def test_a_probe_that_fails_is_told_from_what_was_under_way():
    late, probe = ended(*LATER), ended(*LATER, is_probe=True)
    assert [one.was_probed for one in courses([late])] == [False]
    assert courses([late, probe, late]) == [Course(ONE, False, 3, "status 500", True)]
    assert courses([probe, ended(*YES)]) == [Course(ONE, True, 0, None)]


def test_a_circuit_opens_after_many_failures_and_probes_when_due():
    assert state(OPENS_AFTER - 1, is_due=True) == "closed"
    assert state(OPENS_AFTER, is_due=False) == "open"
    assert state(OPENS_AFTER, is_due=True) == "half-open"
