"""Whose indicators somebody sees: those of his unit and of the units below it, as the directory says it last."""

from collections.abc import Callable, Sequence
from itertools import chain
from typing import Any

import httpx
import pytest
from faststream.kafka import TestKafkaBroker
from uuid_utils.compat import uuid7

from contracts.envelope import Envelope, Removed, to_tombstone
from contracts.events import messages_of
from contracts.topics import DIRECTORY
from delivery.service import Service
from services.assessment import units_store
from services.assessment.handlers import on_case_events
from services.assessment.jurisdiction import heads_of
from tests.assessment.builders import NOON, a_life, a_unit, after, dispatched

Headers = Callable[..., dict[str, str]]

# code, area, whom it reports to: a district, its two towns, and a community of the first
UNITS = [
    ("CENTRE", "D", None),
    ("LIGHTS", "D", "CENTRE"),
    ("TOWN-1", "T1", "CENTRE"),
    ("TOWN-1-OFFICE", "T1", "TOWN-1"),
    ("TOWN-1-TEAM", "T1", "TOWN-1"),
    ("COMMUNITY", "C1", "TOWN-1"),
    ("TOWN-2", "T2", "CENTRE"),
]
EVERYWHERE = {code for code, _, _ in UNITS}
IN_TOWN_1 = {"TOWN-1", "TOWN-1-OFFICE", "TOWN-1-TEAM", "COMMUNITY"}
UNKNOWN = "OLD-TEAM"
PERIOD = {"from": after(0).isoformat(), "to": after(24).isoformat()}


@pytest.mark.parametrize(
    ("roles", "unit", "beside", "heads"),
    [
        (["admin"], "U1", {"U1"}, None),
        (["supervisor"], None, set(), None),
        (["supervisor"], "U1", {"U1", "U2"}, {"U1"}),
        (["supervisor"], "U9", set(), {"U9"}),
        (["assessor"], None, set(), None),
        (["assessor"], "U9", set(), None),
        (["assessor"], "U1", {"U1", "U2"}, {"U1", "U2"}),
        (["supervisor", "assessor"], "U1", {"U1", "U2"}, {"U1", "U2"}),
        (["unit_lead"], "U1", {"U1", "U2"}, {"U1"}),
        (["handler"], "U9", set(), {"U9"}),
        (["grid_worker"], None, set(), set()),
    ],
)
def test_where_a_jurisdiction_begins(
    roles: list[str], unit: str | None, beside: set[str], heads: set[str] | None
) -> None:
    assert heads_of(roles, unit, frozenset(beside)) == heads


@pytest.mark.parametrize(
    ("roles", "unit", "seen"),
    [
        (["grid_worker"], "COMMUNITY", {"COMMUNITY"}),
        (["handler"], "TOWN-1-TEAM", {"TOWN-1-TEAM"}),
        (["unit_lead"], "TOWN-1", IN_TOWN_1),
        (["supervisor"], "TOWN-1", IN_TOWN_1),
        (["supervisor"], "TOWN-2", {"TOWN-2"}),
        (["supervisor"], "CENTRE", EVERYWHERE),
        (["supervisor"], None, EVERYWHERE | {UNKNOWN}),
        (["supervisor"], UNKNOWN, {UNKNOWN}),
        (["assessor"], "TOWN-1-OFFICE", IN_TOWN_1),
        (["assessor"], "LIGHTS", EVERYWHERE),
        (["assessor"], None, EVERYWHERE | {UNKNOWN}),
        (["admin"], "COMMUNITY", EVERYWHERE | {UNKNOWN}),
    ],
)
async def test_each_sees_below_and_neither_beside_nor_above(
    http: httpx.AsyncClient,
    assessment: Service,
    as_: Headers,
    roles: list[str],
    unit: str | None,
    seen: set[str],
) -> None:
    """In the list, and unit by unit."""
    await _said(assessment, [a_unit(*each) for each in UNITS])
    await _busy(assessment, EVERYWHERE | {UNKNOWN})
    caller = as_(*roles, unit=unit)
    assert await _listed(http, caller) == sorted(seen)
    statuses = {
        subject: await _status(http, caller, subject=subject) for subject in EVERYWHERE | {UNKNOWN, "NOBODY"}
    }
    assert {subject for subject, status in statuses.items() if status == 200} - {"NOBODY"} == seen
    assert set(statuses.values()) <= {200, 403}


async def test_pages_hold_the_jurisdiction_alone(
    http: httpx.AsyncClient, assessment: Service, as_: Headers
) -> None:
    """Full but for the last, though others stand in between, and without the units that had nothing to do."""
    below = [f"u{number}" if number % 2 else f"U-{number}" for number in range(7)]
    await _said(assessment, [a_unit(code, "T1", "TOWN-1") for code in (*below, "U-IDLE")])
    await _busy(assessment, [*below, *(f"U-{number}-OTHER" for number in range(7))])
    caller = as_("unit_lead", unit="TOWN-1")
    pages = await _pages(http, caller, limit=2)
    assert [len(page) for page in pages] == [2, 2, 2, 1]
    assert set(chain.from_iterable(pages)) == set(below)
    assert list(chain.from_iterable(pages)) == await _listed(http, caller)


async def test_the_directory_is_read_from_its_topic(
    http: httpx.AsyncClient, assessment: Service, as_: Headers
) -> None:
    """A second delivery changes nothing; a unit that was taken out is seen by those who were above it then."""
    await _busy(assessment, ["TOWN-1", "COMMUNITY"])
    defined = [message for each in UNITS for message in messages_of("router", a_unit(*each))]
    removed = to_tombstone(DIRECTORY.name, "router", _removal("COMMUNITY"), NOON)
    seen = []
    async with TestKafkaBroker(assessment.broker) as broker:
        for messages in (defined, defined, [removed]):
            for message in messages:
                headers = {name: (value or b"").decode() for name, value in message.headers}
                topic = assessment.settings.namespace + DIRECTORY.name
                await broker.publish(message.value, topic, key=message.key, headers=headers)
            seen.append(await _listed(http, as_("unit_lead", unit="TOWN-1")))
    assert seen == [["COMMUNITY", "TOWN-1"]] * 3
    statuses = [
        await _status(http, as_("unit_lead", unit=unit), subject="COMMUNITY") for unit in ("TOWN-1", "TOWN-2")
    ]
    assert statuses == [200, 403]


@pytest.mark.parametrize(
    ("roles", "unit", "seen"),
    [
        (["supervisor"], "TOWN-1", IN_TOWN_1),
        (["supervisor"], "CENTRE", EVERYWHERE),
        (["supervisor"], "TOWN-2", {"TOWN-2"}),
        (["assessor"], "TOWN-1", IN_TOWN_1),
        (["assessor"], "TOWN-1-TEAM", {"TOWN-1-TEAM"}),
        (["handler"], "COMMUNITY", {"COMMUNITY"}),
    ],
)
async def test_what_units_had_to_do_that_are_gone_is_seen_by_those_who_were_above_them(
    http: httpx.AsyncClient,
    assessment: Service,
    as_: Headers,
    roles: list[str],
    unit: str,
    seen: set[str],
) -> None:
    """And who belongs to one sees his own."""
    await _said(assessment, [a_unit(*each) for each in UNITS])
    await _said(assessment, [_removal(unit) for unit in ("COMMUNITY", "TOWN-1-TEAM", "TOWN-1-OFFICE")])
    await _busy(assessment, EVERYWHERE | {UNKNOWN})
    assert await _listed(http, as_(*roles, unit=unit)) == sorted(seen)


async def test_a_unit_that_comes_back_stands_where_it_is_said_to(
    http: httpx.AsyncClient, assessment: Service, as_: Headers
) -> None:
    await _said(assessment, [a_unit("COMMUNITY", "C1", "TOWN-1", version=5)])
    await _said(assessment, [_removal("COMMUNITY"), a_unit("COMMUNITY", "C1", "TOWN-2", version=2)])
    statuses = [
        await _status(http, as_("supervisor", unit=unit), subject="COMMUNITY")
        for unit in ("TOWN-1", "TOWN-2")
    ]
    assert statuses == [403, 200]


@pytest.mark.parametrize("in_one_batch", [True, False])
async def test_a_unit_that_moved_stays_where_it_is_when_an_older_version_comes_late(
    http: httpx.AsyncClient, assessment: Service, as_: Headers, in_one_batch: bool
) -> None:
    moved, late = a_unit("COMMUNITY", "C1", "TOWN-2", version=2), a_unit("COMMUNITY", "C1", "TOWN-1")
    for batch in [[moved, late]] if in_one_batch else [[moved], [late]]:
        await _said(assessment, batch)
    statuses = {
        unit: await _status(http, as_("unit_lead", unit=unit), subject="COMMUNITY")
        for unit in ("TOWN-1", "TOWN-2")
    }
    assert statuses == {"TOWN-1": 403, "TOWN-2": 200}


async def test_before_the_directory_is_read_a_unit_sees_its_own(
    http: httpx.AsyncClient, assessment: Service, as_: Headers
) -> None:
    await _busy(assessment, ["TOWN-1", "COMMUNITY"])
    caller = as_("handler", unit="TOWN-1")
    assert await _listed(http, caller) == ["TOWN-1"]
    assert [await _status(http, caller, subject=unit) for unit in ("TOWN-1", "COMMUNITY")] == [200, 403]


async def test_units_that_report_in_a_circle_end_nowhere_else(
    http: httpx.AsyncClient, assessment: Service, as_: Headers
) -> None:
    await _said(assessment, [a_unit("A", "T1", "B"), a_unit("B", "T1", "A"), a_unit("C", "T1", None)])
    await _busy(assessment, ["A", "B", "C"])
    assert await _listed(http, as_("handler", unit="A")) == ["A", "B"]


async def test_who_belongs_to_no_unit_is_told_why_he_sees_nothing(
    http: httpx.AsyncClient, as_: Headers
) -> None:
    answer = await http.get("/v1/indicators", params=PERIOD, headers=as_("unit_lead"))
    assert (answer.status_code, answer.json()["detail"]) == (403, "who belongs to no unit sees no indicators")


def _removal(unit: str) -> Removed:
    return Removed(event_id=uuid7(), subject=unit)


async def _said(assessment: Service, facts: Sequence[Envelope[Any] | Removed]) -> None:
    async with assessment.database.transaction() as connection:
        await units_store.keep(connection, facts)


async def _busy(assessment: Service, units: Sequence[str] | set[str]) -> None:
    """Each has something to do that is due in the period."""
    lives = [a_life((dispatched(unit), 0, 4)) for unit in units]
    async with assessment.database.transaction() as connection:
        await on_case_events(connection, list(chain.from_iterable(lives)))


async def _status(http: httpx.AsyncClient, caller: dict[str, str], **query: str) -> int:
    return (await http.get("/v1/indicators", params=PERIOD | query, headers=caller)).status_code


async def _listed(http: httpx.AsyncClient, caller: dict[str, str]) -> list[str]:
    return list(chain.from_iterable(await _pages(http, caller, limit=50)))


async def _pages(http: httpx.AsyncClient, caller: dict[str, str], *, limit: int) -> list[list[str]]:
    pages: list[list[str]] = []
    query: dict[str, Any] = PERIOD | {"limit": limit}
    while True:
        page = (await http.get("/v1/indicators", params=query, headers=caller)).json()
        pages.append([item["subject"] for item in page["items"]])
        if page["next"] is None:
            return pages
        assert page["next"] != query.get("after"), "the same page again"
        query["after"] = page["next"]
