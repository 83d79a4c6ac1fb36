"""A replica that is frozen, or whose host is gone, closes no connection: what it holds passes on all the same."""

from collections.abc import Awaitable
from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from delivery import inbox, outbox
from delivery.database import OUTAGES, SESSION, Database
from delivery.settings import ServiceSettings
from tests.delivery.tiny_service import a_reminder, relaying
from tests.delivery.wire import Wire
from tests.waiting import until


async def test_the_right_to_send_passes_on(
    settings: ServiceSettings, wire: Wire, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outbox, "SILENT_SECONDS", 1)
    message = a_reminder()
    await wire.create(message.topic)
    async with outbox._session(database.url) as frozen:
        await frozen.execute("select pg_advisory_lock($1)", outbox._LOCK)
        async with database.transaction() as connection:
            await outbox.add(connection, [message])
        async with relaying(settings, database.url) as relay:
            await until(lambda: relay.sent == 1)


async def test_who_sends_may_be_silent_for_as_long_as_sending_takes(database: Database) -> None:
    async with outbox._session(database.url) as session:
        allowed = await session.fetchval("select current_setting('idle_session_timeout')::interval")
    assert allowed > timedelta(seconds=outbox.SEND_SECONDS)


async def test_what_it_had_claimed_is_worked_by_another(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(SESSION, "idle_in_transaction_session_timeout", "1s")
    frozen = Database(database.url, size=1)
    await frozen.open()
    event = uuid4()
    with pytest.raises(OUTAGES):  # the same work succeeds later
        await _claim_and_freeze(frozen, event, until=_claimed_by_another(database, event))
    await frozen.close()


async def _claim_and_freeze(database: Database, event: UUID, *, until: Awaitable[None]) -> None:
    async with database.transaction() as connection:
        await inbox.claim(connection, "tiny", [event])
        await until
        await connection.fetchval("select 1")


async def _claimed_by_another(database: Database, event: UUID) -> None:
    async with database.transaction() as connection:
        assert await inbox.claim(connection, "tiny", [event]) == {event}, "he waits, and gets it"


async def test_nobody_holds_for_ever_what_others_wait_for(database: Database) -> None:
    async with database.connection() as connection:
        allowed = await connection.fetchval(
            "select current_setting('idle_in_transaction_session_timeout')::interval"
        )
    assert timedelta() < allowed <= timedelta(minutes=5)
