"""Random lives of cases, led by the router's own rules: for properties that hold whatever becomes of a case."""

import random
from contextlib import suppress
from datetime import timedelta
from typing import Any

from services.router.workflow.lifecycle import Incomplete
from services.router.workflow.table import TRANSITIONS, Transition
from tests.router.playing import Play, opened

_CATEGORIES = ["E01-01", "E01-04", "C01-05", "C01-06", "P01-04", "G01-02", "X01-01", "V03-01"]
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


def a_life(chance: random.Random) -> Play:
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
    return play


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
