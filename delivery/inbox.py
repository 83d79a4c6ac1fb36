"""Promise 2: once in effect. An event claimed in the transaction of its work is never worked again."""

from collections.abc import Iterable
from uuid import UUID

import sqlalchemy as sa

from delivery.database import Connection


def inbox_table(metadata: sa.MetaData) -> sa.Table:
    return sa.Table(
        "inbox",
        metadata,
        sa.Column("consumer", sa.Text, primary_key=True),
        sa.Column("event_id", sa.Uuid, primary_key=True),
        sa.Column("seen_at", sa.TIMESTAMP(timezone=True), nullable=False, server_default=sa.func.now()),
        sa.Index("inbox_by_age", "seen_at"),
    )


async def claim(connection: Connection, consumer: str, event_ids: Iterable[UUID]) -> set[UUID]:
    """Those of the events that this consumer has not worked yet; sorted, so that two replicas never deadlock."""
    rows = await connection.fetch(
        """insert into inbox (consumer, event_id) select $1, unnest($2::uuid[])
           on conflict do nothing returning event_id""",
        consumer,
        sorted(set(event_ids)),
    )
    return {row["event_id"] for row in rows}


async def forget(connection: Connection, days: int, *, most: int = 20_000) -> int:
    """Drop some of what no topic can bring again; `days` is longer than topic and dead letters keep it."""
    dropped = await connection.execute(
        """delete from inbox where ctid = any(array(
               select ctid from inbox where seen_at < now() - make_interval(days => $1) order by seen_at limit $2))""",
        days,
        most,
    )
    return int(dropped.split()[-1])
