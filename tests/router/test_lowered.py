"""What a person has judged less urgent is raised again by what is new, never by what he knew (domain §4.2, I4)."""

import pytest

from contracts.vocabulary import Urgency
from services.router.workflow.case import Case
from services.router.workflow.joining import after_reminder
from services.router.workflow.lifecycle import replay
from services.router.workflow.situation import Around, Joined
from tests.router.builders import a_moment
from tests.router.playing import RULES, Play, merged_into, opened

FIRE, HURT = "路灯着火了", "路灯杆倒了，有人受伤"


def _lowered(text: str = FIRE, category: str = "C01-05", to: str = "general") -> Play:
    return opened(category, text=text).give("set_urgency", urgency=to, reason="已到现场核实")


def _reminded(case: Case, reporters: int = 1) -> Urgency:
    known = tuple(Joined(case.report_id, f"r-{number}") for number in range(reporters))
    raised = after_reminder(case, Around(joined=known), RULES, a_moment())
    return raised[0].urgency if raised else case.urgency


def _merged(master: Case, text: str, category: str = "C01-05") -> Case:
    return merged_into(master, opened(category, text=text).case)


@pytest.mark.parametrize(
    ("category", "text"),
    [("C01-05", FIRE), ("C01-06", "路灯杆倒了"), ("C01-05", HURT)],
    ids=["fire", "category", "hurt"],
)
def test_what_the_person_knew_does_not_raise_it_again(category: str, text: str) -> None:
    case = _lowered(text, category).case
    assert _reminded(case) is Urgency.GENERAL
    assert _merged(case, text, category).urgency is Urgency.GENERAL


def test_new_danger_does() -> None:
    assert _merged(_lowered(HURT).case, FIRE).urgency is Urgency.CRITICAL
    assert _merged(_lowered("路灯不亮", to="elevated").case, HURT).urgency is Urgency.URGENT
    assert _merged(_lowered().case, "路灯杆倒了", "C01-06").urgency is Urgency.URGENT, (
        "more than its category says"
    )


def test_what_a_joined_report_said_was_known_too() -> None:
    play = opened("C01-05")
    play.case = _merged(play.case, HURT)
    assert play.case.urgency is Urgency.URGENT
    play.give("set_urgency", urgency="general")
    assert _merged(play.case, HURT).urgency is Urgency.GENERAL
    assert _merged(play.case, FIRE).urgency is Urgency.CRITICAL


def test_points_count_beyond_those_then() -> None:
    play = opened("P01-04")
    play.around = Around(grid="D111", joined=tuple(Joined(play.case.report_id, f"r-{n}") for n in range(10)))
    play.give("set_urgency", urgency="urgent").give("set_urgency", urgency="general")
    assert _reminded(play.case, 10) is Urgency.GENERAL, "ten reporters were known"
    play.give("remind").give("remind")
    assert _reminded(play.case, 10) is Urgency.ELEVATED, "one has said it again and again since"


def test_filed_anew_in_another_category_it_is_as_urgent_as_that_is_without_what_was_judged() -> None:
    play = _lowered().give("return").give("reclassify", category="C01-02")
    assert play.case.urgency is Urgency.ELEVATED
    filed = [event for event in play.events if event.type == "case.filed"][-1]
    assert "lowered" in [reason.rule for reason in filed.data.reasons]
    assert replay(play.start, play.events) == play.case


def test_a_person_who_raises_it_takes_his_judgement_back() -> None:
    play = _lowered().give("set_urgency", urgency="elevated")
    assert play.case.lowered is None
    assert _reminded(play.case) is Urgency.CRITICAL
