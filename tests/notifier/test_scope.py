"""A subscription hears of what its unit has to do with, and of nothing else."""

import pytest
from uuid_utils.compat import uuid7

from contracts import topics
from contracts.envelope import Message
from contracts.facts.case import CasePrivacyChanged, CaseProgress
from contracts.facts.directory import UnitDefined
from contracts.vocabulary import Privacy, Tier
from delivery.consumer import Consumer
from services.notifier.directory import Directory, Unit
from services.notifier.fan_out import by_owner, deliveries_of
from services.notifier.filter import Filter
from services.notifier.handlers import DIRECTORY_FACTS, on_directory_facts
from services.notifier.scope import Relation, relations, remembering
from services.notifier.store import directory as directory_store
from tests.notifier.case_facts import a_dispatch, a_story, an_entry, an_event
from tests.notifier.delivering import ended
from tests.notifier.directory_facts import (
    DISTRICT,
    a_directory_event,
    directory_events,
    directory_records,
    record_of,
    tombstone,
)
from tests.notifier.rows import a_subscription, all_rows, attempts_of, happened, make_due
from tests.notifier.rows import deliveries_of as rows_of
from tests.quickness import is_done_within

ACTS, ABOVE, TOLD, AREA = Relation.ACTS, Relation.ABOVE, Relation.TOLD, Relation.AREA

TABLE = [
    ({"LIGHTS"}, set(), "G-11", "LIGHTS", ACTS),
    ({"LIGHTS-NORTH"}, set(), "G-11", "LIGHTS", ABOVE),
    ({"LIGHTS"}, set(), "G-11", "LIGHTS-NORTH", None),
    ({"LIGHTS"}, set(), "G-11", "WATER", None),
    ({"WATER"}, {"LIGHTS"}, "G-11", "LIGHTS", TOLD),
    ({"WATER"}, {"LIGHTS-NORTH"}, "G-11", "LIGHTS", TOLD),
    ({"LIGHTS"}, {"LIGHTS"}, "G-11", "LIGHTS", ACTS),
    ({"LIGHTS"}, {"LIGHTS-NORTH"}, "G-11", "U-D", ABOVE),
    ({"WATER"}, set(), "G-11", "U-G-11", AREA),
    ({"WATER"}, set(), "G-11", "U-D-1-1", AREA),
    ({"WATER"}, set(), "G-11", "U-D-1", AREA),
    ({"WATER"}, set(), "G-11", "U-D", ABOVE),
    ({"WATER"}, set(), "G-11", "U-D-2", None),
    ({"WATER"}, set(), "G-11", "U-D-1-2", None),
    ({"WATER"}, set(), None, "U-D-1", None),
    ({"NOBODY-KNOWS"}, set(), "G-99", "NOBODY-KNOWS", ACTS),
    ({"NOBODY-KNOWS"}, set(), "G-99", "U-D", None),
]


@pytest.mark.parametrize(("acting", "told", "grid", "unit", "expected"), TABLE)
def test_relations_by_table(acting, told, grid, unit, expected):
    found = relations(frozenset(acting), frozenset(told), grid, DISTRICT)
    assert found.get(unit) == expected


def test_a_circle_of_units_ends():
    units = {code: Unit("x", Tier.TOWN, "D-1", parent) for code, parent in (("A", "B"), ("B", "A"))}
    looped = Directory(areas={}, units=units)
    assert looped.above("A") == ["A", "B"]


async def in_force(database, records=None):
    consumer = Consumer("notifier", topics.DIRECTORY, on_directory_facts, DIRECTORY_FACTS, database)
    await consumer.on_records(directory_records() if records is None else records)


async def heard(database, subscription):
    return [(row["event_type"], row["relation"]) for row in await rows_of(database, subscription)]


async def test_each_unit_is_sent_what_it_has_to_do_with(database):
    await in_force(database)
    owners = ["LIGHTS", "LIGHTS-NORTH", "WATER", "U-D", "U-D-1", "U-D-2", "U-G-11", "FOREIGN", None]
    subscriptions = {owner: await a_subscription(database, owner=owner) for owner in owners}
    ours = {"lead": "LIGHTS-NORTH", "co_handlers": (), "copies": ("WATER",)}
    await happened(database, a_story(uuid7(), a_dispatch(**ours), grid="G-11"))
    found = {owner: await heard(database, one) for owner, one in subscriptions.items()}
    expected = {
        "LIGHTS": "above",
        "LIGHTS-NORTH": "acts",
        "WATER": "told",
        "U-D": "above",
        "U-D-1": "area",
        "U-G-11": "area",
        None: "house",
    }
    assert found == {
        owner: [("case.dispatched", expected[owner])] if owner in expected else [] for owner in owners
    }


@pytest.mark.parametrize(
    ("privacy", "expected"),
    [
        (Privacy.OPEN, {"LIGHTS", "WATER", "U-D", "U-D-1", None}),
        (Privacy.RESTRICTED, {"LIGHTS", "WATER", "U-D", "U-D-1", None}),
        (Privacy.CONFIDENTIAL, {"LIGHTS", "WATER", "U-D", "U-D-1", None}),
        (Privacy.SEALED, {"LIGHTS", None}),
    ],
)
async def test_the_level_narrows_who_is_told(database, privacy, expected):
    await in_force(database)
    owners = ["LIGHTS", "WATER", "U-D", "U-D-1", None]
    subscriptions = {owner: await a_subscription(database, owner=owner) for owner in owners}
    order = a_dispatch(lead="LIGHTS", co_handlers=(), copies=("WATER",), privacy=privacy)
    await happened(database, a_story(uuid7(), CaseProgress(note="before"), order, grid="G-11"))
    assert {owner for owner, one in subscriptions.items() if await heard(database, one)} == expected


async def test_a_case_sealed_between_fan_out_and_sending_is_not_sent(database, deliverer, receiver):
    await in_force(database)
    receiver.plan = [500]
    subscription = await a_subscription(database, owner="U-D-1", target=receiver.url)
    case_id = uuid7()
    await happened(database, a_story(case_id, a_dispatch(lead="WATER"), grid="G-11"))
    sealed = CasePrivacyChanged(before=Privacy.OPEN, after=Privacy.SEALED)
    await ended(database, subscription, "temporary-failure")
    await happened(database, [an_event(sealed, case_id=case_id, case_version=2, grid="G-11")])
    await make_due(database)
    await ended(database, subscription, "permanent-failure")
    assert (await attempts_of(database, subscription))[-1] == (None, "privacy-forbids")
    assert len(receiver.received) == 1


async def test_what_leaves_the_directory_leaves_the_scope_and_is_no_dead_letter(database):
    await in_force(database)
    town = await a_subscription(database, owner="U-D-1")
    by_hand = record_of(Message(topics.DIRECTORY.name, b"U-D-1", None, []), offset=77)
    await in_force(database, [tombstone("duty:LIGHTS:p-1"), by_hand])
    await in_force(database, [by_hand])
    await happened(database, a_story(uuid7(), a_dispatch(lead="WATER"), grid="G-11"))
    assert await heard(database, town) == []
    assert await all_rows(database, "select 1 from outbox where topic like '%.dead'") == []
    async with database.connection() as connection:
        assert "U-D-1" not in (await directory_store.KnownDirectory().directory(connection)).units


async def test_an_older_version_never_overrides_a_newer_one(database):
    await in_force(database, directory_records(version=2))
    old = UnitDefined(
        code="LIGHTS", name="x", kind="x", tier=Tier.TOWN, area="D-2", parent=None, directory_version=1
    )
    async with database.transaction() as connection:
        await on_directory_facts(connection, [a_directory_event(old)])
        known = await directory_store.load(connection)
    assert known.units["LIGHTS"].parent == "U-D"


async def test_a_replica_sees_a_change_with_its_next_batch(database):
    known = directory_store.KnownDirectory()
    async with database.transaction() as connection:
        before = await known.related(connection)
        assert before(frozenset(), frozenset(), "G-11") == {}
        await on_directory_facts(connection, [e for e in directory_events() if not e.type.startswith("duty")])
        after = await known.related(connection)
        assert after(frozenset(), frozenset(), "G-11").keys() == {"U-G-11", "U-D-1-1", "U-D-1", "U-D"}
        assert await known.related(connection) is after


def test_a_thousand_events_and_a_hundred_subscriptions_take_no_longer_than_their_matches():
    """Each event meets only the subscriptions of units that have to do with it."""
    units = [f"UNIT-{number}" for number in range(100)]
    rows = [{"id": uuid7(), "owner": unit, "filter": Filter().model_dump_json()} for unit in units]
    entries = [
        an_entry(a_dispatch(lead=units[number % 100], co_handlers=(), copies=()), grid="G-11")
        for number in range(1000)
    ]

    def made() -> list[object]:
        return list(deliveries_of(list(enumerate(entries)), by_owner(rows), remembering(DISTRICT), uuid7))

    assert len(made()) == 1000
    assert is_done_within(0.5, made)


async def test_of_one_batch_the_newest_version_counts_wherever_it_stands(database):
    newer, older = [
        UnitDefined(
            code="LIGHTS",
            name="x",
            kind="k",
            tier=Tier.TOWN,
            area="D",
            parent=parent,
            directory_version=version,
        )
        for parent, version in (("U-D-2", 2), ("U-D-1", 1))
    ]
    async with database.transaction() as connection:
        await on_directory_facts(connection, [a_directory_event(newer), a_directory_event(older)])
    ((parent, version),) = await all_rows(
        database, "select parent, version from directory where what = 'unit'"
    )
    assert (parent, version) == ("U-D-2", 2)
