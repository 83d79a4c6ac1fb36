"""Who leads, who helps, who is told, who must not: the router's decision as tables and properties."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.facts.report import Place, ReportedFacts
from contracts.vocabulary import Privacy, Procedure, Tier, Urgency
from services.router.classification.classifier import Proposal
from services.router.decision.guards import Matter, Objection, objection_to
from services.router.decision.question import Question
from services.router.decision.routing import Decision, NobodyAnswers, decide, grid_of
from services.router.directory.directory import Directory, Duty, Unit
from services.router.rulesets.ruleset import load_ruleset
from tests.router.builders import NOON, a_directory

RULES = load_ruleset()
LIGHTING = Unit("L", "照明", "lighting", Tier.DISTRICT, "D", "UD")
POLICE = Unit("P", "公安", "police", Tier.DISTRICT, "D", "UD")


def _ask(category: str | None, **more: Any) -> Question:
    return Question(**{"text": "你好", "at": NOON, "grid": "D111", "category": category} | more)


def _decide(category: str | None, facts: ReportedFacts | None = None, *units: Unit, **more: Any) -> Decision:
    return decide(_ask(category, facts=facts or ReportedFacts(), **more), a_directory(*units), RULES)


def _rules_of(decision: Decision) -> list[str]:
    return [reason.rule for reason in decision.reasons]


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


@pytest.mark.parametrize(
    ("without", "category", "facts", "tracker"),
    [
        (("UD111",), "E01-01", ReportedFacts(trapped=1), "UD11"),
        (("UD111", "UD11"), "E01-01", ReportedFacts(trapped=1), "UD1"),
        ((), "V05-01", ReportedFacts(trapped=1), "UD1"),  # the grid worker may be complained of
        (("UD111",), "C01-05", ReportedFacts(), None),
    ],
)
def test_an_emergency_is_never_without_a_tracker(
    without: tuple[str, ...], category: str, facts: ReportedFacts, tracker: str | None
) -> None:
    assert decide(_ask(category, facts=facts), a_directory(without=without), RULES).order.tracker == tracker


def test_nobody_at_the_tier_moves_the_case_one_tier_up() -> None:
    directory = a_directory(without=("UD111", "UD11"))
    assert decide(_ask("E01-01"), directory, RULES).order.lead == "UD1"


def test_nobody_at_all_is_an_error_and_not_a_lost_case() -> None:
    directory = a_directory(without=("UD111", "UD11", "UD1", "UD"))
    with pytest.raises(NobodyAnswers):
        decide(_ask("E01-01"), directory, RULES)


@pytest.mark.parametrize(
    ("proposal", "category", "rule"),
    [
        (("E01-01", 0.9), "E01-01", "category.proposed"),
        (("E01-01", 0.6), "E01-01", "category.proposed"),
        (("E01-01", 0.59), "X01-01", "category.unclassified"),
        (("Z99-99", 0.9), "X01-01", "category.unclassified"),
        ((None, 0.0), "X01-01", "category.unclassified"),
    ],
)
def test_a_sure_proposal_classifies_what_nobody_did(
    proposal: tuple[str | None, float], category: str, rule: str
) -> None:
    decision = decide(_ask(None), a_directory(), RULES, lambda text: Proposal(*proposal, runner_up=None))
    assert (decision.category.code, decision.reasons[0].rule) == (category, rule)


def test_a_proposal_never_overrides_the_category_that_was_given() -> None:
    assert (
        decide(_ask("C01-06"), a_directory(), RULES, lambda text: Proposal("E01-01", 1.0, None)).category.code
        == "C01-06"
    )


def test_no_category_is_less_urgent_than_the_row_that_a_proposal_replaces() -> None:
    assert min(row.urgency.level for row in RULES.categories.values()) == RULES.category(None).urgency.level


def test_an_application_in_danger_asks_for_an_emergency_case_beside_it() -> None:
    assert "procedure.beside" in _rules_of(_decide("V03-02", text="家里着火了"))
    assert "procedure.beside" not in _rules_of(_decide("V03-02"))


ASSESSMENT = Unit("A", "考核办", "assessment_office", Tier.TOWN, "D1", "UD1")
DISCIPLINE = Unit("K", "纪检", "discipline_inspection", Tier.DISTRICT, "D", "UD")


def _everybody(decision: Decision) -> set[str | None]:
    order = decision.order
    return {order.lead, *order.co_handlers, *order.copies, order.tracker}


def test_a_complaint_about_staff_reaches_nobody_who_may_be_meant() -> None:
    about_grid_worker = _decide("V05-01", None, ASSESSMENT, DISCIPLINE)
    assert about_grid_worker.order.lead == "A"
    assert not _everybody(about_grid_worker) & {"UD111", "UD11"}
    about_official = _decide("V05-02", None, ASSESSMENT, DISCIPLINE)
    assert _everybody(about_official) == {"K", None}


@pytest.mark.parametrize(
    ("accused", "lead"),
    [
        (set(), "UD11"),
        ({"UD112"}, "UD11"),
        ({"UD11"}, "UD1"),
        ({"UD1"}, "UD"),
        ({"p-community"}, "UD1"),
        ({"nobody known"}, "UD11"),
    ],
)
def test_neither_the_unit_complained_of_nor_one_below_it_leads_or_hears_of_it(
    accused: set[str], lead: str
) -> None:
    whole = a_directory()
    directory = Directory(1, whole.areas, whole.units, (Duty("p-community", "UD11"),))
    decision = decide(_ask("V01-02", complained_of=frozenset(accused)), directory, RULES)
    assert decision.order.lead == lead
    barred = {
        below for code in accused for unit in directory.units_of(code) for below in directory.below(unit)
    }
    assert not _everybody(decision) & barred


def test_when_everybody_is_complained_of_nobody_answers() -> None:
    with pytest.raises(NobodyAnswers):
        _decide("V01-02", complained_of=frozenset({"UD"}))


@pytest.mark.parametrize(
    ("unit", "category", "objection"),
    [
        ("UD111", "E01-01", None),
        ("UD11", "E01-01", None),
        ("UD111", "V01-02", Objection.PUSHED_DOWN),
        ("UD11", "C01-05", Objection.PUSHED_DOWN),
        ("UD1", "C01-05", Objection.PUSHED_DOWN),
        ("UD", "C01-05", None),
        ("UD112", "E01-01", Objection.ELSEWHERE),
        ("UD12", "E01-01", Objection.ELSEWHERE),
    ],
)
def test_guards_of_a_lead(unit: str, category: str, objection: Objection | None) -> None:
    directory = a_directory()
    matter = Matter(_ask(category), RULES.category(category), frozenset(), directory)
    assert objection_to(directory.units[unit], matter) is objection


def _with_hours(*duties: Duty) -> Directory:
    whole = a_directory()
    return Directory(1, whole.areas, whole.units, duties)


def _hours(unit: str, begins: int, ends: int) -> Duty:
    return Duty("p", unit, NOON + timedelta(hours=begins), NOON + timedelta(hours=ends))


@pytest.mark.parametrize(
    ("duties", "lead"),
    [
        ((_hours("UD11", -1, 1),), "UD11"),
        ((_hours("UD11", 1, 2),), "UD1"),
        ((_hours("UD11", -2, 0),), "UD1"),
        ((_hours("UD11", 1, 2), Duty("q", "UD11")), "UD11"),
        ((_hours("UD11", 1, 2), _hours("UD1", 1, 2)), "UD"),
        ((_hours("UD11", 1, 2), _hours("UD1", 1, 2), _hours("UD", 1, 2)), "UD"),
    ],
)
def test_nobody_on_duty_moves_the_case_up_to_the_districts_duty_line(
    duties: tuple[Duty, ...], lead: str
) -> None:
    decision = decide(_ask("V01-02"), _with_hours(*duties), RULES)
    assert decision.order.lead == lead
    assert ("guard.off_duty" in _rules_of(decision)) is (lead != "UD11")


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


_KINDS = [*RULES.unit_kinds]


@st.composite
def _directories(draw: st.DrawFn) -> Directory:
    """The square district with random professional units, some units missing and some off duty."""
    without = draw(st.sets(st.sampled_from(["UD111", "UD11", "UD1"])))
    areas = a_directory().areas
    chosen = draw(st.lists(st.tuples(st.sampled_from(_KINDS), st.sampled_from(sorted(areas))), max_size=8))
    units = [
        Unit(f"X{n}", kind, kind, areas[area].tier, area, draw(st.sampled_from([None, "UD", "UD1", "UD11"])))
        for n, (kind, area) in enumerate(chosen)
    ]
    whole = a_directory(*units, without=tuple(without))
    idle = draw(st.sets(st.sampled_from(sorted(whole.units))))
    return Directory(1, whole.areas, whole.units, tuple(_hours(unit, 1, 2) for unit in idle))


@given(
    _directories(), st.sampled_from(sorted(RULES.categories)), st.sampled_from(["D111", "D122"]), st.data()
)
def test_whatever_the_directory_there_is_one_lead_and_it_may_lead(
    directory: Directory, category: str, grid: str, data: st.DataObject
) -> None:
    accused = data.draw(st.frozensets(st.sampled_from(sorted(set(directory.units) - {"UD"})), max_size=2))
    question = _ask(category, grid=grid, complained_of=accused)
    decision = decide(question, directory, RULES)
    lead = directory.units[decision.order.lead]
    tiers = list(Tier)
    assert tiers.index(lead.tier) >= tiers.index(decision.category.tier)
    assert directory.chain(grid)[lead.tier] == lead.area
    assert not accused & set(directory.above(lead.code))
    assert directory.on_duty(lead.code, NOON) or lead.code == "UD"
    told = (*decision.order.co_handlers, *decision.order.copies)
    assert lead.code not in told
    assert len(set(told)) == len(told)
    assert [reason.effect for reason in decision.reasons if reason.rule.startswith("lead.")] == [lead.code]
    assert list(Privacy).index(decision.privacy) >= list(Privacy).index(decision.category.privacy)


def test_who_runs_the_community_helps_first() -> None:
    company = Unit("PC", "物业", "property_company", Tier.COMMUNITY, "D11", "UD11")
    directory = a_directory(LIGHTING, company)
    run = replace(directory.areas["D11"], managed_by="PC")
    managed = replace(directory, areas=directory.areas | {"D11": run})
    assert decide(_ask("C01-05"), managed, RULES).order.co_handlers[:1] == ("PC",)
    assert decide(_ask("C01-05", grid="D121"), managed, RULES).order.co_handlers == ()
