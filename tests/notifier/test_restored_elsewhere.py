"""The notifier's database after a dump and a restore on another server, whose transactions begin to count anew."""

from datetime import datetime, timedelta
from functools import partial
from typing import Any

import httpx
import pytest
from uuid_utils.compat import uuid7

from contracts.facts.case import CaseProgress
from delivery.channels.timing import Timetable
from delivery.database import Database
from services.notifier import replaying
from services.notifier.mail import mail_store, reading
from services.notifier.mail.reading import RestoredMeanwhile
from services.notifier.store import feed, replays, restored
from services.notifier.store.feed import Cursor
from tests.notifier.case_facts import a_dispatch, a_story
from tests.notifier.people_told import ZONE
from tests.notifier.rows import a_subscription, all_rows, deliveries_of, happened

FAR = 10**9
_MOVED = (
    "feed set xid = xid",
    "mail_cursor set xid = xid",
    "replays set until_xid = until_xid + $1, xid = xid",
)


def story(length: int = 4) -> list[Any]:
    return a_story(uuid7(), a_dispatch(), *[CaseProgress(note=str(number)) for number in range(length - 1)])


async def move_to_another_server(database: Database) -> None:
    """As if this one's transactions had begun to count far below."""
    async with database.transaction() as connection:
        for moved in _MOVED:
            await connection.execute(f"update {moved} + $1", FAR)


async def rest(database: Database, cursor: Cursor) -> list[Any]:
    async with database.connection() as connection:
        return [line.entry.event_id for line in await feed.after(connection, cursor, 1000)]


async def test_who_reads_mail_from_the_feed_goes_on_where_it_was(database: Database) -> None:
    read_on, events = partial(reading.advance, database, Timetable(ZONE)), story()
    await read_on()
    for event in events[:2]:
        await happened(database, [event])
    assert await read_on() == 2
    await happened(database, events[2:3])
    await move_to_another_server(database)
    with pytest.raises(RestoredMeanwhile):
        await read_on()
    await restored.number_anew(database)
    await happened(database, events[3:])
    async with database.transaction() as connection:
        cursor = await mail_store.cursor(connection)
    assert cursor is not None
    assert await rest(database, cursor) == [event.event_id for event in events[2:]]
    assert await read_on() == 2
    assert await read_on() == 0


async def test_what_was_written_before_the_restart_comes_after_what_was_restored(database: Database) -> None:
    """The service was not restarted at once, and wrote on under the new server's numbers."""
    read_on, events = partial(reading.advance, database, Timetable(ZONE)), story()
    await read_on()
    await happened(database, events[:2])
    await move_to_another_server(database)
    await happened(database, events[2:])
    await restored.number_anew(database)
    assert await rest(database, Cursor(0, 0)) == [event.event_id for event in events]
    assert await read_on() == len(events)


async def test_a_replay_under_way_ends(database: Database) -> None:
    subscription, events = await a_subscription(database), story()
    await all_rows(database, "update subscriptions set status = 'paused'")
    await happened(database, events)
    before = await deliveries_of(database, subscription)
    async with database.transaction() as connection:
        await replays.begin(connection, subscription, datetime.now(ZONE) - timedelta(days=1))
    await move_to_another_server(database)
    await restored.number_anew(database)
    while await replaying.advance(database):
        pass
    assert len(await deliveries_of(database, subscription)) - len(before) == len(events)
    assert await all_rows(database, "select from replays") == []


async def test_nothing_is_numbered_anew_where_nothing_was_restored(database: Database) -> None:
    await reading.advance(database, Timetable(ZONE))
    await happened(database, story())
    before = await all_rows(database, "select xid, position from feed order by position")
    await restored.number_anew(database)
    assert await all_rows(database, "select xid, position from feed order by position") == before


async def test_a_client_of_the_stream_goes_on_where_he_was(database: Database) -> None:
    events = story()
    for event in events:
        await happened(database, [event])
    async with database.connection() as connection:
        lines = await feed.after(connection, Cursor(0, 0), 10)
        at_home = lines[1].cursor
        assert await feed.place(connection, at_home) == at_home
    await move_to_another_server(database)
    await restored.number_anew(database)
    async with database.connection() as connection:
        place = await feed.place(connection, Cursor(at_home.xid + FAR, at_home.position))
        assert place is not None
        assert await rest(database, place) == [event.event_id for event in events[2:]]


@pytest.mark.parametrize("last", [f"{FAR}-0", f"{FAR}-{FAR}"])
async def test_a_place_that_the_stream_has_not_reached_is_refused_by_name(
    client: httpx.AsyncClient, notifier: Any, agency: dict[str, str], last: str
) -> None:
    await happened(notifier.database, story())
    answer = await client.get("/v1/stream", headers=agency | {"Last-Event-ID": last})
    assert answer.status_code == 422, answer.text
    assert [error["pointer"] for error in answer.json()["errors"]] == ["/last-event-id"]
