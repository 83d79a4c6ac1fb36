"""A unit that was called in, has an objection to answer or a consultation to decide hears itself that it is late (domain
§11.5, T17, T20, A08)."""

from typing import Any

import pytest
from uuid_utils.compat import uuid7

from contracts.envelope import Actor, Fact
from contracts.facts.approval import ApprovalObjection, ApprovalObjectionAnswered
from contracts.facts.case import (
    CaseCalledIn,
    CaseConsultOpened,
    CaseDesignated,
    CaseEscalated,
    CaseHandled,
    CaseMerged,
    CaseProgress,
    CaseReclassified,
    CaseSigned,
    CaseSupervised,
)
from contracts.vocabulary import Clock, Role, Tier
from services.notifier.people.parties import NOBODY, fold
from services.notifier.people.telling import told_units
from tests.notifier.case_facts import a_dispatch, an_event
from tests.notifier.people_told import DEFAULTS

_CALLED = CaseCalledIn(units=("FIRE", "GAS"), reason="联合整治")
_GAS_CALLED = CaseCalledIn(units=("GAS",), reason="联合整治")
_MERGED = CaseMerged(master_case_id=uuid7())
_RECLASSIFIED = CaseReclassified(reason="分类有误", category="C01-06")
_AGAIN = a_dispatch(round=2, co_handlers=("FIRE",))
_SIGNED = CaseSigned(unit="TOWN-1", handler="p-1")
_DONE = CaseHandled(round=1, unit="LIGHTS", result="已修复", evidence_method="photo")


def _entry_of(unit: str) -> Any:
    return CaseProgress(note="到场"), {"actor": Actor(role=Role.HANDLER, unit=unit)}


def _late(clock: Clock, *facts: Any) -> set[str]:
    """Who hears of the yellow card of that clock after those facts."""
    case_id, parties = uuid7(), NOBODY
    said: list[tuple[Fact, dict[str, Any]]] = [
        each if isinstance(each, tuple) else (each, {})
        for each in (a_dispatch(co_handlers=(), copies=()), *facts)
    ]
    for version, (fact, more) in enumerate(said, 1):
        parties = fold(parties, an_event(fact, case_id=case_id, case_version=version, **more))
    card = CaseSupervised(clock=clock, stage="L1", card="yellow", supervisor="CITY")
    event = an_event(card, case_id=case_id, case_version=len(said) + 1)
    return {told.unit for told in told_units(event, parties, NOBODY, DEFAULTS)} - {"CITY"}


@pytest.mark.parametrize(
    ("facts", "late"),
    [
        ((_CALLED,), {"FIRE", "GAS"}),
        ((_CALLED, _entry_of("GAS")), {"FIRE"}),
        ((_CALLED, _entry_of("LIGHTS")), {"FIRE", "GAS"}),
        ((_CALLED, CaseDesignated(round=2, lead="ROADS", co_handlers=("GAS",), note="x")), {"GAS"}),
        ((_CALLED, a_dispatch(round=2, co_handlers=("FIRE",))), {"FIRE"}),
        ((_CALLED, CaseEscalated(round=2, lead="GAS", former_lead="LIGHTS", cause="asked")), {"FIRE"}),
        # what called them in ended with the order
        ((_CALLED, _MERGED, _AGAIN, _GAS_CALLED), {"GAS"}),
        ((_CALLED, _RECLASSIFIED, _AGAIN, _GAS_CALLED), {"GAS"}),
        # where nobody is known to be awaited it is the desk's
        ((_CALLED, _DONE), {"CENTRE"}),
        ((), {"CENTRE"}),
    ],
)
def test_of_a_report_that_is_late_who_is_awaited_hears(facts: tuple[Any, ...], late: set[str]) -> None:
    assert _late(Clock.REPORT_IN, *facts) == late


def test_of_an_answer_that_is_late_who_received_the_objection_hears() -> None:
    to_town = ApprovalObjection(received_by=Tier.TOWN, unit="TOWN-1")
    to_community = ApprovalObjection(received_by=Tier.COMMUNITY, unit="COMMUNITY-1")
    answered = ApprovalObjectionAnswered(answered_by=Tier.TOWN, unit="TOWN-1")
    assert _late(Clock.OBJECTION_ANSWER, to_town, to_community) == {"TOWN-1", "COMMUNITY-1"}
    assert _late(Clock.OBJECTION_ANSWER, to_town, to_community, answered) == {"COMMUNITY-1"}
    assert _late(Clock.OBJECTION_ANSWER, to_town, to_town, answered) == {"TOWN-1"}
    assert _late(Clock.OBJECTION_ANSWER, ApprovalObjection(received_by=Tier.TOWN)) == {"CENTRE"}


def test_of_a_consultation_that_is_late_who_has_to_decide_hears() -> None:
    opened = CaseConsultOpened(units=("LIGHTS", "ROADS"), superior="TOWN-2")
    assert _late(Clock.CONSULT, opened) == {"TOWN-2"}
    again = CaseConsultOpened(units=("LIGHTS", "GAS"), superior="DISTRICT-1")
    assert _late(Clock.CONSULT, opened, again) == {"DISTRICT-1"}
    assert _late(Clock.CONSULT) == {"CENTRE"}, "of a case whose consultation was opened before this was kept"


@pytest.mark.parametrize(
    ("facts", "late"),
    [
        ((_SIGNED,), "TOWN-1"),
        ((a_dispatch(round=2, lead="ROADS"), _SIGNED), "TOWN-1"),
        ((_SIGNED, a_dispatch(round=2, lead="ROADS")), "ROADS"),
    ],
)
def test_who_signed_for_a_unit_that_is_gone_hears_that_it_is_late(facts: Any, late: str) -> None:
    assert _late(Clock.HANDLE, *facts) == {late}


def test_a_signature_that_comes_late_gives_nobody_the_lead_of_a_newer_order() -> None:
    newer = fold(NOBODY, an_event(a_dispatch(round=2, lead="ROADS"), case_version=7))
    assert fold(newer, an_event(_SIGNED, case_version=4)).lead == "ROADS"
