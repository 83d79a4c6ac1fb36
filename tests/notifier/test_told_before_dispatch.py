"""What ends, or is found out, before anybody was sent has no parties yet: the fact itself names who is told (T03, T06,
T11)."""

from typing import Any

import pytest

from contracts.facts.case import CaseHandedOver, CaseHandled, CaseVerified
from services.notifier.people.parties import NOBODY, fold
from services.notifier.people.telling import told_units
from services.notifier.people.told import Kind
from tests.notifier.case_facts import an_event
from tests.notifier.people_told import DEFAULTS

_ON_SPOT: dict[str, Any] = {"round": 1, "unit": "GRID-1", "result": "已清理", "evidence_method": "photo"}


@pytest.mark.parametrize(
    ("fact", "kind", "units"),
    [
        (CaseHandedOver(receiver="119", copies=("GRID-1", "TOWN-1")), Kind.NEWS, {"GRID-1", "TOWN-1"}),
        (CaseHandled(**_ON_SPOT, on_spot=True, copies=("COMMUNITY-1",)), Kind.NEWS, {"COMMUNITY-1"}),
        (CaseVerified(result="true"), Kind.ALARM, {"CENTRE"}),
    ],
)
def test_who_is_told(fact: Any, kind: Kind, units: set[str]) -> None:
    event = an_event(fact)
    told = list(told_units(event, fold(NOBODY, event), NOBODY, DEFAULTS))
    assert {one.unit for one in told} == units
    assert {one.kind for one in told} == {kind}
