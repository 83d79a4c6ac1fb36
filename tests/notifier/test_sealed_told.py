"""A sealed case is announced to those alone who act on it: a copy or the tracker may be who is complained of."""

from datetime import timedelta
from typing import Any

import pytest
from uuid_utils.compat import uuid7

from contracts.facts.case import (
    CaseDispatched,
    CaseHandled,
    CaseLineCalled,
    CasePrivacyChanged,
    CaseReclassified,
    CaseReturned,
    CaseUrgencyChanged,
)
from contracts.vocabulary import Privacy, Urgency
from delivery.database import Database
from tests.notifier.case_facts import a_dispatch, an_event
from tests.notifier.people_told import DAY, NIGHT, AtATime, a_contact, heard, notices
from tests.notifier.rows import happened, notices_in

SEALED = CasePrivacyChanged(before=Privacy.OPEN, after=Privacy.SEALED)
HANDLED = CaseHandled(round=1, unit="LIGHTS", result="done", evidence_method="photo")
UNITS = {"LIGHTS", "GRID-1", "COPY-1"}


def an_order(**more: Any) -> CaseDispatched:
    return a_dispatch(**{"co_handlers": (), "copies": ("COPY-1",), "tracker": "GRID-1"} | more)


def of_one_case(*facts: Any, **more: Any) -> list[Any]:
    case = {"case_id": uuid7(), "recorded_at": DAY, "urgency": Urgency.URGENT} | more
    return [an_event(fact, case_version=version, **case) for version, fact in enumerate(facts, start=1)]


async def told_of(database: Database, event: Any) -> set[str]:
    return {row["unit"] for row in await notices(database) if row["event_id"] == event.event_id}


@pytest.mark.parametrize("level", list(Privacy))
async def test_that_the_work_is_done(database: Database, level: Privacy) -> None:
    raised = CasePrivacyChanged(before=Privacy.OPEN, after=level)
    order, changed, handled = of_one_case(an_order(), raised, HANDLED)
    await heard(database, order, changed, handled)
    assert await told_of(database, order) == UNITS
    assert await told_of(database, handled) == (set() if level is Privacy.SEALED else {"GRID-1", "COPY-1"})


@pytest.mark.parametrize("level", [Privacy.OPEN, Privacy.SEALED])
async def test_the_order_that_follows_a_return(database: Database, level: Privacy) -> None:
    """It names no tracker: whoever tracked before does so no more, sealed or not."""
    order, *between, again = of_one_case(
        an_order(),
        CaseReturned(unit="LIGHTS", reason="not ours"),
        CaseReclassified(reason="a complaint about a unit"),
        an_order(lead="ROADS", tracker=None, privacy=level),
    )
    await heard(database, order, *between, again)
    assert await told_of(database, again) == {"ROADS"} | (set() if level is Privacy.SEALED else {"COPY-1"})


@pytest.mark.parametrize("level", [Privacy.OPEN, Privacy.SEALED])
async def test_who_must_know_of_an_emergency(database: Database, level: Privacy) -> None:
    raised = CaseUrgencyChanged(
        before=Urgency.URGENT, reason="it burns", copies=("COPY-2",), tracker="GRID-1"
    )
    order, danger = of_one_case(an_order(privacy=level), raised)
    await heard(database, order, danger)
    others = set() if level is Privacy.SEALED else {"COPY-2", "GRID-1"}
    assert await told_of(database, danger) == {"LIGHTS"} | others


async def test_what_waits_for_the_morning_or_comes_again_is_stopped(database: Database) -> None:
    for unit in UNITS:
        await a_contact(database, unit)
    repeated = of_one_case(an_order(), SEALED, recorded_at=NIGHT)
    waiting = of_one_case(an_order(), SEALED, recorded_at=NIGHT, urgency=Urgency.GENERAL)
    clock = AtATime(database, NIGHT)
    for order, _ in (repeated, waiting):
        await happened(database, [order])
        await heard(database, order)
    assert await clock.works() == [("app", f"app-{unit}") for unit in sorted(UNITS)]
    for _, sealed in (repeated, waiting):
        await happened(database, [sealed])
        await heard(database, sealed)
    before = len(await notices_in(database))
    assert await clock.after(minutes=15) == [("app", "app-LIGHTS")]
    assert await clock.after(hours=12) == [("app", "app-LIGHTS")] * 2
    open_still = {row["unit"] for row in await notices(database) if row["ended_at"] is None}
    assert open_still == {"LIGHTS"}
    stopped = [row["unit"] for row in await notices(database) if row["status"] == "stopped"]
    assert sorted(stopped) == ["COPY-1", "COPY-1", "GRID-1", "GRID-1"]
    stated = [notice["data"]["unit"] for notice in (await notices_in(database))[before:]]
    assert set(stated) == {"LIGHTS"}


async def test_what_waits_for_who_led_or_helped_before_is_stopped_too(database: Database) -> None:
    """He may be complained of: that is why another leads, and why it is sealed."""
    units = ("LIGHTS", "ROADS", "WATER")
    for unit in units:
        await a_contact(database, unit)
    story = of_one_case(
        an_order(co_handlers=("ROADS",)),
        CaseLineCalled(line="119"),
        an_order(round=2, lead="WATER"),
        SEALED,
        recorded_at=NIGHT,
        urgency=Urgency.ELEVATED,
    )
    await happened(database, story)
    await heard(database, *story)
    clock = AtATime(database, NIGHT)
    assert await clock.after(hours=12) == [("app", "app-WATER")]
    before = [row["status"] for row in await notices(database) if row["unit"] in ("LIGHTS", "ROADS")]
    assert set(before) == {"stopped"}


async def test_a_digest_leaves_it_out(database: Database) -> None:
    await a_contact(database, "COPY-1")
    stories = [of_one_case(an_order(), HANDLED, urgency=Urgency.GENERAL) for _ in range(2)]
    clock = AtATime(database)
    for story in stories:
        await happened(database, story)
        await heard(database, *story)
    await clock.works()
    (private, *_), (other, *_) = stories
    sealed = an_event(SEALED, case_id=private.case_id, case_version=3, recorded_at=DAY)
    await happened(database, [sealed])
    await heard(database, sealed)
    clock.now += timedelta(days=1)
    await clock.teller.turn(clock.kept)
    await clock.teller.settle()
    (digest,) = clock.kept.messages
    assert "1 条" in digest.subject
    assert {
        row["case_id"]: row["status"]
        for row in await notices(database)
        if row["digest"] and row["unit"] == "COPY-1"
    } == {
        private.case_id: "stopped",
        other.case_id: "delivered",
    }
