"""Who has to do with a case, and what of it may be shown."""

import pytest

from contracts.facts.approval import ApprovalReopened, ApprovalReviewed, ApprovalStarted
from contracts.facts.case import (
    CaseCalledIn,
    CaseDesignated,
    CaseEscalated,
    CaseHandled,
    CasePrivacyChanged,
    CaseProgress,
    CaseSigned,
    CaseUrgencyChanged,
)
from contracts.vocabulary import Privacy
from services.notifier.involved import NOBODY, involve
from services.notifier.privacy import kept
from tests.notifier.case_facts import WRITTEN, a_dispatch, an_entry, an_event


def told(*versioned):
    known = NOBODY
    for version, fact in versioned:
        known = involve(known, an_event(fact, case_version=version))
    return known


def test_a_dispatch_names_lead_helpers_and_copies():
    assert told((3, a_dispatch())).units == {"LIGHTS", "ROADS", "TOWN-1"}


def test_a_designation_keeps_the_copies():
    known = told((3, a_dispatch()), (6, CaseDesignated(round=2, lead="WATER", note="n")))
    assert known.units == {"WATER", "TOWN-1"}


def test_a_former_lead_goes_on_helping():
    escalated = CaseEscalated(
        round=2, lead="TOWN-1", former_lead="LIGHTS", cause="asked", co_handlers=("ROADS",)
    )
    known = told((3, a_dispatch(copies=())), (5, escalated))
    assert known.lead == "TOWN-1"
    assert known.units == {"TOWN-1", "ROADS", "LIGHTS"}


def test_who_is_called_in_helps_until_the_next_order():
    called = CaseCalledIn(units=("GAS",), reason="r")
    known = told((3, a_dispatch()), (4, called), (5, CaseProgress(note="x")))
    assert (known.acting, known.told) == ({"LIGHTS", "ROADS", "GAS"}, {"TOWN-1"})
    assert told((3, a_dispatch()), (4, called), (6, a_dispatch(round=2))).acting == {"LIGHTS", "ROADS"}


def test_who_signs_or_finishes_for_a_unit_that_is_gone_leads_from_then_on():
    signed, handled = (
        CaseSigned(unit="TOWN-1", handler="p-1"),
        CaseHandled(round=1, unit="TOWN-2", result="done", evidence_method="photo"),
    )
    by_others = told((3, a_dispatch()), (4, signed))
    assert (by_others.lead, by_others.co_handlers) == ("TOWN-1", ("ROADS",))
    assert told((3, a_dispatch()), (4, signed), (5, handled)).lead == "TOWN-2"
    assert told((6, CaseDesignated(round=2, lead="WATER", note="n")), (4, signed)).lead == "WATER"
    late = told((4, signed), (3, a_dispatch()))
    assert (late.lead, late.co_handlers) == ("LIGHTS", ("ROADS",)), "what signing left unsaid is not lost"


def test_what_becomes_an_emergency_is_known_to_those_who_must_know():
    raised = CaseUrgencyChanged(
        before="general", reason="r", procedure="emergency", copies=("TOWN-1", "COMMUNITY-1")
    )
    assert told((3, a_dispatch(copies=())), (5, raised)).units == {"LIGHTS", "ROADS", "TOWN-1", "COMMUNITY-1"}
    lowered = CaseUrgencyChanged(before="critical", reason="r")
    assert told((3, a_dispatch()), (5, lowered)).units == {"LIGHTS", "ROADS", "TOWN-1"}
    alone = CaseEscalated(round=2, lead="TOWN-1", former_lead="C-1", cause="asked", copies=("TOWN-1", "D-1"))
    assert told((3, a_dispatch(copies=())), (5, alone)).units == {"TOWN-1", "C-1", "D-1"}


def test_a_fact_that_comes_late_never_overrides_a_newer_one():
    late = told((6, CaseDesignated(round=2, lead="WATER", note="n")), (3, a_dispatch(privacy=Privacy.SEALED)))
    assert late.lead == "WATER"
    assert late.privacy == Privacy.SEALED  # nothing newer spoke of privacy


def test_privacy_follows_its_newest_change():
    raised = CasePrivacyChanged(before=Privacy.OPEN, after=Privacy.SEALED)
    assert told((3, a_dispatch()), (4, raised), (5, CaseProgress(note="x"))).privacy == Privacy.SEALED
    assert told((4, raised), (3, a_dispatch())).privacy == Privacy.SEALED


@pytest.mark.parametrize("privacy", [Privacy.CONFIDENTIAL, Privacy.SEALED])
def test_a_protected_case_loses_its_text(privacy):
    entry = an_entry(a_dispatch(privacy=privacy))
    assert WRITTEN.encode() not in entry.body
    assert entry.acting == {"LIGHTS", "ROADS"}
    assert entry.told == {"TOWN-1"}


@pytest.mark.parametrize("privacy", [None, Privacy.OPEN, Privacy.RESTRICTED])
def test_any_other_case_keeps_it(privacy):
    body = an_entry(a_dispatch()).body
    assert kept(body, privacy) == body
    assert WRITTEN.encode() in body


def test_whose_turn_an_application_is_when_it_is_opened_again_may_see_it():
    reviewed = ApprovalReviewed(opinion="ok", unit="DISTRICT-1")
    reopened = ApprovalReopened(round=1, unit="COMMUNITY-1", reason="objection: x")
    known = told((5, reviewed), (9, reopened))
    assert known.lead == "COMMUNITY-1"
    assert known.units == {"COMMUNITY-1", "DISTRICT-1"}


def test_who_helped_with_an_order_acts_no_more_once_it_is_an_application():
    started = ApprovalStarted(unit="COMMUNITY-1", privacy=Privacy.SEALED)
    known = told((3, a_dispatch(privacy=Privacy.SEALED)), (7, started))
    assert known.acting == {"COMMUNITY-1"}
    assert known.units.isdisjoint({"ROADS", "LIGHTS"})
