"""SQL of orders to units that an import took out."""

from collections.abc import Collection
from datetime import timedelta
from uuid import UUID

import asyncpg

from delivery.database import Connection
from services.notifier.people.notices_store import OVERTAKEN
from services.notifier.people.parties import Post

_FIRST = UUID(int=0)


async def orders_to_pass_on(
    connection: Connection, settled: timedelta, *, after: UUID | None, cases: int
) -> list[asyncpg.Record]:
    """Of so many cases `after` that one, each order once: those to units that have been gone for so long, with where
    the unit stood, and those whose unit is `back` in the directory, for which another was told meanwhile."""
    # as an expression, so that no index is walked of all that the unit was ever told
    rows: list[asyncpg.Record] = await connection.fetch(
        f"""with orders as (
               select distinct n.case_id, n.event_id, n.event_type, n.correlation_id, n.unit, n.post, n.urgency,
                   n.about, d.tier, d.area, coalesce(named.code, before.unit) as back
               from notices n left join directory d on d.what = 'unit' and d.code = n.unit || ''
               -- whom the order names: one that was made anew since, with the urgency, names whoever stood in
               left join parties p on p.case_id = n.case_id and n.post = '{Post.LEAD}'
               left join directory named on named.what = 'unit' and named.code = p.body ->> 'stood_in_for'
                   and named.gone_at is null
               left join lateral (
                   select former.unit from notices former
                   join directory known on known.what = 'unit' and known.code = former.unit and known.gone_at is null
                   where former.event_id = n.event_id and former.post = n.post and former.unit <> n.unit
                     and former.id < (select own.id from notices own where own.event_id = n.event_id
                         and own.unit = n.unit and own.post = n.post order by own.id limit 1)
                   order by former.id limit 1) before
                   on n.post = '{Post.TRACKER}' or p.body ->> 'stood_in_for' is not null
               where (d.gone_at < now() - $1::interval or before.unit is not null or named.code is not null)
                 and n.ended_at is null and not n.overtaken and n.kind = 'order'
                 and n.post in ('{Post.LEAD}', '{Post.TRACKER}') and n.case_id > $2
           ), page as (select distinct case_id from orders order by case_id limit $3)
           select * from orders where case_id in (select case_id from page) order by case_id""",  # noqa: S608  # our own words
        settled,
        after or _FIRST,
        cases,
    )
    return rows


async def times_told(connection: Connection, event_id: UUID, unit: str) -> int:
    """How often the unit has been told of that order, in whatever post."""
    return int(
        await connection.fetchval(
            "select coalesce(max(number), 0) from notices where event_id = $1 and unit = $2", event_id, unit
        )
    )


async def lock_involved(connection: Connection, case_ids: Collection[UUID]) -> None:
    """Before the parties, as whoever hears of the case does: so nobody waits in a circle."""
    await connection.execute(
        "select from involved where case_id = any($1::uuid[]) order by case_id for update", sorted(case_ids)
    )


async def lead_instead(connection: Connection, case_id: UUID, former: str, unit: str) -> None:
    """Who may see what, also once it is sealed."""
    await connection.execute(
        "update involved set lead = $3 where case_id = $1 and lead = $2", case_id, former, unit
    )


async def stop(connection: Connection, event_id: UUID, units: Collection[str]) -> list[asyncpg.Record]:
    """Of that order to those units all that is open: who stands in may have been told as a copy; gives what ended."""
    rows: list[asyncpg.Record] = await connection.fetch(
        f"""update notices set {OVERTAKEN} where ended_at is null and event_id = $1 and unit = any($2)
           returning medium, urgency, status, ended_at""",  # noqa: S608  # our own words
        event_id,
        list(units),
    )
    return [row for row in rows if row["ended_at"] is not None]
