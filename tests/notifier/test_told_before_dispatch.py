"""What ends, or is found out, before anybody was sent has no parties yet: the fact itself names who is told (T03, T06,
T11)."""

from typing import Any

import pytest

from contracts.facts.case import CaseHandedOver, CaseHandled, CaseLineCalled, CaseVerified
from contracts.facts.closing import CaseCheckRequested
from contracts.vocabulary import Check, Privacy
from services.notifier.people.parties import NOBODY, fold
from services.notifier.people.telling import told_units
from services.notifier.people.told import Kind
from tests.notifier.case_facts import a_dispatch, an_event
from tests.notifier.people_told import DEFAULTS

_ON_SPOT: dict[str, Any] = {"round": 1, "unit": "GRID-1", "result": "已清理", "evidence_method": "photo"}


@pytest.mark.parametrize(
    ("fact", "kind", "units"),
    [
        (CaseHandedOver(receiver="119", copies=("GRID-1", "TOWN-1")), Kind.NEWS, {"GRID-1", "TOWN-1"}),
        (CaseHandled(**_ON_SPOT, on_spot=True, copies=("COMMUNITY-1",)), Kind.NEWS, {"COMMUNITY-1"}),
        (CaseVerified(result="true"), Kind.ALARM, {"CENTRE"}),
        (CaseLineCalled(line="119"), Kind.ALARM, {"CENTRE"}),
    ],
)
def test_who_is_told(fact: Any, kind: Kind, units: set[str]) -> None:
    event = an_event(fact)
    told = list(told_units(event, fold(NOBODY, event), NOBODY, DEFAULTS))
    assert {one.unit for one in told} == units
    assert {one.kind for one in told} == {kind}


_NOBODY_MAY_LOOK = CaseCheckRequested(check=Check.DOCS, unit=None)


@pytest.mark.parametrize(
    ("privacy", "fact", "units"),
    [
        (Privacy.OPEN, CaseLineCalled(line="119"), {"LIGHTS", "ROADS", "GRID-1", "TOWN-1"}),
        (Privacy.SEALED, CaseLineCalled(line="110"), {"LIGHTS", "ROADS"}),
        (Privacy.SEALED, _NOBODY_MAY_LOOK, {"CENTRE"}),
        (Privacy.OPEN, CaseCheckRequested(check=Check.DOCS, unit="GRID-1"), {"GRID-1"}),
    ],
)
def test_once_somebody_was_sent_all_who_have_to_do_with_it_are(
    privacy: Privacy, fact: Any, units: set[str]
) -> None:
    """The community or town that leads, too (T38); the desk, where nobody else may look (T27)."""
    sent = fold(NOBODY, an_event(a_dispatch(tracker="GRID-1", privacy=privacy)))
    event = an_event(fact, case_version=2)
    assert {one.unit for one in told_units(event, fold(sent, event), NOBODY, DEFAULTS)} == units
