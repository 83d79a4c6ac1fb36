"""Who may see a case: raised by its category, its reporter or a person, lowered only as the reporter consents (§8.2)."""

from typing import Any

import pytest

from contracts.vocabulary import CaseState, Privacy, Urgency
from services.router.workflow.commands.linking import MergeData
from services.router.workflow.lifecycle import CaseEvent, Incomplete, perform, replay
from services.router.workflow.situation import Around
from tests.router.builders import a_moment
from tests.router.looks import LOOK, looking, opened_by
from tests.router.playing import DISPATCHER, RULES, Play, opened

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


def test_what_a_person_has_sealed_is_filed_anew_as_sealed() -> None:
    play = opened(text=SECRET).give("set_privacy", privacy="sealed")
    before = len(play.events)
    _given(play, *FILED_ANEW["reclassify"])
    assert play.types()[-2:] == ["case.filed", "case.dispatched"]
    assert {event.data.privacy for event in play.events[-2:]} == {Privacy.SEALED}
    assert [_tells(event) for event in play.events].count(True) == 2, "as it was filed and dispatched first"
    assert not any(_tells(event) for event in play.events[before:])
    assert ("privacy.kept", "sealed") in _reasons(play)
    assert replay(play.start, play.events) == play.case


@filed_anew
def test_what_a_person_keeps_confidential_is_filed_anew_as_confidential(way: str) -> None:
    play = _given(opened().give("set_privacy", privacy="confidential"), *FILED_ANEW[way])
    assert {event.data.privacy for event in play.events[-2:]} == {Privacy.CONFIDENTIAL}


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


_NOWHERE: dict[str, Any] = {"grid": None, "lon": None, "lat": None}
_LOOKED_AT = looking(LOOK.model_copy(update={"at_most": Urgency.ELEVATED}))


@pytest.mark.parametrize(
    ("report", "privacy"),
    [
        ({"category": "C01-05"}, Privacy.OPEN),
        ({"category": "C01-05", "confidential": True}, Privacy.CONFIDENTIAL),
        ({"category": "G01-01"}, Privacy.RESTRICTED),
        ({"category": "V05-01", "confidential": True}, Privacy.SEALED),
    ],
    ids=str,
)
def test_what_waits_to_be_filed_is_as_private_as_it_will_be(report: dict[str, Any], privacy: Privacy) -> None:
    """At the desk, or for the look of a grid worker, who does not look at what is sealed."""
    at_the_desk, looked_at = opened(**report, **_NOWHERE), opened_by(_LOOKED_AT, **report)
    looks = CaseState.DISPATCHED if privacy is Privacy.SEALED else CaseState.VERIFYING
    for play, state in ((at_the_desk, CaseState.REPORTED), (looked_at, looks)):
        assert (play.case.state, play.case.privacy) == (state, privacy)


def test_a_wish_is_given_up_by_the_reporter_alone_before_the_case_is_filed_too() -> None:
    play = opened(confidential=True, **_NOWHERE)
    with pytest.raises(Incomplete, match="consent"):
        play.give("set_privacy", privacy="restricted")
    play.give("set_privacy", privacy="restricted", reporter_consents=True).give("accept")
    assert play.case.privacy is Privacy.RESTRICTED


@pytest.mark.parametrize("sealed_by", ["nobody", "its category", "a person"])
def test_where_a_person_found_a_sealed_matter_to_be_is_known_here_and_told_nowhere(sealed_by: str) -> None:
    play = opened("G02-01" if sealed_by == "its category" else "C01-05", **_NOWHERE)
    if sealed_by == "a person":
        play.give("set_privacy", privacy="sealed")
    play.give("accept", place={"lon": 1.0, "lat": 1.0})
    assert "case.accepted" in play.types()
    assert any(_tells(event) for event in play.events) is (sealed_by == "nobody")
    assert play.case.place.lon == 1.0


@pytest.mark.parametrize("sealed", ["case", "master", "both"])
def test_what_is_sealed_is_merged_by_nobody(sealed: str) -> None:
    """The unit that leads the master would read the sealed report, and may be the one complained of."""
    case, master = opened().case, opened().case
    if sealed != "master":
        case = case.changed(privacy=Privacy.SEALED)
    if sealed != "case":
        master = master.changed(privacy=Privacy.SEALED)
    data = MergeData(master_case_id=master.case_id)
    with pytest.raises(Incomplete, match="sealed"):
        perform(case, "merge", data, DISPATCHER, RULES, a_moment(), Around(master=master))
