"""Deliveries: what is to be sent to whom, in which order, and how it went."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

import asyncpg

from contracts.vocabulary import Privacy
from delivery.database import Connection
from services.notifier.attempt import Claimed, Ended, NewDelivery
from services.notifier.circuit import OPENS_AFTER
from services.notifier.lanes import Places
from services.notifier.privacy import View, view_of
from services.notifier.scope import Relation
from services.notifier.store import circuits
from services.notifier.store.feed import COLUMNS, entry_from


async def add(connection: Connection, deliveries: Sequence[NewDelivery], cause: str) -> None:
    """Due at once, unless an earlier one of the case waits for its next attempt: no sooner than that."""
    await connection.execute(
        """insert into deliveries
               (id, subscription_id, cause, position, event_id, event_type, case_id, correlation_id, relation,
                due_at)
           select n.id, n.subscription_id, $1, n.position, n.event_id, n.event_type, n.case_id, n.correlation_id,
               n.relation, greatest(now(), (
                   select case d.status when 'temporary-failure' then d.due_at end from deliveries d
                   where d.subscription_id = n.subscription_id and d.case_id = n.case_id and d.ended_at is null
                   order by d.sequence limit 1))
           from unnest($2::uuid[], $3::uuid[], $4::bigint[], $5::uuid[], $6::text[], $7::uuid[], $8::uuid[],
               $9::text[]) with ordinality
               as n (id, subscription_id, position, event_id, event_type, case_id, correlation_id, relation, number)
           order by n.number""",
        cause,
        [new.id for new in deliveries],
        [new.subscription_id for new in deliveries],
        [new.position for new in deliveries],
        [new.entry.event_id for new in deliveries],
        [new.entry.event_type for new in deliveries],
        [new.entry.case_id for new in deliveries],
        [new.entry.correlation_id for new in deliveries],
        [new.relation for new in deliveries],
    )


async def add_test(connection: Connection, delivery_id: UUID, subscription_id: UUID, event_type: str) -> None:
    await connection.execute(
        "insert into deliveries (id, subscription_id, cause, event_type) values ($1, $2, 'test', $3)",
        delivery_id,
        subscription_id,
        event_type,
    )


async def claim(connection: Connection, *, places: Places, limit: int, lease: timedelta) -> list[Claimed]:
    """Take what is due, for the length of the lease: afterwards it is due again, whatever became of us.

    Of a case only the first open delivery of a subscription can be taken: the later ones wait for it. Each
    subscription gets no more than its places, so that a slow target leaves room for the others; one whose circuit is
    open gets a single one when its probe is due.
    """
    rows = await connection.fetch(
        _CLAIM,
        list(places.known),
        list(places.known.values()),
        places.each_newcomer,
        limit,
        lease,
        OPENS_AFTER,
        places.newcomers,
    )
    if probes := {row["subscription_id"] for row in rows if row["is_probe"]}:
        # not in the statement above: whoever records locks subscriptions first
        await circuits.probe(connection, list(probes), lease=lease)
    return [_claimed(row) for row in rows]


# min() and not "no earlier one exists": that would be planned as a join over all that is open
_CLAIM = f"""with offered as materialized (
    select due.id, due.position, due.due_at, due.sequence, lane.places is null as is_new,
        s.failures, s.failures >= $6::int as is_probe, coalesce(s.target, '') as target,
        array_remove(array[s.secret, case when s.former_until > now() then s.former_secret end] || array(
            select one ->> 'secret' from jsonb_array_elements(s.earlier_secrets) as one
            where (one ->> 'until')::timestamptz > now()), null) as secrets
    from subscriptions s
    left join unnest($1::uuid[], $2::int[]) as lane (subscription_id, places) on lane.subscription_id = s.id
    cross join lateral (
        select d.id, d.position, d.due_at, d.sequence from deliveries d
        where d.subscription_id = s.id and d.ended_at is null and d.due_at <= now()
          and (s.skip_before is null or d.renewed_at >= s.skip_before)
          and d.sequence = coalesce((
              select min(first.sequence) from deliveries first
              where first.subscription_id = d.subscription_id and first.case_id = d.case_id
                and first.ended_at is null
                and (s.skip_before is null or first.renewed_at >= s.skip_before)), d.sequence)
        order by d.due_at, d.sequence
        limit least(coalesce(lane.places, $3::int), case when s.failures >= $6::int then 1 end)
        for update skip locked
    ) due
    where s.status = 'active' and s.channel = 'webhook' and (s.probe_at is null or s.probe_at <= now())
), chosen as materialized (
    select * from (
        select *, row_number() over (partition by is_new order by failures > 0, due_at, sequence) as turn from offered
    ) ranked
    where not is_new or turn <= $7::int
    order by due_at, sequence limit $4
)
update deliveries d set status = 'sending', attempts = d.attempts + 1, due_at = now() + $5::interval
from chosen c left join feed f on f.position = c.position left join involved i on i.case_id = f.case_id
where d.id = c.id
returning d.id, d.subscription_id, d.attempts, d.attempts - d.former_attempts as tries, d.created_at, d.renewed_at,
    now() as claimed_at, d.cause, d.relation, c.is_probe, c.target, c.secrets, {COLUMNS}"""  # noqa: S608


def _claimed(row: asyncpg.Record) -> Claimed:
    return Claimed(
        id=row["id"],
        subscription_id=row["subscription_id"],
        attempt=row["attempts"],
        tries=row["tries"],
        created_at=row["created_at"],
        renewed_at=row["renewed_at"],
        claimed_at=row["claimed_at"],
        target=row["target"],
        secrets=tuple(row["secrets"]),
        is_test=row["cause"] == "test",
        entry=entry_from(row) if row["event_id"] else None,
        view=_view(row) if row["event_id"] else None,
        is_probe=row["is_probe"],
    )


def _view(row: asyncpg.Record) -> View | None:
    """By the case's level as it is now; what was to be sent before relations were kept is shown as to the farthest."""
    privacy = Privacy(row["privacy"]) if row["privacy"] else None
    return view_of(privacy, Relation(row["relation"] or Relation.AREA))


async def record(connection: Connection, ended: Sequence[Ended]) -> list[asyncpg.Record]:
    """Note the attempts; gives the deliveries whose claim still stood, as they are now.

    A worker that outlived its lease is told by the attempt's number: another one has counted on since.
    """
    await connection.execute(_NOTE_ATTEMPTS, *_attempt_columns(ended))
    rows: list[asyncpg.Record] = await connection.fetch(_SET_STATUS, *_status_columns(ended))
    return rows


_NOTE_ATTEMPTS = """insert into attempts (delivery_id, number, ended_at, seconds, status_code, error)
    select id, number, now(), seconds, status_code, error
    from unnest($1::uuid[], $2::int[], $3::float[], $4::int[], $5::text[])
        as a (id, number, seconds, status_code, error)
    on conflict do nothing"""


def _attempt_columns(ended: Sequence[Ended]) -> tuple[list[Any], ...]:
    return (
        [one.claimed.id for one in ended],
        [one.claimed.attempt for one in ended],
        [one.seconds for one in ended],
        [one.answer.code for one in ended],
        [one.answer.error for one in ended],
    )


AS_IT_IS = """d.id, d.subscription_id, d.case_id, d.event_id, d.event_type, d.correlation_id, d.status, d.attempts,
    d.ended_at, (select owner from subscriptions s where s.id = d.subscription_id) as owner"""

# what waits behind a failed delivery of the same case need not be looked at before it
_SET_STATUS = f"""with changed as (
    update deliveries d set status = e.status, due_at = now() + make_interval(secs => e.pause),
        ended_at = case when e.status <> 'temporary-failure' then now() end
    from unnest($1::uuid[], $2::int[], $3::text[], $4::float[]) as e (id, attempt, status, pause)
    where d.id = e.id and d.attempts = e.attempt and d.status = 'sending'
    returning {AS_IT_IS}, d.sequence, d.due_at
), waiting as (
    update deliveries d set due_at = changed.due_at
    from changed
    where changed.status = 'temporary-failure' and d.subscription_id = changed.subscription_id
      and d.case_id = changed.case_id and d.sequence > changed.sequence
      and d.ended_at is null and d.status = 'created'
)
select * from changed"""  # noqa: S608


def _status_columns(ended: Sequence[Ended]) -> tuple[list[Any], ...]:
    return (
        [one.claimed.id for one in ended],
        [one.claimed.attempt for one in ended],
        [one.verdict.status for one in ended],
        [one.verdict.pause for one in ended],
    )
