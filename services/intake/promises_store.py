"""Until when each case is to be done: a promise holds as long as the clock of its handling runs."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from contracts.envelope import CaseEnvelope
from contracts.vocabulary import Clock
from delivery.database import Connection


async def keep(connection: Connection, events: Sequence[CaseEnvelope[Any]]) -> None:
    """In whatever order they come; a clock that stands still, or was stopped, promises nothing."""
    last: dict[UUID, tuple[int, datetime | None]] = {}
    for event in events:
        said = last.get(event.case_id)
        for change in event.clocks:
            if change.name is Clock.HANDLE and (said is None or event.case_version > said[0]):
                last[event.case_id] = (event.case_version, change.limit_at)
    if last:
        await connection.execute(
            """insert into promises (case_id, case_version, expected_by)
               select * from unnest($1::uuid[], $2::int[], $3::timestamptz[])
               on conflict (case_id) do update
               set case_version = excluded.case_version, expected_by = excluded.expected_by
               where promises.case_version < excluded.case_version""",
            list(last),
            [version for version, _ in last.values()],
            [expected_by for _, expected_by in last.values()],
        )


async def find(connection: Connection, receipt_no: str) -> datetime | None:
    """Of the case that answers for the report: once that is merged, its master."""
    promised: datetime | None = await connection.fetchval(
        """select p.expected_by from reports r left join joined j using (case_id)
           join promises p on p.case_id = coalesce(j.master, r.case_id) where r.receipt_no = $1""",
        receipt_no,
    )
    return promised
