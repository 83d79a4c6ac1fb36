"""The reports since a time, as they left."""

from collections.abc import AsyncIterator
from datetime import datetime

import orjson

from contracts.envelope import Message, to_message
from contracts.events import decode
from contracts.topics import REPORTS
from delivery.database import Connection


async def reports_since(connection: Connection, since: datetime) -> AsyncIterator[Message]:
    rows = connection.cursor(
        """select envelope, body from reports where accepted_at >= $1 and envelope is not null
           order by accepted_at""",
        since,
    )
    async for row in rows:
        envelope = row["envelope"]
        event = decode(envelope["type"], orjson.dumps(envelope | {"data": row["body"]}))
        yield to_message(REPORTS.name, "intake", event)
