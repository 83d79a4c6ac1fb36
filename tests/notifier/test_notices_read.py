"""Who reads which notices: a unit its own, a supervisor those below his unit too, an administrator all."""

from collections.abc import Callable
from typing import Any

import httpx
import pytest
from uuid_utils.compat import uuid7

from contracts.facts.case import CasePrivacyChanged
from contracts.vocabulary import Privacy
from delivery.service import Service
from services.notifier.handlers import on_directory_facts
from tests.notifier.case_facts import a_dispatch, an_event
from tests.notifier.directory_facts import directory_events
from tests.notifier.people_told import heard
from tests.notifier.rows import happened

EVERYBODY = {"LIGHTS", "LIGHTS-NORTH", "WATER", "U-D"}


@pytest.fixture
async def asked(
    client: httpx.AsyncClient, notifier: Service, token: Callable[..., str]
) -> Callable[..., Any]:
    """The units whose notices a caller is shown, or the status of the refusal."""
    async with notifier.database.transaction() as connection:
        await on_directory_facts(connection, [e for e in directory_events() if not e.type.startswith("duty")])

    async def ask(role: str, unit: str | None, query: str = "") -> Any:
        bearer = token(role, **({"unit": unit} if unit else {}))
        answer = await client.get(f"/v1/notices{query}", headers={"Authorization": f"Bearer {bearer}"})
        if answer.status_code != 200:
            return answer.status_code
        return {notice["unit"] for notice in answer.json()["items"]}

    return ask


async def a_case(notifier: Service, privacy: Privacy = Privacy.OPEN, *, then: Any = None) -> None:
    """Of LIGHTS, which WATER helps; the crew below LIGHTS and the district are copied. Sealed only afterwards."""
    order = a_dispatch(lead="LIGHTS", co_handlers=("WATER",), copies=("LIGHTS-NORTH", "U-D"))
    changed = CasePrivacyChanged(before=Privacy.OPEN, after=privacy)
    case_id = uuid7()
    facts = [order, *([then] if then else []), changed]
    events = [an_event(fact, case_id=case_id, case_version=n) for n, fact in enumerate(facts, 1)]
    await happened(notifier.database, events)
    await heard(notifier.database, *events)


@pytest.mark.parametrize(
    ("role", "unit", "units"),
    [
        ("agency", "LIGHTS", {"LIGHTS"}),
        ("supervisor", "LIGHTS", {"LIGHTS", "LIGHTS-NORTH"}),
        ("supervisor", "LIGHTS-NORTH", {"LIGHTS-NORTH"}),
        ("supervisor", "U-D", EVERYBODY),
        ("supervisor", "unknown", set()),
        ("supervisor", None, 403),
        ("admin", None, EVERYBODY),
        ("admin", "LIGHTS", EVERYBODY),
    ],
)
async def test_of_an_open_case(
    asked: Callable[..., Any], notifier: Service, role: str, unit: str | None, units: Any
) -> None:
    await a_case(notifier)
    assert await asked(role, unit) == units


@pytest.mark.parametrize(
    ("role", "unit", "wanted", "units"),
    [
        ("supervisor", "LIGHTS", "LIGHTS-NORTH", {"LIGHTS-NORTH"}),
        ("supervisor", "LIGHTS", "WATER", 403),
        ("supervisor", "LIGHTS-NORTH", "LIGHTS", 403),
        ("agency", "LIGHTS", "LIGHTS-NORTH", 403),
        ("admin", None, "WATER", {"WATER"}),
    ],
)
async def test_of_a_unit_that_is_asked_for(
    asked: Callable[..., Any], notifier: Service, role: str, unit: str | None, wanted: str, units: Any
) -> None:
    await a_case(notifier)
    assert await asked(role, unit, f"?unit={wanted}") == units


@pytest.mark.parametrize(
    ("role", "unit", "units"),
    [
        ("agency", "LIGHTS", {"LIGHTS"}),
        ("agency", "WATER", {"WATER"}),
        ("agency", "LIGHTS-NORTH", set()),
        ("supervisor", "LIGHTS", {"LIGHTS", "LIGHTS-NORTH"}),
        ("supervisor", "U-D", set()),
        ("admin", None, EVERYBODY),
    ],
)
async def test_of_a_sealed_case_whoever_acts_on_it(
    asked: Callable[..., Any], notifier: Service, role: str, unit: str | None, units: Any
) -> None:
    await a_case(notifier, Privacy.SEALED)
    assert await asked(role, unit) == units


@pytest.mark.parametrize("unit", ["LIGHTS", "WATER"])
async def test_nor_does_who_led_or_helped_before_it_was_sealed(
    asked: Callable[..., Any], notifier: Service, unit: str
) -> None:
    await a_case(notifier, Privacy.SEALED, then=a_dispatch(round=2, lead="U-D", co_handlers=(), copies=()))
    assert await asked("agency", unit) == set()
    assert await asked("agency", "U-D") == {"U-D"}
