"""A case stands still only as three persons want it: the unit asks, the dispatcher decides, the tier above agrees."""

from datetime import timedelta
from typing import Any

import pytest
from pydantic import ValidationError

from contracts.vocabulary import CaseState
from services.router.workflow.lifecycle import Incomplete
from tests.router.builders import NOON
from tests.router.playing import opened

# the dispatcher of these plays is p-2
REFUSED: list[tuple[dict[str, Any], list[str]]] = [
    ({"asked_by": "p-2"}, ["/data/asked_by"]),
    ({"agreed_by": "p-2"}, ["/data/agreed_by"]),
    ({"asked_by": "p-7", "agreed_by": "p-7"}, ["/data/asked_by"]),
    ({"until": NOON}, ["/data/until"]),
    ({"until": NOON + timedelta(days=367)}, ["/data/until"]),
]


@pytest.mark.parametrize(("given", "lacks"), REFUSED, ids=str)
def test_nobody_decides_on_what_he_asked_for_or_agrees_with_himself(given: Any, lacks: list[str]) -> None:
    with pytest.raises(Incomplete) as refusal:
        opened().give("sign").give("suspend", **given)
    assert [lack.pointer for lack in refusal.value.lacks] == lacks


@pytest.mark.parametrize("missing", ["asked_by", "agreed_by"])
def test_who_asked_and_who_agreed_are_named(missing: str) -> None:
    with pytest.raises(ValidationError, match=missing):
        opened().give("sign").give("suspend", **{missing: None})


def test_the_event_says_who_agreed() -> None:
    play = opened().give("sign").give("suspend")
    assert play.case.state is CaseState.SUSPENDED
    said = play.events[-1].data
    assert (said.asked_by, said.agreed_by) == ("p-8", "p-7")
