"""What lies in a domain of the one-vote veto is closed by the shift leader, and never by time alone (domain §11.3, T34)."""

import pytest

from contracts.envelope import Actor
from contracts.vocabulary import CaseState, Clock, Procedure, Role
from services.router.rulesets.ruleset import Ruleset, load_ruleset
from services.router.workflow.lifecycle import Incomplete
from tests.router.playing import SAMPLED_OUT, Play, opened

RULES = load_ruleset()
OPERATOR = Actor(role=Role.OPERATOR, person="p-3")


def _told(category: str) -> Play:
    """Settled on the spot, unchecked, its reporter told."""
    return opened(category, sampled=SAMPLED_OUT).give("sign").give("finish").give("record_feedback")


def test_the_shipped_rows_say_their_domain() -> None:
    said = {code: row.veto for code, row in RULES.categories.items() if row.veto}
    assert said == {
        **dict.fromkeys(["P02-02", "P02-03", "E04-05", "E05-13", "G04-02", "G04-03"], "work_safety"),
        **dict.fromkeys(["G03-01", "G03-03"], "petitions"),
    }
    assert all("veto: " in RULES.categories[code].source for code in said)


def test_a_ruleset_of_before_has_no_such_domain() -> None:
    document = RULES.model_dump(mode="json")
    for row in document["categories"].values():
        del row["veto"]
    assert not any(row.veto for row in Ruleset.model_validate(document).categories.values())


@pytest.mark.parametrize(("category", "by_itself"), [("P02-02", False), ("E01-01", True)])
def test_time_alone_closes_no_case_of_a_veto_domain(category: str, by_itself: bool) -> None:
    play = _told(category)
    assert (play.case.procedure, play.case.card) == (Procedure.ON_SPOT, "none")
    assert not {Clock.VISIT, Clock.FEEDBACK} & set(play.case.clocks)
    assert (play.wait(days=2).case.state is CaseState.CLOSED) is by_itself


def test_an_operator_leaves_it_to_the_shift_leader() -> None:
    play = _told("P02-02")
    with pytest.raises(Incomplete, match="the shift leader closes it"):
        play.give("close", by=OPERATOR)
    assert play.give("close").case.state is CaseState.CLOSED


def test_what_lies_in_no_such_domain_the_operator_closes() -> None:
    assert _told("E01-01").give("close", by=OPERATOR).case.state is CaseState.CLOSED
