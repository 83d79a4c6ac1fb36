"""What the people of an area say for a fire is a fire there, and nowhere else."""

from dataclasses import replace

import pytest

from contracts.events import messages_of
from contracts.vocabulary import Procedure, Urgency
from services.router.decision.urgency import mentioned
from services.router.overtaking import cannot_wait
from services.router.rulesets.checking import check_ruleset
from services.router.workflow.lifecycle import open_case
from services.router.workflow.reported import new_case
from services.router.workflow.situation import Around
from tests.router.builders import NOON, a_moment, a_report, some_rules
from tests.router.documents import SHIPPED, a_document
from tests.router.playing import Play

WORDS = {"D11": {"words": {"F01": {"zh": ["火龙出洞"], "en": ["red cock"]}}}}
RULESET, FINDINGS = check_ruleset(a_document(("/overrides", WORDS)))
assert RULESET is not None, FINDINGS
RULES = replace(some_rules(), ruleset=RULESET)


def opened(text: str, grid: str | None) -> Play:
    start = new_case(a_report(text=text, category="E01-01"))
    case, events = open_case(start, Around(grid=grid), RULES, a_moment())
    return Play(case, start, list(events), rules=RULES)


@pytest.mark.parametrize(
    ("text", "grid", "urgency"),
    [
        ("楼下火龙出洞了", "D111", Urgency.CRITICAL),
        ("楼下火龙出洞了", "D112", Urgency.CRITICAL),
        ("楼下火龙出洞了", "D121", Urgency.GENERAL),
        ("the red cock is on the roof", "D111", Urgency.CRITICAL),
        ("楼下没有火龙出洞", "D111", Urgency.GENERAL),
        ("楼下着火了", "D111", Urgency.CRITICAL),
        ("楼下着火了", "D121", Urgency.CRITICAL),
    ],
)
def test_the_words_of_an_area_count_there(text: str, grid: str, urgency: Urgency) -> None:
    case = opened(text, grid).case
    assert case.urgency is urgency
    assert (case.procedure is Procedure.EMERGENCY) == (urgency is Urgency.CRITICAL)


def test_what_is_denied_in_the_words_of_an_area_is_asked_about() -> None:
    case = opened("楼下没有火龙出洞", "D111").case
    assert case.confirm_by_phone


def test_of_two_mentions_the_stronger_counts() -> None:
    said = "没有火龙出洞，但是着火了"
    assert mentioned(said, SHIPPED, ["D11"])["F01"].force == "holds"
    assert mentioned(said, RULES.ruleset, ["D11"])["F01"].force == "holds"
    assert mentioned("没有着火，但是火龙出洞了", RULES.ruleset, ["D11"])["F01"].force == "holds"


def test_until_the_place_is_known_it_may_be_anybodys_word() -> None:
    assert opened("楼下火龙出洞了", None).case.urgency is Urgency.CRITICAL


@pytest.mark.parametrize(("text", "waits"), [("楼下火龙出洞了", False), ("路灯不亮", True)])
def test_it_overtakes_a_backlog_too(text: str, waits: bool) -> None:
    record = messages_of("intake", a_report(text=text, category="E01-01"))[0].value
    assert record is not None
    assert cannot_wait(record, RULES, NOON) is not waits
