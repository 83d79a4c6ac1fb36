"""SQL of subscriptions by e-mail: confirmation, lines of the feed that are due, and how they ended."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Literal
from uuid import UUID

import asyncpg
import orjson

from contracts.vocabulary import Language, NoticeStatus, Urgency
from delivery.channels.ended import AS_ENDED, AS_TRIED, Ended, columns_of
from delivery.database import Connection
from delivery.pauses import HORIZON
from services.notifier.filter import Filter
from services.notifier.mail.lines import Addressee, NewLine, Pace
from services.notifier.store import feed
from services.notifier.store.feed import Cursor

CONFIRM_DAYS = 7
_ONE_CLAIMS = 0x3A11
AT_ONCE_LINES = 50  # as many as a letter shows: what may not wait is never among those that are only counted
GATHERED_LINES = 500  # a bound to what is claimed and recorded in one go; the rest is the next letter


async def begin(
    connection: Connection,
    subscription_id: UUID,
    *,
    language: Language,
    paces: Mapping[Urgency, Pace],
    tokens: tuple[str, str],
    line_id: UUID,
) -> None:
    """The subscription waits for its address to confirm; the letter that asks is due at once."""
    await connection.execute(
        """insert into mail_subscriptions (subscription_id, language, paces, confirm_token, leave_token)
           values ($1, $2, $3, $4, $5)""",
        subscription_id,
        language,
        _plain(paces),
        *tokens,
    )
    await _ask(connection, subscription_id, line_id)


async def change(
    connection: Connection, subscription_id: UUID, *, language: Language | None, paces: Mapping[Urgency, Pace]
) -> None:
    await connection.execute(
        """update mail_subscriptions set language = coalesce($2, language), paces = paces || $3
           where subscription_id = $1""",
        subscription_id,
        language,
        _plain(paces),
    )


async def begin_anew(
    connection: Connection, subscription_id: UUID, *, tokens: tuple[str, str], line_id: UUID
) -> list[asyncpg.Record]:
    """For another address: what waits was for the former one, and is not sent any more; gives it."""
    await connection.execute(
        """update mail_subscriptions set confirm_token = $2, leave_token = $3, confirmed_at = null, left_at = null,
               created_at = now()
           where subscription_id = $1""",
        subscription_id,
        *tokens,
    )
    stopped = await _stop_what_is_open(connection, subscription_id)
    await _ask(connection, subscription_id, line_id)
    return stopped


def _plain(paces: Mapping[Urgency, Pace]) -> dict[str, str]:
    return {urgency.value: pace.value for urgency, pace in paces.items()}


async def _ask(connection: Connection, subscription_id: UUID, line_id: UUID) -> None:
    await connection.execute(
        """insert into mail_lines (id, subscription_id, kind, first_due_at, due_at)
           values ($1, $2, 'confirmation', now(), now())""",
        line_id,
        subscription_id,
    )


async def by_token(
    connection: Connection, which: Literal["confirm", "leave"], token: str
) -> asyncpg.Record | None:
    may = f"""and m.created_at > now() - interval '{CONFIRM_DAYS} days' and m.left_at is null"""
    return await connection.fetchrow(
        f"""select subscription_id from mail_subscriptions m
            where m.{which}_token = $1 {may if which == "confirm" else ""}""",  # noqa: S608  # our own words
        token,
    )


async def confirm(connection: Connection, subscription_id: UUID) -> None:
    await connection.execute(
        """update mail_subscriptions set confirmed_at = now()
           where subscription_id = $1 and confirmed_at is null and left_at is null""",
        subscription_id,
    )


async def leave(connection: Connection, subscription_id: UUID) -> list[asyncpg.Record]:
    """What waits is not sent any more; gives it."""
    await connection.execute(
        "update mail_subscriptions set left_at = coalesce(left_at, now()) where subscription_id = $1",
        subscription_id,
    )
    return await _stop_what_is_open(connection, subscription_id)


async def has_left(connection: Connection, subscription_id: UUID) -> bool:
    return bool(
        await connection.fetchval(
            "select left_at is not null from mail_subscriptions where subscription_id = $1", subscription_id
        )
    )


async def _stop_what_is_open(connection: Connection, subscription_id: UUID) -> list[asyncpg.Record]:
    """Also what is on its way, which would be tried again: `record` keeps that it arrived all the same."""
    rows: list[asyncpg.Record] = await connection.fetch(
        """update mail_lines set status = 'stopped', ended_at = now()
           where ended_at is null and id = any(array(
               select id from mail_lines where subscription_id = $1 and ended_at is null order by id for update))
           returning kind, status""",
        subscription_id,
    )
    return rows


async def addressees(connection: Connection) -> list[Addressee]:
    """Those that are paused too: what comes meanwhile waits for them."""
    rows = await connection.fetch(
        """select s.id, s.owner, s.filter, m.paces from subscriptions s
           join mail_subscriptions m on m.subscription_id = s.id
           where s.status in ('active', 'paused') and s.channel = 'email' and m.confirmed_at is not null
             and m.left_at is null
           order by s.id"""
    )
    return [
        Addressee(
            row["id"],
            row["owner"],
            Filter.model_validate(row["filter"]),
            {Urgency(urgency): Pace(pace) for urgency, pace in row["paces"].items()},
        )
        for row in rows
    ]


async def cursor(connection: Connection) -> Cursor | None:
    """How far the feed was read; None while another replica reads. At first, where the feed ends now."""
    end = await feed.end(connection)
    await connection.execute(
        "insert into mail_cursor (id, xid, position) values (1, $1, $2) on conflict do nothing", *end
    )
    row = await connection.fetchrow(
        "select xid, position from mail_cursor where id = 1 for update skip locked"
    )
    return None if row is None else Cursor(row["xid"], row["position"])


async def move(connection: Connection, to: Cursor) -> None:
    await connection.execute("update mail_cursor set xid = $1, position = $2 where id = 1", *to)


async def add(connection: Connection, lines: Sequence[tuple[UUID, NewLine]]) -> None:
    """Whoever changes one of the subscriptions just now is waited for, or waits. What waits for the end of a pause is
    not due: else each claim would walk through it."""
    rows = [
        (
            line_id,
            line.subscription_id,
            line.entry.event_id,
            line.entry.event_type,
            line.entry.case_id,
            line.entry.correlation_id,
            line.entry.urgency or Urgency.GENERAL,
            orjson.dumps(line.about).decode(),
            line.due_at,
        )
        for line_id, line in lines
    ]
    await connection.execute(
        """insert into mail_lines (id, subscription_id, kind, event_id, event_type, case_id, correlation_id, urgency,
               about, first_due_at, due_at)
           select l.id, l.subscription_id, 'event', event_id, event_type, case_id, correlation_id, urgency,
               about::jsonb, due_at, case s.status when 'paused' then 'infinity' else due_at end
           from unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::text[], $5::uuid[], $6::uuid[], $7::text[], $8::text[],
               $9::timestamptz[])
               as l (id, subscription_id, event_id, event_type, case_id, correlation_id, urgency, about, due_at)
           join subscriptions s on s.id = l.subscription_id
           join mail_subscriptions m on m.subscription_id = s.id and m.confirmed_at is not null
           where s.status in ('active', 'paused')
           for share of s, m
           on conflict do nothing""",
        *map(list, zip(*rows, strict=True)),
    )


async def resume(connection: Connection, subscription_id: UUID) -> None:
    """What came during the pause."""
    await connection.execute(
        """update mail_lines set due_at = first_due_at
           where subscription_id = $1 and ended_at is null and due_at = 'infinity'""",
        subscription_id,
    )


async def claim(
    connection: Connection, *, now: datetime, limit: int, lease: timedelta
) -> list[asyncpg.Record]:
    """Take what is due, for the length of the lease, with the level of its case as it is now; whoever has paused, left
    or not confirmed is sent nothing but the letter that asks.

    Subscriptions come in the order of the most urgent that is due; of each a letter of what may not wait and one of
    the rest is taken, beyond the limit, the most urgent lines first, and as many of those that were tried before.
    Lines that went out together are due together: `letter` keeps them apart from what came since, which whoever knows
    the letter by its id would not see. One replica claims at a time; call it in a transaction of its own.
    """
    await connection.execute("select pg_advisory_xact_lock($1)", _ONE_CLAIMS)
    rows: list[asyncpg.Record] = await connection.fetch(
        f"""with chosen as materialized (
               select due.subscription_id from unnest($6::text[]) with ordinality as level (urgency, place)
               cross join lateral (
                   select l.subscription_id, l.due_at from mail_lines l
                   join subscriptions s on s.id = l.subscription_id
                   join mail_subscriptions m on m.subscription_id = s.id
                   where l.ended_at is null and l.due_at <= $1::timestamptz and coalesce(l.urgency, '') = level.urgency
                     and {_IS_WANTED}
                   order by l.due_at limit $2
               ) due order by level.place, due.due_at limit $2
           ), due as materialized (
               select l.id, l.subscription_id, l.attempts, l.first_due_at,
                   array_position($6::text[], l.urgency) as level,
                   m.paces ->> l.urgency is not distinct from 'immediate' as at_once, {AS_TRIED} as letter
               from mail_lines l join subscriptions s on s.id = l.subscription_id
               join mail_subscriptions m using (subscription_id)
               where l.ended_at is null and l.due_at <= $1::timestamptz
                 and l.subscription_id in (select subscription_id from chosen) and {_IS_WANTED}
           ), placed as materialized (
               select id, at_once, letter, first_value(letter) over (
                   partition by subscription_id, at_once, attempts > 0 order by level, first_due_at, id) as turn,
                   row_number() over (
                   partition by subscription_id, at_once, letter order by level, first_due_at, id) as place
               from due
           ), taken as materialized (
               select l.id, placed.letter from mail_lines l join placed using (id)
               where l.ended_at is null and placed.letter is not distinct from placed.turn
                 and placed.place <= case when placed.at_once then $4::int else $5::int end
               for update of l skip locked
           )
           update mail_lines l set status = 'sending', attempts = l.attempts + 1,
               due_at = $1::timestamptz + $3::interval
           from taken join mail_lines same using (id)
           join subscriptions s on s.id = same.subscription_id
           join mail_subscriptions m on m.subscription_id = s.id
           left join involved i on i.case_id = same.case_id
           where l.id = taken.id
           returning l.*, taken.letter, i.privacy, s.owner, s.name, s.target, m.language, m.confirm_token,
               m.leave_token, coalesce(m.paces ->> l.urgency, 'daily') as pace""",  # noqa: S608  # our own words
        now,
        limit,
        lease,
        AT_ONCE_LINES,
        GATHERED_LINES,
        _MOST_URGENT_FIRST,
    )
    return sorted(rows, key=_place)


# came before whoever made it active again said that he wants nothing of it
_SKIPPED = "l.created_at < coalesce(s.skip_before, '-infinity')"
# an address is asked also during a pause
_IS_WANTED = f"""(l.kind = 'confirmation' and s.status in ('active', 'paused')
    or s.status = 'active' and m.left_at is null and m.confirmed_at is not null and not {_SKIPPED})"""
# no urgency: a letter that asks an address to confirm, for which somebody waits
_MOST_URGENT_FIRST = (Urgency.CRITICAL, Urgency.URGENT, "", Urgency.ELEVATED, Urgency.GENERAL)


def _place(row: asyncpg.Record) -> tuple[int, datetime, UUID]:
    """As in the statement, so that a letter that is sent again is the same."""
    return -Urgency(row["urgency"] or Urgency.GENERAL).level, row["first_due_at"], row["id"]


async def stop(connection: Connection, line_ids: Collection[UUID]) -> list[asyncpg.Record]:
    rows: list[asyncpg.Record] = await connection.fetch(
        """update mail_lines set status = 'stopped', ended_at = now() where id = any($1::uuid[])
           returning kind, status""",
        list(line_ids),
    )
    return rows


async def record(connection: Connection, ended: Sequence[Ended], *, now: datetime) -> list[asyncpg.Record]:
    """Gives the lines whose claim still stood, as they are now, with the owner of the subscription."""
    # in one order, so that whoever leaves just now and this never wait in a circle
    await connection.execute(
        "select from mail_lines where id = any($1::uuid[]) order by id for update", [one.id for one in ended]
    )
    rows: list[asyncpg.Record] = await connection.fetch(
        f"""update mail_lines l set status = e.status, code = e.code, error = e.error,
               due_at = $1::timestamptz + make_interval(secs => e.pause),
               ended_at = case when e.status <> '{NoticeStatus.TEMPORARY_FAILURE}' then $1::timestamptz end
           from {AS_ENDED}, subscriptions s
           where l.id = e.id and l.attempts = e.attempt and s.id = l.subscription_id
             and (l.status = 'sending'
                 or (l.status = '{NoticeStatus.STOPPED}' and e.status = '{NoticeStatus.DELIVERED}'))
           returning l.*, s.owner""",  # noqa: S608
        now,
        *columns_of(ended),
    )
    return rows


async def give_up(connection: Connection, limit: int) -> list[asyncpg.Record]:
    """End what nobody is there to read any more, or wants, but for what is on its way; gives it, with the
    subscription's owner. By age: asked for in the order of the ids, the plan walks all that was ever sent."""
    rows: list[asyncpg.Record] = await connection.fetch(
        f"""update mail_lines ended set status = 'expired', ended_at = now()
           from (
               select l.id, s.owner from mail_lines l join subscriptions s on s.id = l.subscription_id
               where l.ended_at is null and (l.status <> 'sending' or l.due_at <= now())
                 and (s.status <> 'active' and l.first_due_at < now() - $1::interval
                     or l.kind = 'event' and {_SKIPPED})
               order by l.first_due_at limit $2 for update of l skip locked) old
           where ended.id = old.id
           returning ended.*, old.owner""",  # noqa: S608  # our own words
        HORIZON,
        limit,
    )
    return rows


async def forget(connection: Connection, days: int, limit: int) -> int:
    """Drop the oldest of the log beyond `days`; gives the number."""
    dropped = await connection.execute(
        """delete from mail_lines where id = any(array(
               select id from mail_lines where ended_at < now() - make_interval(days => $1)
               order by ended_at limit $2))""",
        days,
        limit,
    )
    return int(dropped.split()[-1])
