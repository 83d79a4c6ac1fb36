"""Deliveries in order, by several workers, some of which die."""

import asyncio
from datetime import timedelta

from uuid_utils.compat import uuid7

from contracts.facts.case import CaseProgress
from services.notifier import webhook
from services.notifier.deliverer import Deliverer
from services.notifier.handlers import on_case_events
from services.notifier.lanes import Places
from services.notifier.store import deliveries
from tests.notifier.case_facts import a_dispatch, a_story, an_event
from tests.notifier.delivering import delivering, ended
from tests.notifier.rows import (
    a_subscription,
    deliveries_of,
    happened,
    make_due,
    notices_in,
    states_of,
)
from tests.waiting import until


async def test_a_later_event_of_a_case_waits_for_the_earlier_one(
    database, deliverer, receiver, second_receiver
):
    receiver.plan = [500]
    failing = await a_subscription(database, target=receiver.url)
    healthy = await a_subscription(database, target=second_receiver.url)
    stuck, free = a_story(uuid7(), a_dispatch()), a_story(uuid7(), a_dispatch())
    await happened(database, stuck)
    await ended(database, failing, "temporary-failure")
    later = an_event(CaseProgress(note="x"), case_id=stuck[0].case_id, case_version=2)
    await happened(database, [later, *free])
    await ended(database, failing, "temporary-failure", "created", "delivered")
    await ended(database, healthy, "delivered", "delivered", "delivered")
    (head, waiting, _) = await deliveries_of(database, failing)
    assert waiting["due_at"] >= head["due_at"]
    await make_due(database)
    await ended(database, failing, "delivered", "delivered", "delivered")
    sent = [got.event["id"] for got in receiver.received if got.event["subject"] == str(stuck[0].case_id)]
    assert sent == [str(stuck[0].event_id), str(stuck[0].event_id), str(later.event_id)]


async def test_each_case_arrives_in_order_through_a_target_that_often_fails(
    database, notifier_settings, receiver
):
    receiver.plan = [500 if number % 3 == 0 else 204 for number in range(60)]
    subscription = await a_subscription(database, target=receiver.url)
    cases = [a_story(uuid7(), *[CaseProgress(note=str(number)) for number in range(6)]) for _ in range(8)]
    await happened(database, [event for events in zip(*cases, strict=True) for event in events])

    async def all_delivered():
        await make_due(database)
        return set(await states_of(database, subscription)) == {"delivered"}

    async with delivering(database, notifier_settings):
        await until(all_delivered, limit=30)
    for story in cases:
        case_id = str(story[0].case_id)
        versions = [
            got.event["data"]["case_version"] for got in receiver.received if got.event["subject"] == case_id
        ]
        assert versions == sorted(versions)
        assert set(versions) == {1, 2, 3, 4, 5, 6}


async def test_a_worker_that_died_leaves_nothing_behind(database, deliverer, receiver):
    subscription = await a_subscription(database, target=receiver.url)
    # both in one transaction, so that the worker that lives cannot be quicker
    async with database.transaction() as connection:
        await on_case_events(connection, a_story(uuid7(), a_dispatch()))
        (claimed,) = await deliveries.claim(
            connection, places=Places({}, 16, 128), limit=128, lease=timedelta(seconds=0.5)
        )
    assert claimed.attempt == 1
    await ended(database, subscription, "delivered")
    (row,) = await deliveries_of(database, subscription)
    assert row["attempts"] == 2
    assert len(receiver.received) == 1


async def test_two_workers_never_take_the_same_delivery(database):
    await a_subscription(database)
    await happened(database, [an_event(a_dispatch()) for _ in range(40)])
    terms = {"places": Places({}, 30, 30), "limit": 30, "lease": timedelta(seconds=30)}

    async def claim():
        async with database.connection() as connection:
            return [one.id for one in await deliveries.claim(connection, **terms)]

    taken = [one for some in await asyncio.gather(claim(), claim(), claim()) for one in some]
    assert len(taken) == len(set(taken)) == 40


async def test_the_outcome_of_a_worker_that_outlived_its_lease_changes_nothing(
    database, notifier_settings, receiver
):
    subscription = await a_subscription(database, target=receiver.url)
    await happened(database, a_story(uuid7(), a_dispatch()))
    terms = {"places": Places({}, 16, 16), "limit": 16}
    async with database.connection() as connection:
        (stale,) = await deliveries.claim(connection, **terms, lease=timedelta(0))
        (fresh,) = await deliveries.claim(connection, **terms, lease=timedelta(seconds=30))
    late = Deliverer(database, notifier_settings)
    async with webhook.WebhookChannel(allow_private=True, connections=1) as channel:
        late._lanes.begin(stale.subscription_id, 0.0)
        await late._send(channel, stale, 0.0)
    await late._record()
    assert await states_of(database, subscription) == ["sending"]
    assert await notices_in(database) == []
    assert fresh.attempt == 2


async def test_a_slow_target_leaves_room_for_the_others(
    database, notifier_settings, receiver, second_receiver
):
    receiver.slow = 0.3
    settings = notifier_settings.model_copy(update={"sending": 6, "sending_per_subscription": 4})
    slow = await a_subscription(database, target=receiver.url)
    quick = await a_subscription(database, target=second_receiver.url)
    await happened(database, [an_event(a_dispatch()) for _ in range(8)])
    async with delivering(database, settings):
        await ended(database, quick, *["delivered"] * 8)
        assert "created" in await states_of(database, slow)
        await ended(database, slow, *["delivered"] * 8)
    assert receiver.most_open <= 4


async def test_no_connection_is_held_while_targets_answer(database, deliverer, receiver):
    receiver.slow = 0.5
    subscriptions = [await a_subscription(database, target=receiver.url) for _ in range(4)]
    await happened(database, [an_event(a_dispatch()) for _ in range(2)])

    async def all_under_way():
        return receiver.open_now == 8

    await until(all_under_way)
    assert database._pool.get_size() - database._pool.get_idle_size() <= 1
    for subscription in subscriptions:
        await ended(database, subscription, *["delivered"] * 2)


async def test_stopping_finishes_what_is_under_way(database, notifier_settings, receiver):
    receiver.slow = 0.3
    subscription = await a_subscription(database, target=receiver.url)
    await happened(database, a_story(uuid7(), a_dispatch()))

    async def is_under_way():
        return receiver.open_now

    async with delivering(database, notifier_settings):
        await until(is_under_way)
    assert await states_of(database, subscription) == ["delivered"]
