"""The cohort rule as tables and properties: when an assignment counts, and as what."""

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.assessment.cohort import Assignment, Outcome, cohort_at, counts, outcome
from tests.assessment.builders import NOON, after


def _assignment(limit: float, finished: float | None, *, exempt: bool = False) -> Assignment:
    return Assignment("U1", after(limit), None if finished is None else after(finished), exempt=exempt)


@pytest.mark.parametrize(
    ("limit", "finished", "exempt", "as_of", "what", "cohort"),
    [
        (4, 2, False, 10, Outcome.IN_TIME, 2),
        (4, 4, False, 10, Outcome.IN_TIME, 4),
        (4, 5, False, 10, Outcome.LATE, 4),
        (4, None, False, 10, Outcome.OPEN_LATE, 4),
        (4, None, False, 4, Outcome.OPEN_LATE, 4),
        (4, None, False, 3, Outcome.PENDING, 4),
        (4, 5, False, 4.5, Outcome.OPEN_LATE, 4),
        (4, 5, True, 10, Outcome.IN_TIME, 5),
        (4, 5, True, 4.5, Outcome.PENDING, 5),
        (4, 2, True, 10, Outcome.IN_TIME, 2),
    ],
)
def test_the_rule(
    limit: float, finished: float | None, exempt: bool, as_of: float, what: Outcome, cohort: float
) -> None:
    assignment = _assignment(limit, finished, exempt=exempt)
    assert outcome(assignment, after(as_of)) is what
    assert cohort_at(assignment) == after(cohort)


@pytest.mark.parametrize(
    ("paused", "as_of", "what"),
    [
        (3, 10, Outcome.PENDING),
        (4, 10, Outcome.OPEN_LATE),
        (5, 10, Outcome.OPEN_LATE),
        (3, 2, Outcome.PENDING),
    ],
)
def test_late_while_paused_is_only_what_was_late_before(paused: float, as_of: float, what: Outcome) -> None:
    assert outcome(Assignment("U1", after(4), paused_at=after(paused)), after(as_of)) is what


def test_what_was_excused_and_never_finished_is_in_no_count() -> None:
    assert not counts(Assignment("U1", after(4), exempt=True))


@pytest.mark.parametrize(
    ("finished", "left", "kept"), [(None, None, True), (None, 3, False), (2, 3, True), (4, 3, False)]
)
def test_what_was_taken_from_a_unit_leaves_its_counts(
    finished: float | None, left: float | None, kept: bool
) -> None:
    times = [None if hour is None else after(hour) for hour in (finished, left)]
    assert counts(Assignment("U1", after(5), times[0], times[1])) is kept


_times = st.integers(-100, 100).map(lambda hour: NOON + timedelta(hours=hour))
_assignments = st.builds(
    Assignment, st.just("U1"), _times, st.none() | _times, st.none(), st.booleans(), st.none() | _times
)


@given(_assignments, _times, _times)
def test_a_later_look_only_turns_open_late_into_late(
    assignment: Assignment, one: datetime, other: datetime
) -> None:
    """Of what was due: once in a rate, an assignment never gets better by waiting."""
    if assignment.exempt:  # a granted appeal is the one thing that mends a rate, and it is a decision
        return
    first, second = outcome(assignment, min(one, other)), outcome(assignment, max(one, other))
    assert (first, second) in {
        (Outcome.IN_TIME, Outcome.IN_TIME),
        (Outcome.LATE, Outcome.LATE),
        (Outcome.OPEN_LATE, Outcome.OPEN_LATE),
        (Outcome.OPEN_LATE, Outcome.LATE),
        *((Outcome.PENDING, any_other) for any_other in Outcome),
    }


@given(_assignments)
def test_it_counts_when_it_was_due_or_done_whichever_was_first(assignment: Assignment) -> None:
    assert cohort_at(assignment) <= (assignment.finished_at or assignment.limit_at)
