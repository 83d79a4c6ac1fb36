"""An order to a unit that an import took out: whoever stands in for it is told, and may sign; the unit hears no more."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from uuid_utils.compat import uuid7

from contracts.envelope import Removed
from contracts.facts.case import CaseSigned, CaseSupervised, CaseUrgencyChanged
from contracts.vocabulary import Privacy, Tier, Urgency
from delivery.database import Database
from services.notifier.handlers import on_directory_facts
from services.notifier.people.passing_on import pass_orders_on
from services.notifier.people.standing_in import stands_in
from services.notifier.store.directory import KnownDirectory
from tests.notifier.case_facts import a_dispatch, an_event
from tests.notifier.directory_facts import DISTRICT, directory_events
from tests.notifier.people_told import DAY, DEFAULTS, AtATime, a_contact, heard, notices
from tests.notifier.rows import happened

GONE = "U-D-1-1"  # the community's; the town's stands in for it


@pytest.mark.parametrize(
    ("tier", "ground", "unit"),
    [
        (Tier.GRID, "G-11", "U-G-11"),
        (Tier.COMMUNITY, "G-11", "U-D-1-1"),
        (Tier.TOWN, "G-21", "U-D-2"),
        (Tier.DISTRICT, "D", "U-D"),
        (Tier.TOWN, "D", "U-D"),
        (Tier.TOWN, "nowhere", None),
    ],
)
def test_the_general_unit_of_the_tier_or_of_the_next_above(tier: Tier, ground: str, unit: str | None) -> None:
    assert stands_in(tier, ground, DISTRICT) == unit


async def _said(database: Database, *facts: Any, ago: timedelta = timedelta(minutes=5)) -> None:
    async with database.transaction() as connection:
        await on_directory_facts(connection, list(facts))
        await connection.execute("update directory set gone_at = gone_at - $1::interval", ago)


async def _passes_on(database: Database, clock: AtATime, after: UUID | None = None) -> UUID | None:
    async with database.transaction() as connection:
        directory = await KnownDirectory().directory(connection)
        return await pass_orders_on(connection, directory, DEFAULTS, now=clock.now, after=after, at_once=1)


def _removal(unit: str) -> Removed:
    return Removed(event_id=uuid7(), subject=unit)


async def _ordered(database: Database, **more: Any) -> tuple[AtATime, dict[str, Any]]:
    await _said(database, *directory_events()[:-1])
    for unit in (GONE, "U-D-1"):
        await a_contact(database, unit)
    case = {"case_id": uuid7(), "recorded_at": DAY, "urgency": Urgency.URGENT, "grid": "G-11"}
    order = an_event(a_dispatch(lead=GONE, co_handlers=(), copies=(), **more), **case)
    await happened(database, [order])
    await heard(database, order)
    clock = AtATime(database)
    assert await clock.works() == [("app", f"app-{GONE}")]
    return clock, case


@pytest.mark.parametrize("privacy", [Privacy.OPEN, Privacy.SEALED])
async def test_whoever_stands_in_is_told_until_he_signs(database: Database, privacy: Privacy) -> None:
    clock, case = await _ordered(database, privacy=privacy)
    await _said(database, _removal(GONE))
    for _ in range(2):
        await _passes_on(database, clock)
    assert await clock.works() == [("app", "app-U-D-1")]
    assert await clock.after(minutes=15) == [("app", "app-U-D-1")]
    card = CaseSupervised(clock="sign", stage="L1", card="yellow")
    await heard(database, an_event(card, case_version=2, **case))
    assert await clock.works() == [("app", "app-U-D-1")], "the card is his too"
    await heard(database, an_event(CaseSigned(unit="U-D-1", handler="p-1"), case_version=3, **case))
    assert await clock.after(hours=1) == []


@pytest.mark.parametrize(
    "what", ["nothing was taken out", "just now", "it came back", "somebody signed", "he cannot be reached"]
)
async def test_it_is_passed_on_where_nobody_else_answers(database: Database, what: str) -> None:
    clock, case = await _ordered(database)
    if what == "somebody signed":
        await heard(database, an_event(CaseSigned(unit="U-D-1", handler="p-1"), case_version=2, **case))
    if what != "nothing was taken out":
        await _said(database, _removal(GONE), ago=timedelta(0 if what == "just now" else 1))
    if what == "it came back":
        await _said(database, *directory_events()[:-1])
    if what == "he cannot be reached":
        async with database.transaction() as connection:
            await connection.execute("delete from contacts where unit = 'U-D-1'")
    before = await notices(database)
    await _passes_on(database, clock)
    assert await notices(database) == before


@pytest.mark.parametrize("rises", [False, True])
async def test_a_unit_that_comes_back_is_told_again_until_it_signs(database: Database, rises: bool) -> None:
    """Whoever stood in for it may sign no more."""
    clock, case = await _ordered(database)
    await _said(database, _removal(GONE))
    await _passes_on(database, clock)
    assert await clock.works() == [("app", "app-U-D-1")]
    if rises:
        fact = CaseUrgencyChanged(before=Urgency.ELEVATED, reason="r")
        await heard(database, an_event(fact, case_version=2, **case))
        assert await clock.works() == [("app", "app-U-D-1")]
    await _said(database, *directory_events()[:-1])
    for _ in range(2):
        await _passes_on(database, clock)
    assert await clock.works() == [("app", f"app-{GONE}")]
    assert await clock.after(minutes=15) == [("app", f"app-{GONE}")]
    await heard(database, an_event(CaseSigned(unit=GONE, handler="p-1"), case_version=3, **case))
    assert await clock.after(hours=1) == []


@pytest.mark.parametrize("urgency", [Urgency.GENERAL, Urgency.URGENT])
async def test_who_was_told_as_a_copy_is_told_that_he_leads(database: Database, urgency: Urgency) -> None:
    await _said(database, *directory_events()[:-1])
    for unit in (GONE, "U-D-1"):
        await a_contact(database, unit)
    case = {"case_id": uuid7(), "recorded_at": DAY, "urgency": urgency, "grid": "G-11"}
    order = an_event(a_dispatch(lead=GONE, co_handlers=(), copies=("U-D-1",)), **case)
    await happened(database, [order])
    await heard(database, order)
    clock = AtATime(database)
    await clock.teller.turn(
        clock.kept
    )  # an order to a unit that has an app: whether it came is not known yet
    await clock.works()
    await _said(database, _removal(GONE))
    await _passes_on(database, clock)
    await clock.teller.turn(clock.kept)
    await clock.teller.settle()
    (message,) = clock.kept.messages
    assert (message.address, "（主办）" in message.text) == ("app-U-D-1", True)


async def test_one_that_nobody_can_be_reached_for_stands_in_no_other_s_way(database: Database) -> None:
    clock, case = await _ordered(database)
    elsewhere = case | {"case_id": UUID(int=1), "grid": "G-21"}
    unreached = an_event(a_dispatch(lead="U-D-2", co_handlers=(), copies=()), **elsewhere)
    await a_contact(database, "U-D-2")
    await happened(database, [unreached])
    await heard(database, unreached)
    await clock.works()
    await _said(database, _removal(GONE), _removal("U-D-2"))
    last = await _passes_on(database, clock)
    assert last == UUID(int=1)
    assert await clock.works() == []
    await _passes_on(database, clock, after=last)
    assert await clock.works() == [("app", "app-U-D-1")]


async def test_a_unit_that_the_directory_never_knew_is_told_itself(database: Database) -> None:
    clock, _ = await _ordered(database)
    async with database.transaction() as connection:
        await connection.execute("delete from directory where code = $1", GONE)
    await _passes_on(database, clock)
    assert await clock.after(minutes=15) == [("app", f"app-{GONE}")]
