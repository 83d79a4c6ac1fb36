"""Whatever becomes of a case: what was due stays due, in its period, and gets no better but by a decision (domain §6.2)."""

import random
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any

import pytest

from contracts.envelope import CaseEnvelope
from services.assessment.assignments import READ, assignments, note
from services.assessment.cohort import Outcome, cohort_at, counts, outcome
from services.router.workflow.lifecycle import Incomplete
from services.router.workflow.table import TRANSITIONS, Transition
from tests.router.playing import Play, opened

Event = CaseEnvelope[Any]
Due = Counter[tuple[str, datetime, Outcome]]

_CATEGORIES = ["E01-01", "E01-04", "C01-05", "C01-06", "P01-04", "G01-02", "X01-01"]
_UNITS = ["UD", "UD1", "UD11", "UD111"]
_HOURS = [0.05, 0.5, 3, 10, 40]
_STEPS = 25
# how often, where it is possible; everything else once
_OFTEN = {
    "sign": 4,
    "finish": 5,
    "return": 4,
    "redispatch": 4,
    "check_pass": 3,
    "record_feedback": 4,
    "close": 4,
}
_SELDOM = {"void": 0.1, "merge": 0.2, "withdraw": 0.1, "archive": 0.1}
# a person has decided that the count was wrong, or the case is no case
_MENDS = {
    *("case.extended", "case.appeal_decided", "case.reclassified"),
    *("case.voided", "case.merged", "case.unmerged"),
}


def _a_life(chance: random.Random) -> list[Event]:
    """As the router tells it: somebody does something now and then, and time brings the rest."""
    play = opened(chance.choice(_CATEGORIES))
    for _ in range(_STEPS):
        play.wait(hours=chance.choice(_HOURS) * 2 * chance.random())
        possible = [row for row in TRANSITIONS if play.case.state in row.states and row.who]
        if not possible:
            break
        weights = [(_OFTEN | _SELDOM).get(row.command, 1) for row in possible]
        command = chance.choices(possible, weights)[0]
        with suppress(Incomplete):
            play.give(command.command, **_brought(command, play, chance))
    return play.events


def _brought(row: Transition, play: Play, chance: random.Random) -> dict[str, Any]:
    match row.command:
        case "redispatch" | "designate":
            return {"lead": chance.choice([play.case.lead, *_UNITS])}
        case "reclassify":
            return {"category": chance.choice(_CATEGORIES)}
        case "suspend":
            return {"until": play.now + timedelta(days=chance.randrange(1, 20))}
        case "extend" | "decide_appeal":
            return {"approved" if row.command == "extend" else "granted": chance.random() < 0.7}
        case _:
            return {}


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
        events = _a_life(chance)
        for number, event in enumerate(events[1:], 1):
            if event.type in _MENDS or _accepts_a_return(event, events[:number]):
                continue
            at = event.occurred_at
            gone = _gone(_due(events[:number], at), _due(events[: number + 1], at))
            assert not gone, [each.type for each in events[: number + 1]]
        for at in (events[-1].occurred_at, events[len(events) // 2].occurred_at):
            assert _due(chance.sample(events, len(events)), at) == _due(events, at)
