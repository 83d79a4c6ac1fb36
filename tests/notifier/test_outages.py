"""A receiver that is away for half an hour, and a notifier that is killed: nothing is lost."""

import asyncio
import os
import signal
import sys
from collections import Counter
from contextlib import asynccontextmanager

import httpx
import pytest
from uuid_utils.compat import uuid7

from contracts.facts.case import CaseProgress
from deploy.local.ports import free_port
from services.notifier.circuit import OPENS_AFTER, PROBE_PAUSES
from services.notifier.deliverer import Deliverer
from tests.notifier.case_facts import a_story
from tests.notifier.delivering import delivering
from tests.notifier.rows import a_subscription, all_rows, happened, pass_time, states_of
from tests.notifier.subscribing import PATH, made
from tests.waiting import until

CASES = 5
MINUTES = 30


async def nothing_is_due(database):
    rows = await all_rows(
        database,
        """select 1 from deliveries d join subscriptions s on s.id = d.subscription_id
           where d.status = 'sending' or (d.ended_at is null and d.due_at <= now()
             and (s.probe_at is null or s.probe_at <= now()))""",
    )
    return not rows


def in_order(receiver, stories):
    """Each event first comes after those before it of its case."""
    for story in stories:
        heard = dict.fromkeys(
            got.event["id"] for got in receiver.received if got.event["subject"] == str(story[0].case_id)
        )
        assert list(heard) == [str(event.event_id) for event in story]


@pytest.mark.timeout(120)
async def test_after_half_an_hour_away_everything_comes_in_order(database, notifier_settings, receiver):
    receiver.plan = ["reset"] * 10_000
    subscription = await a_subscription(database, target=receiver.url)
    stories = [
        a_story(uuid7(), *[CaseProgress(note=str(number)) for number in range(MINUTES // CASES)])
        for _ in range(CASES)
    ]
    waiting = [event for events in zip(*stories, strict=True) for event in events]
    async with delivering(database, notifier_settings):
        for event in waiting:
            await happened(database, [event])
            await until(lambda: nothing_is_due(database))
            await pass_time(database, 60)
        (state,) = await all_rows(
            database, "select failures, probe_at, failing_since, last_error from subscriptions"
        )
        assert state["failures"] >= OPENS_AFTER
        assert state["probe_at"] is not None
        assert state["last_error"] == "connection-lost"
        tried = len(receiver.received)
        assert tried < 4 * MINUTES, "a target that is away is only probed"
        receiver.plan, receiver.received = [], []
        await pass_time(database, PROBE_PAUSES[-1])

        async def all_delivered():
            return set(await states_of(database, subscription)) == {"delivered"}

        await until(all_delivered, limit=20)
    in_order(receiver, stories)
    assert len(receiver.received) == len(waiting)
    (state,) = await all_rows(database, "select failures, probe_at, failing_since from subscriptions")
    assert tuple(state) == (0, None, None)


async def test_an_open_circuit_is_shown(client, agency, notifier, receiver):
    receiver.plan = ["reset"] * 100
    subscription = await made(client, agency, url=receiver.url)
    shown = (await client.get(f"{PATH}/{subscription['id']}", headers=agency)).json()
    assert shown["target_state"]["circuit"] == "closed"
    stories = [a_story(uuid7(), CaseProgress(note="x")) for _ in range(OPENS_AFTER + 5)]
    await all_rows(notifier.database, "update subscriptions set owner = null")
    await happened(notifier.database, [story[0] for story in stories])
    await all_rows(notifier.database, "update subscriptions set owner = 'LIGHTS'")

    async def opened():
        answer = await client.get(f"{PATH}/{subscription['id']}", headers=agency)
        state = answer.json()["target_state"]
        return state if state["circuit"] != "closed" else None

    state = await until(opened)
    assert state["failures"] >= OPENS_AFTER
    assert state["probe_at"]
    assert state["failing_since"]
    assert state["last_error"] == "connection-lost"
    assert "casegrid_circuits_open 1.0" in (await client.get("/metrics")).text
    changed = await client.patch(f"{PATH}/{subscription['id']}", json={"status": "active"}, headers=agency)
    assert changed.json()["target_state"]["circuit"] == "closed"


async def test_several_replicas_share_the_work(database, notifier_settings, receiver):
    receiver.slow = 0.01
    subscription = await a_subscription(database, target=receiver.url)
    stories = [a_story(uuid7(), *[CaseProgress(note=str(n)) for n in range(4)]) for _ in range(30)]
    await happened(database, [event for events in zip(*stories, strict=True) for event in events])
    replicas = [Deliverer(database, notifier_settings) for _ in range(3)]
    sent = Counter()
    for number, replica in enumerate(replicas):
        post = replica._post

        async def counted(channel, claimed, post=post, number=number):
            sent[number] += 1
            return await post(channel, claimed)

        replica._post = counted
    tasks = [asyncio.create_task(replica.run()) for replica in replicas]

    async def all_delivered():
        return set(await states_of(database, subscription)) == {"delivered"}

    await until(all_delivered, limit=30)
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    in_order(receiver, stories)
    assert len(receiver.received) == 120, "nothing is sent twice while everybody lives"
    assert len(sent) == 3


@asynccontextmanager
async def a_process(settings, port):
    environment = os.environ | {
        "CASEGRID_POSTGRES": settings.postgres,
        "CASEGRID_KAFKA": settings.kafka,
        "CASEGRID_NAMESPACE": settings.namespace,
        "CASEGRID_JWKS": settings.jwks,
        "CASEGRID_NOTIFIER_PORT": str(port),
        "CASEGRID_ALLOW_PRIVATE_TARGETS": "true",
        "CASEGRID_LOG_LEVEL": "error",
    }
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "services.notifier", env=environment, stdout=asyncio.subprocess.DEVNULL
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.terminate()
            await process.wait()


async def is_live(port):
    try:
        async with httpx.AsyncClient() as http:
            return (await http.get(f"http://127.0.0.1:{port}/health/live")).status_code == 200
    except httpx.HTTPError:
        return False


@pytest.mark.timeout(120)
async def test_killed_while_sending_nothing_is_lost_and_repeats_are_known(
    database, notifier_settings, receiver
):
    receiver.slow = 0.05
    subscription = await a_subscription(database, target=receiver.url)
    stories = [a_story(uuid7(), *[CaseProgress(note=str(n)) for n in range(10)]) for _ in range(20)]
    await happened(database, [event for events in zip(*stories, strict=True) for event in events])
    for enough in (30, 110):
        port = free_port()
        async with a_process(notifier_settings, port) as process:

            async def is_sending(enough=enough):
                return len(receiver.received) >= enough and receiver.open_now

            await until(is_sending, limit=30)
            process.send_signal(signal.SIGKILL)
            await process.wait()
        under_way = [state for state in await states_of(database, subscription) if state == "sending"]
        assert under_way, "it was killed while sending"
        # as if the lease had passed
        await all_rows(database, "update deliveries set due_at = now() where status = 'sending'")

    async def all_delivered():
        return set(await states_of(database, subscription)) == {"delivered"}

    port = free_port()
    async with a_process(notifier_settings, port):
        await until(all_delivered, limit=40)
    in_order(receiver, stories)
    ids = {(got.event["id"], got.headers["webhook-id"]) for got in receiver.received}
    assert len(ids) == 200, "each event under one id, however often it came"
    assert len(receiver.received) > 200, "something was repeated"
