"""A replica that was frozen past its lease, or a target that moved meanwhile: what such an answer still means."""

import asyncio
from datetime import timedelta

import pytest
from uuid_utils.compat import uuid7

from services.notifier.circuit import OPENS_AFTER
from services.notifier.deliverer import Deliverer
from services.notifier.retry import Answer
from services.notifier.store import delivery_log, subscriptions
from tests.notifier.case_facts import a_dispatch, a_story
from tests.notifier.rows import (
    a_subscription,
    all_rows,
    attempts_of,
    happened,
    somebody_waits,
    states_of,
)
from tests.waiting import until


class Says:
    """A way out whose targets all give the same answer."""

    def __init__(self, answer):
        self.answer = answer

    async def post(self, target, body, headers):
        return self.answer


class Replica:
    """Works step by step, so that a test can hold it between the answer and the books."""

    def __init__(self, database, settings, **more):
        self.deliverer = Deliverer(database, settings, **more)

    async def sends(self, *answers):
        """Claims and sends, once for each answer; how it went stays in memory."""
        for answer in answers:
            await self.deliverer._claim(Says(answer))
            for task in list(self.deliverer._under_way):
                await task

    async def records(self):
        await self.deliverer._record()


async def subscription_of(database):
    (row,) = await all_rows(database, "select status, failures, probe_at from subscriptions")
    return tuple(row)


@pytest.mark.parametrize("stale", [Answer(410), Answer(500)])
async def test_a_frozen_replica_neither_disables_nor_opens_a_circuit(database, notifier_settings, stale):
    subscription = await a_subscription(database)
    frozen = Replica(database, notifier_settings, lease=timedelta(0))
    other = Replica(database, notifier_settings)
    for _ in range(OPENS_AFTER):
        await happened(database, a_story(uuid7(), a_dispatch()))
        await frozen.sends(stale)
        await other.sends(Answer(204))
        await other.records()
    await frozen.records()
    assert await states_of(database, subscription) == ["delivered"] * OPENS_AFTER
    assert await subscription_of(database) == ("active", 0, None)
    assert (stale.code, None) in await attempts_of(database, subscription), "it stands in the log"


async def test_an_old_yes_closes_no_circuit(database, notifier_settings):
    subscription = await a_subscription(database)
    frozen = Replica(database, notifier_settings, lease=timedelta(0))
    other = Replica(database, notifier_settings)
    await happened(database, a_story(uuid7(), a_dispatch()))
    await frozen.sends(Answer(204))
    await other.sends(Answer(500))
    await other.records()
    await frozen.records()
    assert await states_of(database, subscription) == ["temporary-failure"]
    assert await subscription_of(database) == ("active", 1, None)


@pytest.mark.parametrize("former", [Answer(410), Answer(500), Answer(204)])
async def test_what_a_former_address_answers_says_nothing_of_the_new_one(database, notifier_settings, former):
    subscription = await a_subscription(database)
    replica = Replica(database, notifier_settings)
    await happened(database, a_story(uuid7(), a_dispatch()))
    await replica.sends(former)
    await all_rows(database, "update subscriptions set target = 'http://127.0.0.1:9/new', failures = 3")
    await replica.records()
    assert await states_of(database, subscription) != ["sending"]
    assert await subscription_of(database) == ("active", 3, None)


async def test_what_is_under_way_with_the_answer_that_disables_says_nothing_more(database, notifier_settings):
    await a_subscription(database)
    for _ in range(2):
        await happened(database, a_story(uuid7(), a_dispatch()))
    replica = Replica(database, notifier_settings)
    await replica.sends(Answer(410), Answer(500))
    first, second = replica.deliverer._answered
    for one in (first, second):
        replica.deliverer._answered = [one]
        await replica.records()
    (row,) = await all_rows(database, "select status, failures, last_error from subscriptions")
    assert tuple(row) == ("disabled", 0, "status 410")


async def test_what_goes_on_after_a_pause_does_not_wait_in_a_circle_with_the_books(
    database, notifier_settings
):
    subscription = await a_subscription(database)
    for _ in range(3):
        await happened(database, a_story(uuid7(), a_dispatch()))
    replica = Replica(database, notifier_settings)
    await replica.sends(Answer(204), Answer(204))
    first, second, third = replica.deliverer._answered
    replica.deliverer._answered = [third, first]

    async def goes_on():
        async with database.transaction() as connection:
            await subscriptions.find(connection, subscription, to_change=True)
            await delivery_log.resume(connection, subscription)

    async with database.transaction() as somebody:
        await somebody.execute("select from deliveries where id = $1 for update", second.claimed.id)
        going_on = asyncio.create_task(goes_on())
        await until(lambda: _wait_or_are_done(database, going_on))
        recording = asyncio.create_task(replica.records())
        await until(lambda: _wait_or_are_done(database, going_on, recording))
    await asyncio.gather(going_on, recording)
    assert await states_of(database, subscription) == ["delivered", "sending", "delivered"]


async def _wait_or_are_done(database, *tasks):
    waiting = await somebody_waits(database)
    return len(waiting) >= sum(not task.done() for task in tasks)
