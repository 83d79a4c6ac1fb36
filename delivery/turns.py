"""Two replicas can meet in one case: while its partition changes hands, or where one case says something of another."""

from collections.abc import Collection
from uuid import UUID

from delivery.database import Connection


async def take_turns(connection: Connection, cases: Collection[UUID]) -> None:
    """Whoever else works facts of these cases is waited for until he has committed."""
    # in one order, so that no two batches wait for each other
    await connection.execute(
        """select pg_advisory_xact_lock(key) from (
               select distinct hashtextextended(id::text, 0) as key from unnest($1::uuid[]) as id order by key
           ) as keys""",
        list(cases),
    )
