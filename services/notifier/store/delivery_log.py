"""How deliveries went: what is given up, what is asked for again, what people look at, what is forgotten."""

from datetime import timedelta
from uuid import UUID

import asyncpg

from contracts.vocabulary import DeliveryStatus
from delivery.database import Connection
from services.notifier.store.by_status import narrowed
from services.notifier.store.deliveries import AS_IT_IS


async def give_up(
    connection: Connection, *, horizon: timedelta, feed_days: int, limit: int
) -> list[asyncpg.Record]:
    """End what is too old, what is not wanted any more, and what nobody is there to receive.

    What waits for a paused subscription grows too old with the feed; what is under way is left to its worker.
    """
    rows: list[asyncpg.Record] = await connection.fetch(
        f"""update deliveries d set ended_at = now(),
               status = case when old.gone then 'permanent-failure' else 'expired' end
           from (
               select o.id, s.status in ('disabled', 'deleted') as gone
               from deliveries o join subscriptions s on s.id = o.subscription_id
               where o.ended_at is null and (o.status <> 'sending' or o.due_at <= now())
                 and (s.status in ('disabled', 'deleted') or o.renewed_at < s.skip_before or o.renewed_at < now() -
                      case s.status when 'paused' then make_interval(days => $2) else $1::interval end)
               order by o.sequence limit $3 for update of o skip locked) old
           where d.id = old.id
           returning {AS_IT_IS}""",  # noqa: S608
        horizon,
        feed_days,
        limit,
    )
    return rows


async def renew(connection: Connection, subscription_id: UUID, delivery_id: UUID) -> bool:
    """Try an ended one again, under its own id and with all its tries; False when it has not failed."""
    renewed = await connection.fetchval(
        """update deliveries set status = 'created', ended_at = null, due_at = now(), renewed_at = now(),
               former_attempts = attempts
           where subscription_id = $1 and id = $2 and status in ('permanent-failure', 'expired')
           returning true""",
        subscription_id,
        delivery_id,
    )
    return renewed or False


async def resume(connection: Connection, subscription_id: UUID) -> None:
    """What waited during a pause is no older for it; what was skipped before stays so."""
    # whoever records rows that are delivered just now has not locked the subscription: he is not waited for
    await connection.execute(
        """update deliveries d set renewed_at = now(), former_attempts = d.attempts,
               due_at = case d.status when 'sending' then d.due_at else now() end
           from (
               select o.id from deliveries o join subscriptions s on s.id = o.subscription_id
               where s.id = $1 and o.ended_at is null
                 and (s.skip_before is null or o.renewed_at >= s.skip_before)
               for update of o skip locked) waiting
           where d.id = waiting.id""",
        subscription_id,
    )


async def forget(connection: Connection, days: int, limit: int) -> int:
    """Drop the oldest of the log beyond `days`; gives the number."""
    dropped = await connection.fetch(
        """with dropped as (
               delete from deliveries where id = any(array(
                   select id from deliveries where ended_at < now() - make_interval(days => $1)
                   order by ended_at limit $2))
               returning id
           ), attempts_too as (
               delete from attempts where delivery_id in (select id from dropped)
           )
           select id from dropped""",
        days,
        limit,
    )
    return len(dropped)


async def open_by_status(connection: Connection) -> dict[str, int]:
    rows = await connection.fetch(
        "select status, count(*) from deliveries where ended_at is null group by status order by status"
    )
    return {row["status"]: row["count"] for row in rows}


_AFTER_ALL = 2**63 - 1
_SHOWN = """select d.id, d.sequence, d.cause, d.event_id, d.event_type, d.case_id, d.status, d.created_at, d.ended_at,
        d.relation, case when d.ended_at is null then d.due_at end as due_at,
        coalesce((
            select jsonb_agg(jsonb_build_object('number', a.number, 'ended_at', a.ended_at,
                'seconds', a.seconds, 'status_code', a.status_code, 'error', a.error) order by a.number)
            from attempts a where a.delivery_id = d.id), '[]') as attempts,
        d.position is null or exists (select from feed f where f.position = d.position) as is_kept
    from deliveries d"""


async def page(
    connection: Connection,
    subscription_id: UUID,
    *,
    status: DeliveryStatus | None,
    after: int | None,
    limit: int,
) -> list[asyncpg.Record]:
    """Newest first, each with its attempts."""
    rows: list[asyncpg.Record] = await connection.fetch(
        f"""{_SHOWN}
           where d.subscription_id = $1 and d.sequence < $2 {narrowed(status)}
           order by d.sequence desc limit $3""",
        subscription_id,
        _AFTER_ALL if after is None else after,
        limit,
    )
    return rows


async def find(connection: Connection, subscription_id: UUID, delivery_id: UUID) -> asyncpg.Record | None:
    """`is_kept`: what it was about can still be sent."""
    return await connection.fetchrow(
        f"{_SHOWN} where d.subscription_id = $1 and d.id = $2", subscription_id, delivery_id
    )
