"""Who stays the reporter's contact hears that the result is to be told: who received the report, else the first lead."""

import pytest
from uuid_utils.compat import uuid7

from contracts.facts.approval import ApprovalStarted
from contracts.facts.case import CaseAccepted
from contracts.vocabulary import Privacy
from services.notifier.people.parties import NOBODY, fold
from tests.notifier.case_facts import a_dispatch, an_event


def _first(first: str | None, *orders: object) -> str | None:
    accepted, parties = CaseAccepted(report_id=uuid7(), channel="hotline", first_responsible=first), NOBODY
    for version, fact in enumerate((accepted, *orders), 1):
        parties = fold(parties, an_event(fact, case_version=version))  # type: ignore[arg-type]
    return parties.first_responsible


@pytest.mark.parametrize(("first", "hears"), [(None, "LIGHTS"), ("system", "LIGHTS"), ("DESK", "DESK")])
def test_it_is_who_received_it_or_else_the_first_lead(first: str | None, hears: str) -> None:
    assert _first(first, a_dispatch(lead="LIGHTS"), a_dispatch(round=2, lead="ROADS")) == hears


def test_of_an_application_it_is_the_first_that_has_its_turn() -> None:
    started = ApprovalStarted(unit="COMMUNITY", privacy=Privacy.RESTRICTED, report_id=uuid7())
    assert _first(None, started) == "COMMUNITY"
