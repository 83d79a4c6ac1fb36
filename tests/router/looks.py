"""Cases whose report the nearest grid worker is to look at before anybody is sent."""

from dataclasses import replace
from typing import Any

from contracts.vocabulary import Channel
from services.router.rulesets.ruleset import Verification
from services.router.workflow.lifecycle import open_case
from services.router.workflow.reported import new_case
from services.router.workflow.situation import Around, Rules
from tests.router.builders import a_directory, a_moment, a_report
from tests.router.playing import RULES, Play

LOOK = Verification(channels=frozenset({Channel.WEB}))


def looking(verification: Verification = LOOK, without: tuple[str, ...] = ()) -> Rules:
    """Rules that want the look; `without` units that could do it."""
    ruleset = RULES.ruleset.model_copy(update={"verification": verification})
    return replace(RULES, ruleset=ruleset, directory=a_directory(without=without))


def opened_by(rules: Rules | None = None, **report: Any) -> Play:
    """A report by web as the system has opened it by these rules."""
    rules = rules or looking()
    start = new_case(a_report(**{"channel": "web"} | report))
    case, events = open_case(start, Around(grid="D111"), rules, a_moment())
    return Play(case, start, list(events), rules=rules, around=Around(grid="D111"))
