"""Of an application that ends, the tiers whose turn it was hear too: two of them have publicised it (A10 to A12)."""

from typing import Any

import pytest
from uuid_utils.compat import uuid7

from contracts.facts.approval import (
    ApprovalApproved,
    ApprovalDefined,
    ApprovalRefused,
    ApprovalReviewed,
    ApprovalStarted,
)
from contracts.facts.case import CaseVoided
from services.notifier.people.parties import NOBODY, fold
from services.notifier.people.telling import told_units
from tests.notifier.case_facts import an_event
from tests.notifier.people_told import DEFAULTS

_TURNS = (
    ApprovalStarted(unit="COMMUNITY-1"),
    ApprovalDefined(household_checked=True, unit="TOWN-1"),
    ApprovalReviewed(opinion="同意", unit="DISTRICT-1"),
)


@pytest.mark.parametrize(
    "end",
    [
        ApprovalApproved(decided_by="p-1"),
        ApprovalRefused(reason="x", way_to_object="y"),
        CaseVoided(reason="withdrawn", asked_by="applicant"),
    ],
    ids=lambda fact: type(fact).__name__,
)
@pytest.mark.parametrize("turns", range(1, 4))
def test_who_had_a_turn_hears_how_it_ends(end: Any, turns: int) -> None:
    case_id, parties = uuid7(), NOBODY
    for version, fact in enumerate((*_TURNS[:turns], end), 1):
        event = an_event(fact, case_id=case_id, case_version=version)
        parties = fold(parties, event)
    told = {one.unit for one in told_units(event, parties, NOBODY, DEFAULTS)}
    assert told == {"COMMUNITY-1", "TOWN-1", "DISTRICT-1"} & {fact.unit for fact in _TURNS[:turns]}
