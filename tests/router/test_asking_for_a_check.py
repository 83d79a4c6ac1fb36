"""Who is asked to look whether it is fixed: the nearest who did not do it himself (domain §11.6, T27)."""

import pytest

from services.router.workflow.commands.intake import ResolveOnSpotData
from services.router.workflow.lifecycle import replay
from services.router.workflow.situation import Rules
from tests.router.builders import a_directory, some_rules
from tests.router.playing import RULES, Play, opened

_DONE = ResolveOnSpotData(result="已清理", evidence_method="photo", evidence=1)
_EMERGENCY = ("sign", "progress", "progress", "finish")


def _asked(play: Play, *commands: str) -> str | None:
    for command in commands:
        play.after(minutes=1).give(command)
    assert play.events[-1].type == "case.check_requested"
    assert replay(play.start, play.events) == play.case
    unit: str | None = play.events[-1].data.unit
    return unit


def _under(rules: Rules, play: Play) -> Play:
    play.rules = rules
    return play


def test_what_the_grid_worker_has_done_the_community_looks_at() -> None:
    play = opened("V02-01")
    assert play.case.lead == "UD111"
    assert _asked(play, *_EMERGENCY) == "UD11"


def test_what_the_community_has_settled_on_the_spot_the_town_looks_at() -> None:
    assert _asked(opened("E01-01"), "sign", "escalate_lead", "sign", "finish") == "UD1"


def test_where_no_tier_lies_between_the_next_above_looks() -> None:
    without = some_rules(a_directory(without=("UD1",)))
    play = _under(without, opened("E01-01"))
    assert _asked(play, "sign", "escalate_lead", "sign", "finish") == "UD"


def test_where_nobody_else_answers_for_the_grid_the_desk_looks() -> None:
    alone = some_rules(a_directory(without=("UD11", "UD1", "UD")))
    assert _asked(_under(alone, opened("V02-01")), *_EMERGENCY) is None


@pytest.mark.parametrize(("category", "looks"), [("E01-01", "UD11"), ("C01-05", "UD111")])
def test_what_others_have_done_the_nearest_looks_at(category: str, looks: str) -> None:
    done = opened(category, on_spot=_DONE) if category == "E01-01" else opened(category)
    assert done.rules is RULES
    assert _asked(done, *(() if category == "E01-01" else ("sign", "finish"))) == looks
