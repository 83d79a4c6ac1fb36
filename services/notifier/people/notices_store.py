"""SQL of notices: written with the fact that asks for them, claimed when due, ended, repeated, stopped."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import asyncpg
import orjson

from contracts.vocabulary import Medium, NoticeStatus
from delivery.channels.ended import AS_ENDED, AS_TRIED, Ended, columns_of
from delivery.database import Connection
from services.notifier.people.parties import TOLD_ONLY, WORKS, Post
from services.notifier.people.telling import NewNotice
from services.notifier.people.told import BESIDE
from services.notifier.store.by_status import OPEN, narrowed

_ONE_CLAIMS = 0x7E11E2
DIGEST_LINES = 500  # a bound to what is claimed and recorded in one go; the rest is the next digest
_AFTER_ALL = UUID(int=2**128 - 1)
# what is on its way is marked: `record` lets nothing follow it, nor is it tried again where its sender died
OVERTAKEN = """overtaken = true, status = case status when 'sending' then status else 'stopped' end,
    ended_at = case status when 'sending' then ended_at else now() end"""


async def add(connection: Connection, notices: Sequence[tuple[UUID, NewNotice]]) -> list[asyncpg.Record]:
    """Once per event, unit and medium, however often the event comes; gives those that end with nobody to tell."""
    rows: list[asyncpg.Record] = await connection.fetch(
        """insert into notices (id, event_id, event_type, case_id, correlation_id, unit, post, kind, urgency, rank,
               medium, number, digest, every, about, first_due_at, due_at, status, ended_at)
           select n.*, n.due_at, case when n.medium = 'none' then 'no-contact' else 'waiting' end,
               case when n.medium = 'none' then now() end
           from (select id, event_id, event_type, case_id, correlation_id, unit, post, kind, urgency, rank, medium,
                     number, digest, every, about::jsonb, due_at
                 from unnest($1::uuid[], $2::uuid[], $3::text[], $4::uuid[], $5::uuid[], $6::text[], $7::text[],
                     $8::text[], $9::text[], $10::int[], $11::text[], $12::int[], $13::bool[], $14::interval[],
                     $15::text[], $16::timestamptz[])
                     as given (id, event_id, event_type, case_id, correlation_id, unit, post, kind, urgency, rank,
                         medium, number, digest, every, about, due_at)) n
           on conflict do nothing
           returning medium, urgency, status, ended_at""",
        *_columns(notices),
    )
    return [row for row in rows if row["ended_at"] is not None]


def _columns(notices: Sequence[tuple[UUID, NewNotice]]) -> list[list[Any]]:
    rows = [
        (
            notice_id,
            new.event_id,
            new.event_type,
            new.case_id,
            new.correlation_id,
            new.unit,
            new.post,
            new.kind,
            new.urgency,
            new.urgency.level,
            new.medium or "none",
            new.number,
            new.digest,
            new.every,
            orjson.dumps(new.about or {}).decode(),
            new.due_at,
        )
        for notice_id, new in notices
    ]
    return [list(column) for column in zip(*rows, strict=True)]


async def stop_repeating(connection: Connection, case_ids: Collection[UUID]) -> list[asyncpg.Record]:
    """Somebody answers now: what would have come again does not; first notices still go out, and so does what came in
    their place to others than him, whom none has reached. Gives what ended."""
    # a reminder that was written with the first notice stands in its place only once that has ended
    rows: list[asyncpg.Record] = await connection.fetch(
        f"""update notices n set {OVERTAKEN}
           where ended_at is null and case_id = any($1::uuid[]) and number > 1 and (
               post = '{Post.LEAD}' or exists (
                   select from notices former where former.event_id = n.event_id and former.unit = n.unit
                     and (former.status = '{NoticeStatus.DELIVERED}' or former.medium = n.medium
                       and former.number < n.number and former.ended_at is null)))
           returning medium, urgency, status, ended_at""",  # noqa: S608  # our own words
        list(case_ids),
    )
    return [row for row in rows if row["ended_at"] is not None]


async def supersede(
    connection: Connection, case_id: UUID, event_id: UUID, units: Collection[str] | None
) -> list[asyncpg.Record]:
    """A newer order takes the place of the older ones, first notices included; `units` None: of every unit. Gives what
    ended."""
    rows: list[asyncpg.Record] = await connection.fetch(
        f"""update notices set {OVERTAKEN}
           where ended_at is null and case_id = $1 and event_id <> $2 and kind = 'order'
             and ($3::text[] is null or unit = any($3))
           returning medium, urgency, status, ended_at""",  # noqa: S608  # our own words
        case_id,
        event_id,
        None if units is None else list(units),
    )
    return [row for row in rows if row["ended_at"] is not None]


# its reminder has come, or comes now: after that a first notice would be no news
_REMINDED = f"""exists (
    select from notices later
    where later.event_id = n.event_id and later.unit = n.unit and later.medium = n.medium and later.number > n.number
      and later.first_due_at > n.first_due_at and later.first_due_at <= $1::timestamptz
      and (later.ended_at is null or later.status = '{NoticeStatus.DELIVERED}'))"""


async def claim(
    connection: Connection, *, now: datetime, room: Mapping[Medium, int], lease: timedelta
) -> list[asyncpg.Record]:
    """Take what is due, the most urgent first, as many of each medium as there is room for, for the length of the
    lease; with the contact and the level as they stand now.

    Asked by rank, so that a morning's digests that are not due yet are not walked through each time. A unit's digest is
    taken beyond the limit, up to its own, and one that was tried before; its lines are due together, and `letter` keeps
    them apart from what came since, which whoever knows the digest by its id would not see. One replica claims at a
    time; call it in a transaction of its own.
    """
    await connection.execute("select pg_advisory_xact_lock($1)", _ONE_CLAIMS)
    rows: list[asyncpg.Record] = await connection.fetch(
        f"""with chosen as materialized (
               select by_medium.id from unnest($2::text[], $4::int[]) as way (medium, room)
               cross join lateral (
                   select due.id from (values (3), (2), (1), (0)) as urgency (rank)
                   cross join lateral (
                       select n.id, n.due_at from notices n
                       where n.rank = urgency.rank and n.medium = way.medium and n.ended_at is null
                         and n.due_at <= $1::timestamptz
                       order by n.due_at limit way.room for update skip locked) due
                   order by urgency.rank desc, due.due_at limit way.room) by_medium
           ), due as materialized (
               select n.id, n.unit, n.medium, n.attempts, n.first_due_at, {AS_TRIED} as letter
               from notices n
               where n.digest and n.rank = 0 and n.ended_at is null and n.due_at <= $1::timestamptz
                 and (n.unit, n.medium) in (
                     select first.unit, first.medium from chosen join notices first using (id) where first.digest)
           ), placed as materialized (
               select id, letter,
                   first_value(letter) over (
                       partition by unit, medium, attempts > 0 order by first_due_at, id) as turn,
                   row_number() over (partition by unit, medium, letter order by first_due_at, id) as place
               from due
           ), gathered as materialized (
               select n.id, placed.letter from notices n join placed using (id)
               where n.ended_at is null and placed.letter is not distinct from placed.turn and placed.place <= $5::int
               for update of n skip locked
           ), taken as (
               select id, null as letter from chosen join notices alone using (id) where not alone.digest
               union all select id, letter from gathered
           )
           update notices n set status = 'sending', attempts = n.attempts + 1, due_at = $1::timestamptz + $3::interval
           from taken join notices same using (id) left join contacts c on c.unit = same.unit
               left join involved i on i.case_id = same.case_id
           where n.id = taken.id
           returning n.id, n.event_id, n.event_type, n.case_id, n.unit, n.post, n.urgency, n.medium, n.number,
               n.digest, n.every, n.about, n.attempts, n.first_due_at, taken.letter, i.privacy,
               i.lead = n.unit or i.co_handlers ? n.unit as acts,
               n.overtaken or {_REMINDED} as overtaken,
               c.language, c.email, c.phone, c.app, c.quiet_from, c.quiet_to, now() as claimed_at""",  # noqa: S608  # our own words
        now,
        list(room),
        lease,
        list(room.values()),
        DIGEST_LINES,
    )
    return sorted(rows, key=lambda row: (row["first_due_at"], row["id"]))


async def put_off(connection: Connection, until: Sequence[tuple[UUID, datetime]]) -> None:
    """What was claimed at a wrong hour waits on, as if it had not been; in the claim's own transaction."""
    await connection.execute(
        f"""update notices n set due_at = later.due_at, attempts = n.attempts - 1,
               status = case n.attempts when 1 then '{NoticeStatus.WAITING}' else '{NoticeStatus.TEMPORARY_FAILURE}' end
           from unnest($1::uuid[], $2::timestamptz[]) as later (id, due_at) where n.id = later.id""",  # noqa: S608
        [notice_id for notice_id, _ in until],
        [due_at for _, due_at in until],
    )


async def record(connection: Connection, ended: Sequence[Ended], *, now: datetime) -> list[asyncpg.Record]:
    """Gives the notices whose claim still stood, as they are now."""
    rows: list[asyncpg.Record] = await connection.fetch(
        f"""update notices n set due_at = $1::timestamptz + make_interval(secs => e.pause),
               code = e.code, error = e.error, {_ENDED}
           from {AS_ENDED}
           where n.id = e.id and n.attempts = e.attempt and n.status = 'sending'
           returning n.*""",  # noqa: S608
        now,
        *columns_of(ended),
    )
    return rows


_PASSES = f"e.status = '{NoticeStatus.TEMPORARY_FAILURE}'"
_ENDED = f"""status = case when {_PASSES} and n.overtaken then '{NoticeStatus.STOPPED}' else e.status end,
    ended_at = case when not {_PASSES} or n.overtaken then $1::timestamptz end"""


async def repeat(
    connection: Connection, rows: Sequence[asyncpg.Record], new_ids: Sequence[UUID], *, now: datetime
) -> None:
    """The next one of each, while its case waits to be signed; call it with the cases' parties locked.

    What was missed is not made up for, but one that could not be sent in its time is followed at once.
    """
    await connection.execute(
        """insert into notices (id, event_id, event_type, case_id, correlation_id, unit, post, kind, urgency, rank,
               medium, number, digest, every, about, first_due_at, due_at)
           select next.id, n.event_id, n.event_type, n.case_id, n.correlation_id, n.unit, n.post, n.kind, n.urgency,
               n.rank, n.medium, n.number + 1, n.digest, n.every, n.about, next.due_at, next.due_at
           from unnest($1::uuid[], $2::uuid[], $3::timestamptz[]) as next (former, id, due_at)
           join notices n on n.id = next.former
           join parties p on p.case_id = n.case_id and p.waits_for_signature
           where not n.overtaken
           on conflict do nothing""",
        [row["id"] for row in rows],
        list(new_ids),
        [_next_due(row, now) for row in rows],
    )


async def tell_otherwise(
    connection: Connection, ways: Sequence[tuple[UUID, UUID, Medium]], *, now: datetime
) -> None:
    """Of notices whose way the unit has taken back, by id: the new one by another way, where none goes out by any."""
    beside = "next.medium = any($5::text[])"
    await connection.execute(
        f"""insert into notices (id, event_id, event_type, case_id, correlation_id, unit, post, kind, urgency, rank,
               medium, number, digest, every, about, first_due_at, due_at)
           select next.id, n.event_id, n.event_type, n.case_id, n.correlation_id, n.unit, n.post, n.kind, n.urgency,
               n.rank, next.medium, case when {beside} then 1 else n.number end, n.digest,
               case when not {beside} then n.every end, n.about, $4::timestamptz, $4::timestamptz
           from unnest($1::uuid[], $2::uuid[], $3::text[]) as next (former, id, medium)
           join notices n on n.id = next.former
           where not exists (
               select from notices other where other.event_id = n.event_id and other.unit = n.unit
                 and other.status <> '{NoticeStatus.NO_CONTACT}'
                 and (other.ended_at is null or other.number >= n.number)
                 and (n.every is null or other.medium <> all($5::text[])))
           on conflict do nothing""",  # noqa: S608  # our own words
        [former for former, _, _ in ways],
        [new_id for _, new_id, _ in ways],
        [medium for _, _, medium in ways],
        now,
        list(BESIDE),
    )


def _next_due(row: asyncpg.Record, now: datetime) -> datetime:
    wanted: datetime = row["first_due_at"] + row["every"]
    if row["status"] == NoticeStatus.EXPIRED:
        return max(wanted, now)
    return wanted if wanted > now else now + row["every"]


async def page(
    connection: Connection,
    *,
    units: Sequence[str] | None,
    reader: str | None,
    status: NoticeStatus | None,
    after: UUID | None,
    limit: int,
) -> list[asyncpg.Record]:
    """Newest first, of `units` (None: of all); of sealed cases only where the unit `reader` acts (None: of all)."""
    values: list[Any] = [after or _AFTER_ALL, limit]
    wanted = narrowed(status)
    if reader is not None:
        values.append(reader)
        wanted += _where_it_acts(f"${len(values)}::text")
    if units is not None:
        values.append(units[0] if len(units) == 1 else list(units))
    read = _of(units, f"${len(values)}", wanted, is_open=status in OPEN)
    rows: list[asyncpg.Record] = await connection.fetch(
        f"""select id, unit, post, kind, urgency, medium, number, digest, case_id, event_id, event_type, status,
               attempts, code, error, created_at, case when ended_at is null then due_at end as due_at, ended_at
           from {read} order by id desc limit $2""",  # noqa: S608  # our own words
        *values,
    )
    return rows


def _of(units: Sequence[str] | None, place: str, wanted: str, *, is_open: bool) -> str:
    """What is open is little, and read whole. Of the log of several units each gives a page of its own: in one
    statement for all of them the plan might ask of every row that they ever had whether it may be read."""
    if units is None:
        return f"notices where id < $1 {wanted}"
    if len(units) == 1:
        return f"notices where id < $1 and unit = {place} {wanted}"
    if is_open:
        return f"notices where id < $1 and unit = any({place}::text[]) {wanted}"
    return f"""unnest({place}::text[]) as below (named) cross join lateral (
        select * from notices where unit = below.named and id < $1 {wanted} order by id desc limit $2) as notices"""  # noqa: S608  # our own words


def _where_it_acts(reader: str) -> str:
    """Asked of each row by itself: joined, the plan might read all cases first."""
    by_acting = ", ".join(f"'{post}'" for post in sorted(TOLD_ONLY | WORKS))
    return f""" and coalesce((
        select i.privacy is distinct from 'sealed' or i.lead = {reader} or i.co_handlers ? {reader}
            or notices.unit = {reader} and notices.post not in ({by_acting})
        from involved i where i.case_id = notices.case_id), true)"""  # noqa: S608  # our own words


async def forget(connection: Connection, days: int, limit: int) -> int:
    """Drop the oldest of the log beyond `days`; gives the number."""
    dropped = await connection.execute(
        """delete from notices where id = any(array(
               select id from notices where ended_at < now() - make_interval(days => $1)
               order by ended_at limit $2))""",
        days,
        limit,
    )
    return int(dropped.split()[-1])


async def waiting(connection: Connection, now: datetime) -> dict[str, float]:
    """By urgency: seconds that the oldest due notice has waited."""
    rows = await connection.fetch(
        """select urgency, extract(epoch from $1::timestamptz - min(first_due_at))::float as seconds from notices
           where ended_at is null and due_at <= $1::timestamptz group by urgency order by urgency""",
        now,
    )
    return {row["urgency"]: max(0.0, row["seconds"]) for row in rows}
