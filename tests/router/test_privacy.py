"""Who may see a case: raised by its category, its reporter or a person, lowered only as the reporter consents (§8.2)."""

from typing import Any

import pytest

from contracts.vocabulary import Privacy
from services.router.workflow.lifecycle import CaseEvent, replay
from tests.router.playing import Play, opened

SECRET = "邻居家里有人挨打"
FILED_ANEW = {"reclassify": ("return", "reclassify"), "unmerge": ("merge", "unmerge")}
filed_anew = pytest.mark.parametrize("way", FILED_ANEW)


def _given(play: Play, *commands: str, **data: Any) -> Play:
    for command in commands:
        play.give(command, **(data if command == commands[-1] else {}))
    return play


def _reasons(play: Play) -> list[tuple[str, str]]:
    filed = next(event for event in reversed(play.events) if event.type == "case.filed")
    return [(reason.rule, reason.effect) for reason in filed.data.reasons]


def _tells(event: CaseEvent) -> bool:
    said = event.data.model_dump(mode="json")
    return SECRET in str(said) or (said.get("place") or {}).get("lon") is not None


@filed_anew
def test_what_a_person_has_sealed_is_filed_anew_as_sealed(way: str) -> None:
    play = opened(text=SECRET).give("set_privacy", privacy="sealed")
    before = len(play.events)
    _given(play, *FILED_ANEW[way])
    assert play.types()[-2:] == ["case.filed", "case.dispatched"]
    assert {event.data.privacy for event in play.events[-2:]} == {Privacy.SEALED}
    assert [_tells(event) for event in play.events].count(True) == 2, "as it was filed and dispatched first"
    assert not any(_tells(event) for event in play.events[before:])
    assert ("privacy.kept", "sealed") in _reasons(play)
    assert replay(play.start, play.events) == play.case


def test_the_higher_of_a_person_and_the_category_holds_and_neither_is_forgotten() -> None:
    play = opened().give("set_privacy", privacy="confidential")
    _given(play, "return", "reclassify", category="G02-01")
    assert play.case.privacy is Privacy.SEALED
    _given(play, "return", "reclassify", category="C01-05")
    assert play.case.privacy is Privacy.CONFIDENTIAL


@filed_anew
@pytest.mark.parametrize(
    "report", [{}, {"confidential": True}, {"category": "E03-01"}, {"category": "V05-01"}], ids=str
)
def test_what_the_reporter_consented_to_holds(report: dict[str, Any], way: str) -> None:
    play = opened(**report)
    if play.case.privacy is not Privacy.SEALED:
        play.give("set_privacy", privacy="sealed")
    play.give("set_privacy", privacy="open", reporter_consents=True)
    _given(play, *FILED_ANEW[way])
    assert {event.data.privacy for event in play.events[-2:]} == {Privacy.OPEN}
    assert replay(play.start, play.events) == play.case


def test_consent_to_less_is_not_consent_to_less_than_another_category_asks_for() -> None:
    play = opened("V05-01").give("set_privacy", privacy="open", reporter_consents=True)
    assert ("privacy.consent", "open") in _reasons(_given(play, "merge", "unmerge"))
    _given(play, "return", "reclassify", category="G02-01")
    assert play.case.privacy is Privacy.SEALED
