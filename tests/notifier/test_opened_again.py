"""A sealed case whose level is lowered: what was written meanwhile is told bare, and holds nobody up."""

from datetime import UTC, datetime, timedelta
from functools import partial

import pytest
from uuid_utils.compat import uuid7

from contracts.facts.case import CasePrivacyChanged, CaseProgress
from contracts.vocabulary import Privacy
from delivery.channels.timing import Timetable
from services.notifier.mail import reading
from services.notifier.store.feed import Cursor
from tests.notifier.case_facts import a_dispatch, a_story, an_event
from tests.notifier.delivering import ended
from tests.notifier.listener import listening
from tests.notifier.people_told import ZONE
from tests.notifier.rows import a_subscription, all_rows, happened, replayed
from tests.notifier.subscribing import tried

BARE, WHOLE = False, True
TOLD = [("case.dispatched", BARE), ("case.progress", BARE), ("case.privacy_changed", WHOLE)]
LOWERED = [Privacy.CONFIDENTIAL, Privacy.RESTRICTED, Privacy.OPEN]


def as_told(events):
    return [(event["type"], "data" in event["data"]) for event in events]


async def sealed_and_lowered(database, after):
    """A case of which LIGHTS acts and TOWN-1 is told."""
    case_id = uuid7()
    sealed = a_story(case_id, a_dispatch(privacy=Privacy.SEALED), CaseProgress(note="x"))
    lowered = CasePrivacyChanged(before=Privacy.SEALED, after=after)
    events = [*sealed, an_event(lowered, case_id=case_id, case_version=3)]
    await happened(database, events[:2])
    await happened(database, events[2:])
    return events


@pytest.mark.parametrize("after", LOWERED)
async def test_a_stream_is_resumed_and_a_filter_tried(notifier, client, agency, admin, token, after):
    events = await sealed_and_lowered(notifier.database, after)
    told = {"Authorization": f"Bearer {token('agency', unit='TOWN-1')}"}
    for headers in (agency, admin, told):
        async with listening(client, headers, {"last_event_id": str(Cursor(0, 0))}) as listener:
            await listener.has(*events)
        assert as_told(listener.events) == TOLD
        shown = (await tried(client, headers))["items"]
        assert as_told(item["event"] for item in reversed(shown)) == TOLD


@pytest.mark.parametrize("owner", ["LIGHTS", "TOWN-1", None])
@pytest.mark.parametrize("after", LOWERED)
async def test_a_replay_is_sent_and_ends(database, deliverer, receiver, after, owner):
    await sealed_and_lowered(database, after)
    subscription = await a_subscription(database, target=receiver.url, owner=owner)
    await replayed(database, subscription, datetime.now(UTC) - timedelta(hours=1))
    await ended(database, subscription, *["delivered"] * 3)
    assert as_told(got.event for got in receiver.received) == TOLD


@pytest.mark.parametrize("after", LOWERED)
async def test_what_waited_while_it_was_sealed_is_sent(database, deliverer, receiver, after):
    subscription = await a_subscription(database, target=receiver.url, owner="LIGHTS")
    await all_rows(database, "update subscriptions set status = 'paused'")
    await sealed_and_lowered(database, after)
    await all_rows(database, "update subscriptions set status = 'active'")
    await ended(database, subscription, *["delivered"] * 3)
    assert as_told(got.event for got in receiver.received) == TOLD


@pytest.mark.parametrize("after", LOWERED)
async def test_the_mail_of_the_feed_reads_on(database, after):
    read_on = partial(reading.advance, database, Timetable(ZONE))
    await read_on()
    await sealed_and_lowered(database, after)
    assert await read_on() == 3
