"""Which events a filter lets through."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from contracts.facts.case import CaseConsultOpened, CaseEscalated, CaseProgress, CaseSigned
from contracts.vocabulary import Tier, Urgency
from services.notifier.filter import Filter, matches
from services.notifier.involved import NOBODY, Involved
from tests.notifier.case_facts import a_dispatch, an_entry

DISPATCH = an_entry(a_dispatch(), tier=Tier.TOWN, urgency=Urgency.URGENT, category="C01-02", grid="G-7")
LONG = an_entry(a_dispatch(), category="C01-021")
UNCLASSIFIED = an_entry(CaseProgress(note="x"), tier=None, urgency=None, category=None, grid=None)

TABLE = [
    (DISPATCH, {}, True),
    (DISPATCH, {"tiers": ["town"]}, True),
    (DISPATCH, {"tiers": ["grid", "community"]}, False),
    (DISPATCH, {"units": ["LIGHTS"]}, True),
    (DISPATCH, {"units": ["ROADS"]}, True),
    (DISPATCH, {"units": ["TOWN-1"]}, True),
    (DISPATCH, {"units": ["WATER"]}, False),
    (DISPATCH, {"categories": ["C"]}, True),
    (DISPATCH, {"categories": ["C01"]}, True),
    (DISPATCH, {"categories": ["C01-02"]}, True),
    (DISPATCH, {"categories": ["C01-03", "D"]}, False),
    (LONG, {"categories": ["C01"]}, True),
    (LONG, {"categories": ["C01-02"]}, False),
    (DISPATCH, {"min_urgency": "general"}, True),
    (DISPATCH, {"min_urgency": "urgent"}, True),
    (DISPATCH, {"min_urgency": "critical"}, False),
    (DISPATCH, {"event_types": ["case.dispatched"]}, True),
    (DISPATCH, {"event_types": ["case.closed", "approval.approved"]}, False),
    (DISPATCH, {"grids": ["G-7"]}, True),
    (DISPATCH, {"grids": ["G-8"]}, False),
    (DISPATCH, {"tiers": ["town"], "grids": ["G-8"]}, False),
    (UNCLASSIFIED, {}, True),
    (UNCLASSIFIED, {"tiers": ["town"]}, False),
    (UNCLASSIFIED, {"min_urgency": "general"}, False),
    (UNCLASSIFIED, {"categories": ["C"]}, False),
    (UNCLASSIFIED, {"grids": ["G-7"]}, False),
    (UNCLASSIFIED, {"units": ["LIGHTS"]}, False),
]


@pytest.mark.parametrize(("entry", "wanted", "expected"), TABLE)
def test_filters_by_table(entry, wanted, expected):
    assert matches(Filter.model_validate(wanted), entry) is expected


@pytest.mark.parametrize(
    ("fact", "unit"),
    [
        (CaseSigned(unit="LIGHTS", handler="p-1"), "LIGHTS"),
        (CaseEscalated(round=2, lead="TOWN-1", former_lead="COM-1", cause="overdue"), "COM-1"),
        (CaseConsultOpened(units=("A", "B"), superior="C"), "B"),
        (CaseConsultOpened(units=("A", "B"), superior="C"), "C"),
    ],
)
def test_a_unit_that_the_fact_names_is_reached(fact, unit):
    assert matches(Filter(units=(unit,)), an_entry(fact))


def test_a_fact_that_names_no_unit_reaches_those_who_have_to_do_with_the_case():
    known = Involved(lead="LIGHTS", co_handlers=("ROADS",), copies=("TOWN-1",), units_version=1)
    progress = CaseProgress(note="done soon")
    for unit in ("LIGHTS", "ROADS", "TOWN-1"):
        assert matches(Filter(units=(unit,)), an_entry(progress, involved=known))
        assert not matches(Filter(units=(unit,)), an_entry(progress, involved=NOBODY))


@pytest.mark.parametrize(
    "wrong",
    [
        {"tiers": []},
        {"tiers": ["village"]},
        {"units": [""]},
        {"units": ["A\x00"]},
        {"units": ["x" * 65]},
        {"categories": ["c01"]},
        {"categories": ["C-1"]},
        {"categories": [""]},
        {"min_urgency": "high"},
        {"event_types": ["case.exploded"]},
        {"event_types": ["report.submitted"]},
        {"grid": ["G-7"]},
    ],
)
def test_a_filter_that_means_nothing_is_refused(wrong):
    with pytest.raises(ValidationError):
        Filter.model_validate(wrong)


filters = st.fixed_dictionaries(
    {},
    optional={
        "tiers": st.lists(st.sampled_from(list(Tier)), min_size=1, unique=True),
        "units": st.lists(st.sampled_from(["LIGHTS", "ROADS", "TOWN-1", "WATER"]), min_size=1),
        "categories": st.lists(st.sampled_from(["C", "C01", "C01-02", "D", "D01-01"]), min_size=1),
        "min_urgency": st.sampled_from(list(Urgency)),
        "event_types": st.lists(st.sampled_from(["case.dispatched", "case.progress"]), min_size=1),
        "grids": st.lists(st.sampled_from(["G-7", "G-8"]), min_size=1),
    },
)
entries = st.builds(
    lambda fact, tier, urgency, category, grid: an_entry(
        fact, tier=tier, urgency=urgency, category=category, grid=grid
    ),
    st.sampled_from([a_dispatch(), CaseProgress(note="x")]),
    st.none() | st.sampled_from(list(Tier)),
    st.none() | st.sampled_from(list(Urgency)),
    st.none() | st.sampled_from(["C01-02", "C02-01", "D01-01"]),
    st.none() | st.sampled_from(["G-7", "G-8"]),
)


@given(wanted=filters, entry=entries)
def test_a_filter_lets_through_what_each_of_its_restrictions_alone_lets_through(wanted, entry):
    alone = [matches(Filter.model_validate({name: value}), entry) for name, value in wanted.items()]
    assert matches(Filter.model_validate(wanted), entry) is all(alone)


@given(wanted=filters)
def test_a_filter_survives_being_stored(wanted):
    one = Filter.model_validate(wanted)
    assert Filter.model_validate(one.model_dump(mode="json")) == one
