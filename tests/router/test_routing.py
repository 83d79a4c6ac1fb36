"""Who leads, who helps, who is told: the router's decision as tables."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.facts.report import Place, ReportedFacts
from contracts.vocabulary import Procedure, Tier, Urgency
from services.router.decision.routing import Decision, NobodyAnswers, decide, grid_of
from services.router.directory.directory import Unit
from services.router.rulesets.ruleset import load_ruleset
from tests.router.builders import a_directory

RULES = load_ruleset("example-1")
LIGHTING = Unit("L", "照明", "lighting", Tier.DISTRICT, "D", "UD")
POLICE = Unit("P", "公安", "police", Tier.DISTRICT, "D", "UD")


def _decide(category: str | None, facts: ReportedFacts | None = None, *units: Unit, **more: bool) -> Decision:
    directory = a_directory(*units)
    confidential = more.get("confidential", False)
    return decide(category, facts or ReportedFacts(), "D111", confidential, directory, RULES)


@pytest.mark.parametrize(
    ("category", "tier", "lead", "urgency", "procedure"),
    [
        ("C01-05", Tier.DISTRICT, "L", Urgency.GENERAL, Procedure.COORDINATE),
        ("C01-06", Tier.DISTRICT, "L", Urgency.URGENT, Procedure.EMERGENCY),
        ("E01-01", Tier.GRID, "UD111", Urgency.GENERAL, Procedure.ON_SPOT),
        ("V01-02", Tier.COMMUNITY, "UD11", Urgency.GENERAL, Procedure.COORDINATE),
        ("P01-03", Tier.DISTRICT, "UD", Urgency.URGENT, Procedure.COORDINATE),
        ("X01-01", Tier.COMMUNITY, "UD11", Urgency.GENERAL, Procedure.COORDINATE),
        (None, Tier.COMMUNITY, "UD11", Urgency.GENERAL, Procedure.COORDINATE),
        ("Z99-99", Tier.COMMUNITY, "UD11", Urgency.GENERAL, Procedure.COORDINATE),
        ("V03-02", Tier.DISTRICT, "UD", Urgency.GENERAL, Procedure.APPROVAL),
    ],
)
def test_category_decides(
    category: str, tier: Tier, lead: str, urgency: Urgency, procedure: Procedure
) -> None:
    decision = _decide(category, None, LIGHTING, POLICE)
    assert (decision.order.tier, decision.order.lead, decision.urgency, decision.procedure) == (
        tier,
        lead,
        urgency,
        procedure,
    )


def test_an_unknown_category_is_left_to_a_person_and_says_so() -> None:
    decision = _decide("Z99-99")
    assert decision.category.code == "X01-01"
    assert decision.reasons[0].rule == "category.unclassified"


@pytest.mark.parametrize(
    ("facts", "urgency"),
    [
        ({"injured": 1}, Urgency.URGENT),
        ({"trapped": 1}, Urgency.CRITICAL),
        ({"crowd": 4}, Urgency.GENERAL),
        ({"crowd": 5}, Urgency.CRITICAL),
        ({"injured": 2, "trapped": 1}, Urgency.CRITICAL),
    ],
)
def test_stated_facts_set_a_floor(facts: dict[str, int], urgency: Urgency) -> None:
    assert _decide("E01-01", ReportedFacts(**facts)).urgency is urgency


def test_danger_turns_work_on_the_spot_into_an_emergency() -> None:
    decision = _decide("E01-01", ReportedFacts(injured=1))
    assert decision.procedure is Procedure.EMERGENCY
    assert decision.order.copies == ("UD11", "UD1")


def test_an_application_stays_one_whatever_is_stated() -> None:
    assert _decide("V03-02", ReportedFacts(trapped=1)).procedure is Procedure.APPROVAL


def test_a_district_lead_is_copied_downwards_and_a_critical_case_to_all_tiers() -> None:
    assert _decide("C01-05", None, LIGHTING).order.copies == ("UD1", "UD11", "UD111")
    assert set(_decide("E01-01", ReportedFacts(trapped=1)).order.copies) == {"UD11", "UD1", "UD"}


def test_the_grid_worker_is_the_tracker() -> None:
    assert _decide("C01-05", None, LIGHTING).order.tracker == "UD111"


def test_nobody_at_the_tier_moves_the_case_one_tier_up() -> None:
    directory = a_directory(without=("UD111", "UD11"))
    assert decide("E01-01", ReportedFacts(), "D111", False, directory, RULES).order.lead == "UD1"


def test_nobody_at_all_is_an_error_and_not_a_lost_case() -> None:
    directory = a_directory(without=("UD111", "UD11", "UD1", "UD"))
    with pytest.raises(NobodyAnswers):
        decide("E01-01", ReportedFacts(), "D111", False, directory, RULES)


def test_a_confidential_report_raises_privacy_but_never_lowers_it() -> None:
    assert _decide("C01-05", confidential=True).privacy == "confidential"
    assert _decide("V05-01", confidential=True).privacy == "sealed"


@pytest.mark.parametrize(
    ("place", "located", "grid"),
    [
        (Place(lon=1, lat=1), "D111", "D111"),
        (Place(lon=1, lat=1, grid="D122"), "D111", "D111"),
        (Place(grid="D122"), None, "D122"),
        (Place(grid="D1"), None, None),
        (Place(grid="?"), None, None),
        (Place(has_address=True), None, None),
    ],
)
def test_the_point_is_believed_before_the_named_grid(
    place: Place, located: str | None, grid: str | None
) -> None:
    assert grid_of(place, located, a_directory()) == grid


@given(st.sampled_from(sorted(RULES.categories)), st.integers(0, 9), st.integers(0, 9), st.integers(0, 9))
def test_every_report_has_exactly_one_lead_at_or_above_the_rows_tier(
    category: str, injured: int, trapped: int, crowd: int
) -> None:
    decision = _decide(
        category, ReportedFacts(injured=injured, trapped=trapped, crowd=crowd), LIGHTING, POLICE
    )
    order, tiers = decision.order, list(Tier)
    assert order.lead not in (*order.copies, *order.co_handlers)
    assert tiers.index(order.tier) >= tiers.index(decision.category.tier)
    assert decision.urgency.level >= decision.category.urgency.level
