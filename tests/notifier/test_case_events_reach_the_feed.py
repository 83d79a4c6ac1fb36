"""What a batch of case events leaves behind: feed lines and deliveries, each once."""

import asyncio
from itertools import permutations
from uuid import UUID

import orjson
from uuid_utils.compat import uuid7

from contracts import topics
from contracts.events import HOME
from contracts.facts.case import CasePrivacyChanged, CaseProgress, CaseSigned
from contracts.facts.closing import CaseClosed
from contracts.vocabulary import Privacy
from delivery import inbox
from delivery.consumer import Consumer
from services.notifier.handlers import CASE_FACTS, on_case_events
from services.notifier.privacy import VIEWS, shown
from services.notifier.scope import Relation
from services.notifier.store import feed
from services.notifier.store.feed import Cursor
from tests.notifier.case_facts import WRITTEN, a_dispatch, a_record, a_story, an_event
from tests.notifier.rows import a_subscription, all_rows, deliveries_of, happened, somebody_waits
from tests.waiting import until


def consumer_on(database):
    return Consumer("notifier", topics.CASES, on_case_events, CASE_FACTS, database)


def test_every_case_and_approval_fact_is_consumed():
    assert {fact.__name__ for fact in CASE_FACTS} >= {"CaseDispatched", "CaseArchived", "ApprovalApproved"}
    assert len(CASE_FACTS) == sum(home == topics.CASES for home in HOME.values())


async def test_each_event_is_one_line_and_one_delivery_for_each_subscription_that_wants_it(database):
    all_of_it = await a_subscription(database)
    dispatches = await a_subscription(database, filter={"event_types": ["case.dispatched"]})
    nothing = await a_subscription(database, filter={"units": ["WATER"]})
    story = a_story(uuid7(), a_dispatch(), CaseSigned(unit="LIGHTS", handler="p-1"), CaseClosed())
    await consumer_on(database).on_records([a_record(event) for event in story])
    lines = await all_rows(database, "select event_id from feed order by position")
    assert [line["event_id"] for line in lines] == [event.event_id for event in story]
    wanted = [row["event_type"] for row in await deliveries_of(database, all_of_it)]
    assert wanted == ["case.dispatched", "case.signed", "case.closed"]
    assert [row["event_type"] for row in await deliveries_of(database, dispatches)] == ["case.dispatched"]
    assert await deliveries_of(database, nothing) == []


async def test_a_second_delivery_changes_nothing(database):
    subscription = await a_subscription(database)
    records = [a_record(event) for event in a_story(uuid7(), a_dispatch(), CaseClosed())]
    consumer = consumer_on(database)
    await consumer.on_records([*records, records[0]])
    await consumer.on_records(records)
    assert len(await all_rows(database, "select 1 from feed")) == 2
    assert len(await deliveries_of(database, subscription)) == 2


async def test_while_partitions_change_hands_a_case_stays_in_order(database):
    """Who has them new began first, and waits for one who had them: another of those is quicker with the case."""
    ids = sorted(uuid7() for _ in range(6))
    others = [an_event(event_id=event_id) for event_id in ids[:2]]
    facts = [CaseProgress(note=str(number)) for number in range(4)]
    case_id = uuid7()
    story = [
        an_event(fact, event_id=event_id, case_id=case_id, case_version=version)
        for version, (event_id, fact) in enumerate(zip(ids[2:], facts, strict=True), start=1)
    ]
    async with database.transaction() as connection:
        await inbox.claim(connection, "notifier", [others[1].event_id])
        new = asyncio.create_task(
            consumer_on(database).on_records([a_record(event) for event in [*others, *story]])
        )
        await until(lambda: somebody_waits(database))
        await consumer_on(database).on_records([a_record(event) for event in story[:2]])
    await new
    async with database.connection() as connection:
        lines = await feed.after(connection, Cursor(0, 0), 10)
        back = await feed.newest(connection, before=None, limit=10)
    told = [line.entry.event_id for line in lines if line.entry.case_id == case_id]
    assert told == ids[2:]
    assert [line.cursor for line in back] == [line.cursor for line in reversed(lines)]


async def test_disabled_deleted_and_stream_subscriptions_get_no_deliveries(database):
    subscriptions = [await a_subscription(database) for _ in range(2)]
    subscriptions.append(await a_subscription(database, channel="stream", target=None, secret=None))
    async with database.transaction() as connection:
        for subscription, status in zip(subscriptions, ("disabled", "deleted"), strict=False):
            await connection.execute(
                "update subscriptions set status = $2 where id = $1", subscription, status
            )
    await happened(database, a_story(uuid7(), a_dispatch()))
    assert [await deliveries_of(database, one) for one in subscriptions] == [[], [], []]


async def test_a_filter_on_units_also_catches_later_facts_that_name_none(database):
    helper = await a_subscription(database, filter={"units": ["ROADS"]})
    case_id = uuid7()
    await happened(database, a_story(case_id, a_dispatch()))
    await happened(database, [an_event(CaseProgress(note="x"), case_id=case_id, case_version=2)])
    await happened(database, [an_event(CaseProgress(note="x"))])
    assert [row["case_id"] for row in await deliveries_of(database, helper)] == [case_id, case_id]


async def test_in_whatever_order_facts_come_the_newest_is_remembered(database):
    case_id: UUID
    for order in permutations(range(3)):
        case_id = uuid7()
        sealed = CasePrivacyChanged(before=Privacy.OPEN, after=Privacy.SEALED)
        story = a_story(case_id, a_dispatch(), sealed, a_dispatch(lead="WATER", privacy=Privacy.SEALED))
        for number in order:
            await happened(database, [story[number]])
        (row,) = await all_rows(database, "select lead, privacy from involved where case_id = $1", case_id)
        assert tuple(row) == ("WATER", "sealed"), order


async def test_a_sealed_cases_text_is_neither_kept_nor_shown(database):
    await happened(database, a_story(uuid7(), a_dispatch(privacy=Privacy.SEALED)))
    (line,) = await all_rows(database, "select body from feed")
    assert WRITTEN.encode() not in line["body"]


async def test_a_text_written_before_the_case_was_sealed_is_not_shown_after(database):
    case_id = uuid7()
    await happened(database, a_story(case_id, a_dispatch()))
    sealed = CasePrivacyChanged(before=Privacy.OPEN, after=Privacy.SEALED)
    await happened(database, [an_event(sealed, case_id=case_id, case_version=2)])
    async with database.connection() as connection:
        lines = await feed.after(connection, Cursor(0, 0), 10)
    seen = [shown(line.entry.body, VIEWS[line.entry.privacy][Relation.ACTS]) for line in lines]
    assert [orjson.loads(body)["type"] for body in seen] == ["case.dispatched", "case.privacy_changed"]
    assert not any(WRITTEN.encode() in body for body in seen)


async def test_a_large_batch_keeps_its_order(database):
    subscription = await a_subscription(database)
    story = a_story(uuid7(), *[CaseProgress(note=str(number)) for number in range(500)])
    await happened(database, story)
    sent = [row["event_id"] for row in await deliveries_of(database, subscription)]
    assert sent == [event.event_id for event in story]
