"""Whatever becomes of a case: what was due stays due, in its period, and gets no better but by a decision (domain §6.2)."""

import random
from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import pytest

from contracts.envelope import CaseEnvelope
from services.assessment.assignments import READ, assignments, note
from services.assessment.cohort import Outcome, cohort_at, counts, outcome
from tests.router.lives import a_life

Event = CaseEnvelope[Any]
Due = Counter[tuple[str, datetime, Outcome]]

# a person has decided that the count was wrong, or the case is no case
_MENDS = {
    *("case.extended", "case.appeal_decided", "case.reclassified"),
    *("case.voided", "case.merged", "case.unmerged"),
}


def _due(events: Sequence[Event], at: datetime) -> Due:
    found = assignments(note(event) for event in events if isinstance(event.data, READ))
    seen = ((each.unit, cohort_at(each), outcome(each, at)) for each in found.values() if counts(each))
    return Counter(each for each in seen if each[2] is not Outcome.PENDING)


def _gone(before: Due, after: Due) -> Due:
    """What `after` lacks of `before`, but for what was open and is finished late."""
    gone = before - after
    for unit, cohort, what in list(gone):
        if (
            what is Outcome.OPEN_LATE
            and after[unit, cohort, Outcome.LATE] > before[unit, cohort, Outcome.LATE]
        ):
            del gone[unit, cohort, what]
    return gone


def _accepts_a_return(event: Event, before: Sequence[Event]) -> bool:
    """Another unit is given it."""
    lead = event.data.said("lead")
    orders = [each for each in before if each.type in ("case.returned", "case.dispatched", "case.designated")]
    returned = orders[-1] if orders and orders[-1].type == "case.returned" else None
    return lead is not None and returned is not None and lead != returned.data.unit


@pytest.mark.parametrize("seed", range(4))
def test_what_is_due_stays_so_and_in_any_order(seed: int) -> None:
    chance = random.Random(seed)
    for _ in range(25):
        events = a_life(chance).events
        for number, event in enumerate(events[1:], 1):
            if event.type in _MENDS or _accepts_a_return(event, events[:number]):
                continue
            at = event.occurred_at
            gone = _gone(_due(events[:number], at), _due(events[: number + 1], at))
            assert not gone, [each.type for each in events[: number + 1]]
        for at in (events[-1].occurred_at, events[len(events) // 2].occurred_at):
            assert _due(chance.sample(events, len(events)), at) == _due(events, at)
