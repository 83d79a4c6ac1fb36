"""Whoever asks for what is new once more has that read, not the feed from its oldest line."""

from datetime import UTC, datetime, timedelta

import pytest
from uuid_utils.compat import uuid7

from delivery.database import Connection, Database
from services.notifier.store import replays
from tests.notifier.kept_rows import ROWS, fill, pages_read

FEW = 60


@pytest.mark.parametrize("age", [timedelta(seconds=20), timedelta(days=30)])
async def test_a_replay_begins_with_few_pages(database: Database, age: timedelta) -> None:
    """One line a second, the newest last."""
    recorded_at = f"now() - make_interval(secs => {ROWS} - n)"
    async with database.connection() as connection:
        await fill(connection, "feed", xid="n", recorded_at=recorded_at)
        await connection.execute("vacuum analyze feed")

        async def begin(on: Connection) -> None:
            assert await replays.begin(on, uuid7(), datetime.now(UTC) - age)

        await begin(connection)  # planned
        assert await pages_read(connection, begin) < FEW
        first = await connection.fetchval("select max(xid) from replays")
        assert (first > ROWS - 60) if age < timedelta(days=1) else first == 1
