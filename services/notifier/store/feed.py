"""The feed: every event once, in an order that no reader can fall behind."""

import re
from collections.abc import Sequence
from typing import NamedTuple
from uuid import UUID

import asyncpg
import orjson

from contracts.vocabulary import Privacy, Tier, Urgency
from delivery.database import Connection
from services.notifier.entry import Entry


class Cursor(NamedTuple):
    """A place in the feed; what comes after it is complete, because its lines' transactions have all ended."""

    xid: int
    position: int

    def __str__(self) -> str:
        return f"{self.xid}-{self.position}"

    @classmethod
    def parse(cls, text: str) -> "Cursor":
        """What a client gives back as Last-Event-ID; ValueError when it is none of ours."""
        found = re.fullmatch(r"(\d{1,18})-(\d{1,18})", text, re.ASCII)
        if found is None:
            raise ValueError("not an id of this stream")
        return cls(int(found[1]), int(found[2]))


_AFTER_ALL = Cursor(2**63 - 1, 0)


class Line(NamedTuple):
    cursor: Cursor
    entry: Entry


async def append(connection: Connection, entries: Sequence[Entry]) -> dict[UUID, int]:
    """Write the entries in their order; gives each event's position.

    A transaction that took its number early may have waited for one with a later number, which wrote what comes before:
    so it stands behind all lines that it sees.
    """
    # a database that was restored on another server holds numbers that this one has yet to reach
    rows = await connection.fetch(
        """with place as (
               select greatest(pg_current_xact_id()::text::bigint, max(xid)) as xid from feed
               where xid < pg_snapshot_xmax(pg_current_snapshot())::text::bigint
           )
           insert into feed (xid, event_id, event_type, schema_version, case_id, correlation_id, occurred_at,
               recorded_at, tier, grid, category, urgency, units, told, privacy, body)
           select place.xid, event_id, event_type, schema_version, case_id, correlation_id,
               occurred_at, recorded_at, tier, grid, category, urgency, units::jsonb, told::jsonb, privacy, body
           from place, unnest($1::uuid[], $2::text[], $3::int[], $4::uuid[], $5::uuid[], $6::timestamptz[],
               $7::timestamptz[], $8::text[], $9::text[], $10::text[], $11::text[], $12::text[], $13::text[],
               $14::text[], $15::bytea[]) with ordinality
               as entries (event_id, event_type, schema_version, case_id, correlation_id, occurred_at, recorded_at,
               tier, grid, category, urgency, units, told, privacy, body, number)
           order by number
           returning event_id, position""",
        *_columns(entries),
    )
    return {row["event_id"]: row["position"] for row in rows}


def _columns(entries: Sequence[Entry]) -> tuple[list[object], ...]:
    return (
        [entry.event_id for entry in entries],
        [entry.event_type for entry in entries],
        [entry.schema_version for entry in entries],
        [entry.case_id for entry in entries],
        [entry.correlation_id for entry in entries],
        [entry.occurred_at for entry in entries],
        [entry.recorded_at for entry in entries],
        [entry.tier for entry in entries],
        [entry.grid for entry in entries],
        [entry.category for entry in entries],
        [entry.urgency for entry in entries],
        [orjson.dumps(sorted(entry.units)).decode() for entry in entries],
        [orjson.dumps(sorted(entry.told)).decode() for entry in entries],
        [entry.privacy for entry in entries],
        [entry.body for entry in entries],
    )


async def end(connection: Connection) -> Cursor:
    """Before every line that is not complete yet."""
    xid = await connection.fetchval("select pg_snapshot_xmin(pg_current_snapshot())::text::bigint")
    return Cursor(xid, 0)


async def place(connection: Connection, cursor: Cursor) -> Cursor | None:
    """Where a reader goes on who came so far. One who has numbers of another server, on which this database lived
    before, goes on by position; None: no line is known by which he could."""
    if cursor.xid <= (await end(connection)).xid:
        return cursor
    row = await connection.fetchrow(
        """select xid, position from feed where $1 > 0 and position <= $1
               and $1 <= (select max(position) from feed) order by position desc limit 1""",
        cursor.position,
    )
    return None if row is None else Cursor(row["xid"], row["position"])


async def after(connection: Connection, cursor: Cursor, limit: int) -> list[Line]:
    """The next complete lines.

    A transaction that took its number early may commit late: a line is shown only when no transaction with a
    smaller number can still add one before it.
    """
    rows = await connection.fetch(
        f"""select {COLUMNS} from feed f left join involved i using (case_id)
           where (f.xid, f.position) > ($1::bigint, $2::bigint)
             and f.xid < pg_snapshot_xmin(pg_current_snapshot())::text::bigint
           order by f.xid, f.position limit $3""",  # noqa: S608  # the columns below
        *cursor,
        limit,
    )
    return [Line(Cursor(row["xid"], row["position"]), entry_from(row)) for row in rows]


async def newest(connection: Connection, *, before: Cursor | None, limit: int) -> list[Line]:
    """Newest first, for whoever looks back: what is just being written may still come to stand among them."""
    rows = await connection.fetch(
        f"""select {COLUMNS} from feed f left join involved i using (case_id)
           where (f.xid, f.position) < ($1::bigint, $2::bigint)
           order by f.xid desc, f.position desc limit $3""",  # noqa: S608  # the columns below
        *(before or _AFTER_ALL),
        limit,
    )
    return [Line(Cursor(row["xid"], row["position"]), entry_from(row)) for row in rows]


# a case may have become confidential since the line was written: what is known now counts
COLUMNS = """f.xid, f.position, f.event_id, f.event_type, f.schema_version, f.case_id, f.correlation_id,
    f.occurred_at, f.recorded_at, f.tier, f.grid, f.category, f.urgency, f.units, f.told, f.body,
    coalesce(i.privacy, f.privacy) as privacy"""


def entry_from(row: asyncpg.Record) -> Entry:
    return Entry(
        event_id=row["event_id"],
        event_type=row["event_type"],
        schema_version=row["schema_version"],
        case_id=row["case_id"],
        correlation_id=row["correlation_id"],
        occurred_at=row["occurred_at"],
        recorded_at=row["recorded_at"],
        tier=Tier(row["tier"]) if row["tier"] else None,
        grid=row["grid"],
        category=row["category"],
        urgency=Urgency(row["urgency"]) if row["urgency"] else None,
        units=frozenset(row["units"]),
        told=frozenset(row["told"]),
        privacy=Privacy(row["privacy"]) if row["privacy"] else None,
        body=row["body"],
    )


async def forget(connection: Connection, days: int, limit: int) -> int:
    """Drop the oldest lines beyond `days`, but none that somebody is still to receive; gives their number."""
    dropped = await connection.fetch(
        """delete from feed where position in (
               select f.position from feed f
               where f.recorded_at < now() - make_interval(days => $1) and not exists (
                   select from deliveries d where d.position = f.position and d.ended_at is null)
               order by f.recorded_at limit $2)
           returning position""",
        days,
        limit,
    )
    return len(dropped)
