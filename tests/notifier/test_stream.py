"""The live stream, over a real socket."""

import asyncio
import re
import time
from contextlib import AsyncExitStack, suppress
from functools import partial

import httpx
import pytest
from aiokafka import AIOKafkaProducer
from prometheus_client import REGISTRY
from uuid_utils.compat import uuid7

from contracts import topics
from contracts.envelope import to_message
from contracts.facts.case import CaseProgress
from contracts.facts.closing import CaseClosed
from contracts.vocabulary import Privacy
from services.notifier import stream_api, tail
from services.notifier.app import create_service
from services.notifier.filter import Filter
from services.notifier.handlers import on_case_events
from services.notifier.reader import Reader
from services.notifier.store.feed import Cursor
from tests.notifier.case_facts import WRITTEN, a_dispatch, a_story, an_event
from tests.notifier.listener import listening
from tests.notifier.rows import happened
from tests.notifier.served import serving
from tests.waiting import until


async def test_a_stream_begins_now_and_gives_what_happens_as_cloudevents(notifier, client, agency):
    before, first, second = (an_event(a_dispatch()) for _ in range(3))
    await happened(notifier.database, [before])
    async with listening(client, agency) as listener:
        await happened(notifier.database, [first])
        await happened(notifier.database, [second])
        await listener.has(first, second)
    assert listener.events[0]["type"] == "case.dispatched"
    assert listener.events[0]["data"]["data"]["lead"] == "LIGHTS"


async def test_a_stream_is_resumed_where_it_broke_off(notifier, client, agency):
    events = [an_event(a_dispatch()) for _ in range(6)]
    async with listening(client, agency) as listener:
        await happened(notifier.database, events[:2])
        await listener.has(*events[:2])
    for event in events[2:5]:
        await happened(notifier.database, [event])
    async with listening(client, agency | {"Last-Event-ID": listener.last_id}) as again:
        await happened(notifier.database, events[5:])
        await again.has(*events[2:])
    async with listening(client, agency, {"last_event_id": listener.last_id}) as third:
        await third.has(*events[2:])


async def test_a_stream_does_not_skip_what_is_committed_late(notifier, client, agency):
    early, late = an_event(a_dispatch()), an_event(a_dispatch())
    async with listening(client, agency) as listener:
        async with notifier.database.connection() as slow, slow.transaction():
            await on_case_events(slow, [early])
            await happened(notifier.database, [late])
            await asyncio.sleep(0.3)  # several polls, in which a wrong reader would have taken the later line
            assert listener.ids == []
        await listener.has(early, late)


async def test_a_stream_is_filtered_by_query_and_by_a_stored_subscription(
    notifier, client, agency, other_agency
):
    stored = await client.post(
        "/v1/subscriptions",
        json={"name": "s", "channel": "stream", "filter": {"units": ["LIGHTS"]}},
        headers=agency,
    )
    ours, closed = a_story(uuid7(), a_dispatch(), CaseClosed())
    theirs = an_event(a_dispatch(lead="WATER"))
    both = {"subscription": stored.json()["id"], "event_types": ["case.dispatched", "case.signed"]}
    async with (
        listening(client, agency, both) as narrow,
        listening(client, other_agency, {"units": "WATER"}) as water,
    ):
        await happened(notifier.database, [ours, closed, theirs])
        await narrow.has(ours)
        await water.has(theirs)


async def test_wrong_stream_parameters_are_refused(client, agency):
    for params in (
        {"tiers": "village"},
        {"colour": "red"},
        {"subscription": "x"},
        {"last_event_id": "x"},
        {"units": "A\x00"},
    ):
        answer = await client.get("/v1/stream", params=params, headers=agency)
        assert answer.status_code == 422, params
    assert (
        await client.get("/v1/stream", headers=agency | {"Last-Event-ID": "yesterday"})
    ).status_code == 422


async def test_a_protected_case_is_streamed_without_its_text(notifier, client, agency):
    sealed, opened = an_event(a_dispatch(privacy=Privacy.CONFIDENTIAL)), an_event(a_dispatch())
    async with listening(client, agency) as listener:
        await happened(notifier.database, [sealed, opened])
        await listener.has(sealed, opened)
    texts = [event["data"]["data"].get("text") for event in listener.events]
    assert texts == [None, WRITTEN]


async def test_heartbeats_move_the_place_past_what_was_filtered_out(notifier, client, agency, monkeypatch):
    monkeypatch.setattr(stream_api, "HEARTBEAT_SECONDS", 0.2)
    async with listening(client, agency, {"units": "WATER"}) as listener:
        began = Cursor.parse(listener.last_id)
        await happened(notifier.database, [an_event(a_dispatch())])

        async def moved():
            return Cursor.parse(listener.last_id) > began

        await until(moved)
    assert listener.events == []


async def test_who_takes_slower_than_it_comes_is_sent_back_to_the_database_and_misses_nothing(
    database, monkeypatch
):
    monkeypatch.setattr(tail, "MOST_WAITING", 3)
    end = tail.Tail(database)
    database.after_commit = end.wake
    task = asyncio.create_task(end.run())
    events = [an_event(CaseProgress(note=str(number))) for number in range(12)]
    everything = Reader(None, ())
    with (
        end.listening(everything, await end.newest()) as slow,
        end.listening(everything, await end.newest()) as quick,
    ):
        for listener in (slow, quick):
            await until(partial(_goes_live, listener))
        seen_quick, seen_slow = b"", b""
        for number, event in enumerate(events, 1):
            await happened(database, [event])
            while seen_quick.count(b"data:") < number:
                seen_quick += await quick.next(patience=5)
        assert not slow.live
        while seen_slow.count(b"data:") < len(events):
            seen_slow += await slow.next(patience=5)
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task
    assert seen_quick == seen_slow
    ids = re.findall(rb'"id":"([^"]+)","source"', seen_slow)
    assert ids == [str(event.event_id).encode() for event in events]


async def _goes_live(listener):
    await listener.next(patience=0.01)
    return listener.live


async def test_each_client_is_woken_by_what_he_wants_alone_and_his_place_moves_on(database):
    end = tail.Tail(database)
    database.after_commit = end.wake
    task = asyncio.create_task(end.run())
    began = await end.newest()
    water = Reader(None, (Filter(units=("WATER",)),))
    lights = Reader(None, (Filter(units=("LIGHTS",)),))
    with end.listening(water, began) as one, end.listening(lights, began) as other:
        for listener in (one, other):
            await until(partial(_goes_live, listener))
        await happened(database, [an_event(a_dispatch()), an_event(a_dispatch())])
        assert (await other.next(patience=5)).count(b"data:") == 2
        assert not one._wake.is_set()
        assert await one.next(patience=0.01) == b""
        assert one.place >= other.place > began
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task


async def test_after_an_idle_time_the_tail_begins_anew_without_a_gap(notifier, client, agency):
    first, second, third = (an_event(a_dispatch()) for _ in range(3))
    async with listening(client, agency) as listener:
        await happened(notifier.database, [first])
        await listener.has(first)

    async def nobody_listens():
        return not notifier.app.state.tail._listeners

    await until(nobody_listens)
    await happened(notifier.database, [second])
    async with listening(client, agency | {"Last-Event-ID": listener.last_id}) as again:
        await happened(notifier.database, [third])
        await again.has(second, third)


async def test_a_stop_ends_open_streams_at_once(notifier, agency):
    async with AsyncExitStack() as stays_open:
        async with serving(notifier) as client:
            other = await stays_open.enter_async_context(httpx.AsyncClient(base_url=client.base_url))
            response = await stays_open.enter_async_context(other.stream("GET", "/v1/stream", headers=agency))
            assert response.status_code == 200
            began = time.monotonic()
        assert time.monotonic() - began < 8


@pytest.mark.timeout(60)
async def test_an_event_on_kafka_reaches_webhook_and_stream_and_is_accounted_for(
    notifier_settings, create_database, agency, receiver
):
    await create_database("notifier")
    event = an_event(a_dispatch())
    before = counted()
    async with serving(create_service(notifier_settings)) as client:
        wanted = {"name": "n", "channel": "webhook", "target": {"url": receiver.url}}
        made = await client.post("/v1/subscriptions", json=wanted, headers=agency)
        async with listening(client, agency) as listener:
            message = to_message(topics.CASES.name, "router", event)
            producer = AIOKafkaProducer(bootstrap_servers=notifier_settings.kafka)
            await producer.start()
            await producer.send_and_wait(
                notifier_settings.namespace + message.topic,
                message.value,
                key=message.key,
                headers=message.headers,
            )
            await producer.stop()
            await listener.has(event, seconds=30)
            assert counted()["casegrid_stream_clients"] == before["casegrid_stream_clients"] + 1

        async def delivered():
            log = await client.get(f"/v1/subscriptions/{made.json()['id']}/deliveries", headers=agency)
            return [item["status"] for item in log.json()["items"]] == ["delivered"]

        await until(delivered)
        assert (await client.get("/health/ready")).status_code == 200
        metrics = (await client.get("/metrics")).text
    assert [got.event["id"] for got in receiver.received] == [str(event.event_id)]
    assert 'casegrid_deliveries_open{status="created"} 0.0' in metrics
    assert counted() == {name: value + (name != "casegrid_stream_clients") for name, value in before.items()}


def counted():
    """This process's counts, which other tests may have moved before."""
    labels = {"casegrid_deliveries_total": {"outcome": "delivered"}}
    names = (*labels, "casegrid_delivery_seconds_count", "casegrid_stream_clients")
    return {name: REGISTRY.get_sample_value(name, labels.get(name, {})) or 0 for name in names}
