"""Receivers that fail in every way, beside twenty that do not: only the former notice."""

import asyncio
import statistics
import time
from contextlib import AsyncExitStack
from datetime import timedelta

import pytest
from standardwebhooks import Webhook
from uuid_utils.compat import uuid7

from contracts.facts.case import CaseProgress
from deploy.local.quantiles import quantile
from services.notifier import webhook
from tests.notifier.case_facts import a_story
from tests.notifier.delivering import delivering
from tests.notifier.misbehaving import MANNERS, misbehaving
from tests.notifier.receiver import receiving
from tests.notifier.rows import SECRET, a_subscription, all_rows, happened
from tests.waiting import until

HEALTHY = 20
CASES = 3
STEPS = 8
# far below what this one process could do for senders and receivers together: waiting in line is not what is measured
PAUSE_SECONDS = 0.2

# manner: status of the first delivery afterwards, status code and error of its first attempt
EXPECTED = {
    "500": ("temporary-failure", 500, None),
    "429": ("temporary-failure", 429, None),
    "410": ("permanent-failure", 410, None),
    "redirect": ("permanent-failure", 307, None),
    "nonsense": ("temporary-failure", None, "not-http"),
    "hang": ("temporary-failure", None, "timeout"),
    "reset": ("temporary-failure", None, "connection-lost"),
    "drip headers": ("temporary-failure", None, "timeout"),
    "drip body": ("delivered", 200, None),
    "flood": ("delivered", 200, None),
    "tls": ("temporary-failure", None, "tls: self-signed certificate"),
}


async def lived_through(database, healthy):
    """Some cases of several facts each, one fact of all cases every little while; gives the facts and when each was."""
    cases = [a_story(uuid7(), *[CaseProgress(note=str(step)) for step in range(STEPS)]) for _ in range(CASES)]
    at = {}
    for facts in zip(*cases, strict=True):
        at |= {str(fact.event_id): time.perf_counter() for fact in facts}
        await happened(database, facts)
        await asyncio.sleep(PAUSE_SECONDS)

    async def all_have_come():
        return all(at.keys() <= {got.event["id"] for got in one.received} for one in healthy)

    await until(all_have_come, limit=30)
    return cases, at


def latencies(healthy, cases, at):
    """But for the first facts: at its first https target a process reads the certificates that it trusts."""
    first = {str(story[0].event_id) for story in cases}
    measured = at.keys() - first
    return sorted(
        got.at - at[got.event["id"]] for one in healthy for got in one.received if got.event["id"] in measured
    )


_ROUNDS = 3  # of which one is as quick: other tests and other programs share the cores


@pytest.mark.timeout(120)
async def test_only_those_who_fail_notice(database, notifier_settings, tmp_path, monkeypatch):
    monkeypatch.setattr(webhook, "TIME_LIMIT", 3.0)
    async with AsyncExitStack() as stack:
        healthy = [await stack.enter_async_context(receiving()) for _ in range(HEALTHY)]
        for one in healthy:
            await a_subscription(database, target=one.url)
        async with delivering(database, notifier_settings):
            await lived_through(database, healthy)  # connections are made
            alone = latencies(healthy, *await lived_through(database, healthy))
            bad = {
                manner: await a_subscription(
                    database, target=await stack.enter_async_context(misbehaving(manner, tmp_path))
                )
                for manner in MANNERS
            }
            for _ in range(_ROUNDS):
                cases, at = await lived_through(database, healthy)
                if _as_quick(beside := latencies(healthy, cases, at), alone):
                    break
            await until(lambda: _all_tried(database, bad), limit=30)
    _told_each_once_in_order(healthy, cases)
    assert _as_quick(beside, alone), (statistics.median(alone), statistics.median(beside))
    for manner, subscription in bad.items():
        assert await _first(database, subscription) == EXPECTED[manner], manner
    await _pauses_are_kept(database, bad)


def _as_quick(beside, alone):
    """Twice, and a little for the work that the bad ones make on the same cores."""
    median = statistics.median(beside) < 2 * statistics.median(alone) + 0.1
    return median and quantile(beside, 0.95) < 2 * quantile(alone, 0.95) + 0.25


async def _all_tried(database, bad):
    rows = await all_rows(
        database,
        """select distinct d.subscription_id from deliveries d join attempts a on a.delivery_id = d.id
           where d.subscription_id = any($1)""",
        list(bad.values()),
    )
    return len(rows) == len(bad)


def _told_each_once_in_order(healthy, cases):
    for one in healthy:
        for got in one.received:
            Webhook(SECRET).verify(got.body, {name.lower(): value for name, value in got.headers.items()})
        for story in cases:
            heard = [got.event["id"] for got in one.received if got.event["subject"] == str(story[0].case_id)]
            assert heard == [str(event.event_id) for event in story]


async def _first(database, subscription):
    """What was tried and is being tried again has failed for the time being."""
    (row,) = await all_rows(
        database,
        """select case d.status when 'sending' then 'temporary-failure' else d.status end, a.status_code, a.error from deliveries d join attempts a on a.delivery_id = d.id
           where d.subscription_id = $1 order by d.sequence, a.number limit 1""",
        subscription,
    )
    return tuple(row)


async def _pauses_are_kept(database, bad):
    """Between two attempts never less than the table says, and no attempt before what was asked for."""
    rows = await all_rows(
        database,
        """select one.number, extract(epoch from (next.ended_at - make_interval(secs => next.seconds)) - one.ended_at)
               as pause from attempts one join attempts next
               on next.delivery_id = one.delivery_id and next.number = one.number + 1
           join deliveries d on d.id = one.delivery_id where d.subscription_id = $1""",
        bad["500"],
    )
    least = {1: 0.8, 2: 4.0, 3: 12.0}
    assert rows
    assert all(row["pause"] >= least[row["number"]] - 0.05 for row in rows)
    (asked,) = await all_rows(
        database,
        """select min(d.due_at - a.ended_at) as pause, max(d.attempts) as attempts from deliveries d
           join attempts a on a.delivery_id = d.id where d.subscription_id = $1""",
        bad["429"],
    )
    assert asked["pause"] >= timedelta(seconds=119)
    assert asked["attempts"] == 1
    (state,) = await all_rows(database, "select status from subscriptions where id = $1", bad["410"])
    assert state["status"] == "disabled"


async def test_a_crowd_that_hangs_leaves_room(database, notifier_settings, tmp_path):
    """Many more than there are places, from the first moment on; each would hold its place for ten seconds."""
    settings = notifier_settings.model_copy(update={"sending": 64})
    async with misbehaving("hang", tmp_path) as hanging, receiving() as healthy:
        for number in range(100):
            await a_subscription(database, target=f"{hanging}/{number}")
            if number == 20:
                await a_subscription(database, target=healthy.url)
        async with delivering(database, settings):
            began = time.perf_counter()
            cases, _ = await lived_through(database, [healthy])
            assert time.perf_counter() - began < webhook.TIME_LIMIT / 2
    _told_each_once_in_order([healthy], cases)
