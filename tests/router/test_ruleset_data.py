"""The example ruleset as data: whole, and in its own words."""

from itertools import chain

import pytest

from contracts.vocabulary import GENERAL_KIND, Clock, Urgency
from services.router.rulesets.ruleset import UNCLASSIFIED, Category, Ruleset, load_ruleset

RULES = load_ruleset()


def test_all_rows_of_the_domain_are_there() -> None:
    assert len(RULES.categories) == 117
    assert all(code == row.code for code, row in RULES.categories.items())
    assert UNCLASSIFIED in RULES.categories


@pytest.mark.parametrize("row", RULES.categories.values(), ids=str)
def test_each_row_names_known_kinds_of_unit_and_a_limit(row: Category) -> None:
    assert set(chain(row.lead, row.co_handlers)) <= RULES.unit_kinds.keys()
    assert any(RULES.unit_kinds[kind].tier is row.tier for kind in row.lead), (
        "somebody at the row's own tier leads"
    )
    assert row.handle_limit or row.control_limit


def test_the_general_kinds_stand_at_their_tiers() -> None:
    assert {kind: RULES.unit_kinds[kind].tier for kind in GENERAL_KIND.values()} == {
        kind: tier for tier, kind in GENERAL_KIND.items()
    }


@pytest.mark.parametrize(
    "clock", [Clock.ACCEPT, Clock.CLASSIFY, Clock.DISPATCH, Clock.SIGN, Clock.CHECK, Clock.VISIT]
)
def test_the_clocks_of_every_case_have_a_limit_for_every_urgency(clock: Clock) -> None:
    assert RULES.clocks[clock].keys() == set(Urgency)


def test_a_ruleset_goes_to_text_and_back() -> None:
    assert Ruleset.model_validate_json(RULES.model_dump_json()) == RULES
