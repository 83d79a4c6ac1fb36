"""What a restored database does not know of what Kafka holds."""

from collections.abc import Collection
from uuid import UUID

from delivery.database import Connection


async def versions_of(connection: Connection, case_ids: Collection[UUID]) -> dict[UUID, int]:
    rows = await connection.fetch(
        "select case_id, version from cases where case_id = any($1::uuid[])", [*case_ids]
    )
    return {row["case_id"]: row["version"] for row in rows}


async def worked_among(connection: Connection, consumer: str, event_ids: Collection[UUID]) -> set[UUID]:
    rows = await connection.fetch(
        "select event_id from inbox where consumer = $1 and event_id = any($2::uuid[])",
        consumer,
        [*event_ids],
    )
    return {row["event_id"] for row in rows}
