"""The feed's order, its end, and what goes on in it by itself."""

from datetime import UTC, datetime, timedelta

import pytest
from uuid_utils.compat import uuid7

from contracts.facts.case import CaseProgress
from contracts.facts.closing import CaseClosed
from services.notifier import housekeeping, replaying
from services.notifier.handlers import on_case_events
from services.notifier.store import feed, replays
from services.notifier.store.feed import Cursor
from tests.notifier.case_facts import a_dispatch, a_story, an_event
from tests.notifier.rows import a_subscription, all_rows, deliveries_of, happened, replayed


async def read_from(database, cursor):
    async with database.connection() as connection:
        return await feed.after(connection, cursor, 1000)


async def test_a_line_that_is_committed_late_is_not_skipped(database):
    """Its number is the smaller one: a reader that went by numbers alone would have passed it."""
    early, late = an_event(a_dispatch()), an_event(a_dispatch())
    async with database.connection() as slow, slow.transaction():
        await on_case_events(slow, [early])
        await happened(database, [late])
        assert len(await all_rows(database, "select 1 from feed")) == 1
        before = await read_from(database, Cursor(0, 0))
    assert before == []
    after = await read_from(database, Cursor(0, 0))
    assert [line.entry.event_id for line in after] == [early.event_id, late.event_id]


async def test_who_begins_at_the_end_misses_nothing_that_was_under_way(database):
    await happened(database, [an_event(a_dispatch())])
    under_way = an_event(a_dispatch())
    async with database.connection() as slow, slow.transaction():
        await on_case_events(slow, [under_way])
        async with database.connection() as connection:
            cursor = await feed.end(connection)
    assert [line.entry.event_id for line in await read_from(database, cursor)] == [under_way.event_id]


async def test_reading_page_by_page_gives_every_line_once(database):
    events = [an_event(CaseProgress(note=str(number))) for number in range(25)]
    for start in range(0, 25, 4):
        await happened(database, events[start : start + 4])
    cursor, seen = Cursor(0, 0), []
    async with database.connection() as connection:
        while page := await feed.after(connection, cursor, 3):
            cursor = page[-1].cursor
            seen += [line.entry.event_id for line in page]
    assert seen == [event.event_id for event in events]


@pytest.mark.parametrize("text", ["", "1", "1-", "-1", "a-b", "1-2-3", "1-2\n", "٣-٣", "9" * 30 + "-1"])
def test_a_place_that_is_none_is_refused(text):
    with pytest.raises(ValueError, match="not an id"):
        Cursor.parse(text)


def test_a_place_survives_being_written_down():
    assert Cursor.parse(str(Cursor(12, 34))) == Cursor(12, 34)


async def test_old_lines_go_but_not_those_still_to_be_received(database, notifier_settings):
    old = {"recorded_at": datetime.now(UTC) - timedelta(days=40)}
    await happened(database, [an_event(a_dispatch(), **old)])
    await a_subscription(database)
    kept, fresh = an_event(a_dispatch(), **old), an_event(a_dispatch())
    await happened(database, [kept, fresh])
    await housekeeping.forget(database, notifier_settings)
    left = [
        row["event_id"] for row in await all_rows(database, "select event_id from feed order by position")
    ]
    assert left == [kept.event_id, fresh.event_id]


async def test_the_log_goes_with_its_attempts_when_its_time_is_over(database, notifier_settings):
    subscription = await a_subscription(database)
    await happened(database, a_story(uuid7(), a_dispatch(), CaseClosed()))
    (first, _) = await deliveries_of(database, subscription)
    await all_rows(
        database,
        "update deliveries set status = 'delivered', ended_at = now() - interval '91 days' where id = $1",
        first["id"],
    )
    await all_rows(database, "insert into attempts values ($1, 1, now(), 0.1, 204, null)", first["id"])
    await housekeeping.forget(database, notifier_settings)
    assert len(await deliveries_of(database, subscription)) == 1
    assert await all_rows(database, "select 1 from attempts") == []


async def test_a_replay_makes_new_deliveries_of_what_matches_since_then_in_order(database):
    now = datetime.now(UTC)
    before = [an_event(a_dispatch(), recorded_at=now - timedelta(hours=2))]
    since = [an_event(a_dispatch(), recorded_at=now - timedelta(minutes=number)) for number in (9, 8, 7)]
    await happened(database, [*before, *since, an_event(CaseProgress(note="x"))])
    subscription = await a_subscription(database, filter={"event_types": ["case.dispatched"]})
    again = await replayed(database, subscription, now - timedelta(hours=1))
    assert [row["event_id"] for row in again] == [event.event_id for event in since]
    twice = await replayed(database, subscription, now - timedelta(hours=1))
    assert len(twice) == 6
    assert len({row["id"] for row in twice}) == 6


async def test_a_replay_goes_on_after_a_page_and_leaves_what_is_new_alone(database, monkeypatch):
    monkeypatch.setattr("services.notifier.replaying.PAGE", 2)
    subscription = await a_subscription(database, filter={"units": ["LIGHTS"]})
    old = [an_event(a_dispatch()) for _ in range(5)]
    await happened(database, old)
    async with database.transaction() as connection:
        assert await replays.begin(connection, subscription, datetime.now(UTC) - timedelta(hours=1))
        assert not await replays.begin(connection, subscription, datetime.now(UTC))
    await happened(database, [an_event(a_dispatch())])
    while await replaying.advance(database):  # each page by another worker
        pass
    rows = await deliveries_of(database, subscription)
    assert [row["cause"] for row in rows] == ["event"] * 6 + ["replay"] * 5
    assert [row["event_id"] for row in rows[6:]] == [event.event_id for event in old]


async def test_a_replay_of_a_subscription_that_is_gone_ends(database):
    subscription = await a_subscription(database)
    await happened(database, [an_event(a_dispatch())])
    async with database.transaction() as connection:
        await replays.begin(connection, subscription, datetime.now(UTC) - timedelta(hours=1))
        await connection.execute("update subscriptions set status = 'deleted'")
    await replaying.advance(database)
    assert await all_rows(database, "select 1 from replays") == []
    assert [row["cause"] for row in await deliveries_of(database, subscription)] == ["event"]
