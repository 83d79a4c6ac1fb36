"""The events of cases since a time, as they were published."""

from collections.abc import AsyncIterator
from datetime import datetime

from contracts.envelope import Message
from contracts.events import decode
from delivery.database import Connection
from services.router.cases.saving_store import message_of


async def events_since(connection: Connection, since: datetime) -> AsyncIterator[Message]:
    """Those of a case in their order."""
    rows = connection.cursor(
        "select type, body from case_events where occurred_at >= $1 order by case_version, occurred_at", since
    )
    async for row in rows:
        event = decode(row["type"], row["body"].encode())
        yield message_of(event)  # type: ignore[arg-type]  # the history holds events of cases
