"""How the targets of subscriptions do, known to every replica."""

from collections.abc import Collection, Sequence
from datetime import timedelta
from uuid import UUID

from delivery.database import Connection
from services.notifier.circuit import OPENS_AFTER, PROBE_PAUSES, Course


async def lock(
    connection: Connection, subscription_ids: Collection[UUID], unwell: Collection[UUID]
) -> dict[UUID, str | None]:
    """Where those go of whom there may be something to note; who does well and did so before is not held up for it."""
    rows = await connection.fetch(
        """select id, target from subscriptions where id = any($1::uuid[]) and (failures > 0 or id = any($2::uuid[]))
           order by id for no key update""",
        list(subscription_ids),
        list(unwell),
    )
    return {row["id"]: row["target"] for row in rows}


async def note(connection: Connection, courses: Sequence[Course]) -> None:
    """When a circuit closes, what waits for its next attempt is due at once: the target is back. Lock them first.

    Once it is open only a probe that fails counts: what was under way with the last straw says nothing new. Nor does
    what was under way with the answer that disabled it.
    """
    await connection.execute(
        _NOTE,
        [course.subscription_id for course in courses],
        [course.is_alive for course in courses],
        [course.failures for course in courses],
        [course.error for course in courses],
        [course.was_probed for course in courses],
        OPENS_AFTER,
        list(PROBE_PAUSES),
    )


_NOTE = """with course as (
    select c.*, s.probe_at is not null as was_open,
        case when c.is_alive then least(c.failures, $6::int)
            when s.failures < $6 then least(s.failures + c.failures, $6)
            else s.failures + c.was_probed::int end as in_a_row,
        s.failures >= $6 and not c.is_alive and not c.was_probed as is_late
    from unnest($1::uuid[], $2::bool[], $3::int[], $4::text[], $5::bool[])
        as c (id, is_alive, failures, error, was_probed)
    join subscriptions s on s.id = c.id
    where s.status <> 'disabled' and (s.failures > 0 or c.failures > 0)
), noted as (
    update subscriptions s set
        failures = c.in_a_row,
        failing_since = case when c.in_a_row = 0 then null when c.is_alive then now()
            else coalesce(s.failing_since, now()) end,
        last_error = case when c.in_a_row = 0 then s.last_error else c.error end,
        probe_at = case when c.is_late then s.probe_at when c.in_a_row >= $6 then now() + make_interval(
            secs => ($7::float[])[least(c.in_a_row - $6 + 1, cardinality($7::float[]))]) end
    from course c where s.id = c.id
)
update deliveries d set due_at = now()
from course c
where c.was_open and c.in_a_row = 0 and d.subscription_id = c.id and d.ended_at is null
  and d.status in ('created', 'temporary-failure') and d.due_at > now()"""


async def probe(connection: Connection, subscription_ids: Sequence[UUID], *, lease: timedelta) -> None:
    """One probe is enough: until it is answered, or its worker taken for dead, nobody makes another."""
    await connection.execute(
        """update subscriptions set probe_at = now() + $2::interval
           where id = any($1) and probe_at is not null""",
        sorted(subscription_ids),
        lease,
    )


async def open_ones(connection: Connection) -> int:
    return int(
        await connection.fetchval(
            "select count(*) from subscriptions where probe_at is not null and status = 'active'"
        )
    )
