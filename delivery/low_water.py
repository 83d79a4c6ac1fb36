"""Where the relay begins to read: below the low water of the outbox nothing is left, and nothing can come any more."""

import time
from collections.abc import Sequence
from dataclasses import dataclass

import asyncpg

LOOK_SECONDS = 1.0
# in this order: who got one of these ids began to write before, and is older than `following`. That is a number of our
# own: a snapshot ends after the last that has completed, and a writer that nobody has overtaken yet stands outside
_GIVEN = "select case when is_called then last_value else 0 end from outbox_id_seq"
_WRITERS = """select pg_snapshot_xmin(pg_current_snapshot())::text::bigint as oldest,
    pg_current_xact_id()::text::bigint as following"""


@dataclass
class LowWater:
    """What is deleted stays in the index while any transaction can see it: while a backup reads, every round would walk
    over all that was ever sent since it began.

    A row may be committed after others with higher ids, and must not be missed, or its case's order would break. So an
    id is below only when every transaction has ended that began to write before the id was given, and the rows that
    were visible then have been read. Who inserts begins to write before he gets an id: `outbox.WRITES`.
    """

    at: int = 0
    _settled: int = 0  # of the ids up to here every row that will ever be can be seen
    _given: int = 0
    _following: int | None = None  # transactions from here on began after those ids were given
    _next_look: float = 0.0

    async def look(self, session: asyncpg.Connection) -> None:
        """Before a reading, once a second."""
        if time.monotonic() < self._next_look:
            return
        given = await session.fetchval(_GIVEN)
        writers = await session.fetchrow(_WRITERS)
        if self._following is not None and writers["oldest"] >= self._following:
            self._settled, self._following = self._given, None
        if self._following is None:
            self._given, self._following = given, writers["following"]
        self._next_look = time.monotonic() + LOOK_SECONDS

    def rise(self, read: Sequence[int], *, all_of_it: bool) -> None:
        """After a reading that began here: `read` are the ids that it gave, in order."""
        if all_of_it:
            self.at = max(self.at, self._settled)
        elif read:
            self.at = max(self.at, min(self._settled, read[-1]))
