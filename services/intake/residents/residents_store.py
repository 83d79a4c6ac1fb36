"""SQL of messages to reporters: whom a fact concerns, what was told, what is due; contacts are read only to send."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from uuid import UUID

import asyncpg

from contracts.vocabulary import Medium, NoticeStatus, OutwardStep
from delivery.channels.ended import AS_ENDED, Ended, columns_of
from delivery.database import Connection
from services.intake.outward import Standing
from services.intake.reasons import LASTING, Reason
from services.intake.residents.due import WORK_IS_DONE, NewMessage, Reachable, Told, language_of

READER = "residents"


async def reachable(connection: Connection, cases: Collection[UUID]) -> list[Reachable]:
    """The reports of these cases, and those merged into them, whose reporters may be told."""
    rows = await connection.fetch(
        """with meant as (
               select unnest($1::uuid[]) as case_id
               union all select case_id from joined where master = any($1::uuid[]) and case_id <> all($1::uuid[])
           )
           select r.report_id, r.case_id, j.master, r.body->>'text' as text
           from meant join reports r using (case_id) join vault v using (report_id) left join joined j using (case_id)
           where (v.reporter_phone is not null or v.reporter_email is not null)
             and not coalesce((r.body->>'confidential')::bool, false)
           order by r.report_id""",
        list(set(cases)),
    )
    return [
        Reachable(
            row["report_id"],
            row["case_id"],
            language_of(row["text"]),
            frozenset({row["case_id"], row["master"] or row["case_id"]}),
        )
        for row in rows
    ]


async def last_told(connection: Connection, reports: Collection[UUID]) -> dict[UUID, Told]:
    rows = await connection.fetch(
        """select distinct on (report_id) report_id, step, about_case, about_version from resident_messages
           where report_id = any($1::uuid[]) and step is not null order by report_id, sequence desc""",
        list(reports),
    )
    return {
        row["report_id"]: Told(OutwardStep(row["step"]), row["about_case"], row["about_version"])
        for row in rows
    }


async def last_gone_out(connection: Connection, reports: Collection[UUID]) -> dict[UUID, OutwardStep]:
    """Of the reports of which reporters heard last that a step was reached, and no more than that."""
    rows = await connection.fetch(
        f"""select * from (
               select distinct on (report_id) report_id, step, reason from resident_messages
               where report_id = any($1::uuid[]) and kind <> 'receipt'
                 and status in ('sending', '{NoticeStatus.DELIVERED}')
               order by report_id, sequence desc
           ) as last where step is not null and reason is null""",  # noqa: S608  # our words
        list(reports),
    )
    return {row["report_id"]: OutwardStep(row["step"]) for row in rows}


async def standings(connection: Connection, cases: Collection[UUID]) -> dict[UUID, Standing]:
    rows = await connection.fetch(
        """select distinct on (case_id) case_id, step, reason, until from case_progress where case_id = any($1::uuid[])
           order by case_id, case_version desc""",
        list(cases),
    )
    return {
        row["case_id"]: Standing(
            OutwardStep(row["step"]), Reason(row["reason"], row["until"]) if row["reason"] else None
        )
        for row in rows
    }


async def add(connection: Connection, messages: Sequence[tuple[UUID, NewMessage, bool]]) -> None:
    """Once per report, fact and kind, however often the fact comes; True: it is not sent, and kept as where the case
    stood last, by which what follows is news or not."""
    rows = [
        (
            message_id,
            new.report.report_id,
            new.report.case_id,
            new.kind,
            new.standing.step if new.standing else None,
            *((new.standing and new.standing.reason) or (None, None, None)),
            new.report.language,
            new.event.event_id,
            new.event.type,
            new.event.case_id,
            getattr(new.event, "case_version", 0),
            new.event.correlation_id,
            new.due_at,
            NoticeStatus.STOPPED if is_known else "waiting",
        )
        for message_id, new, is_known in messages
    ]
    await connection.execute(
        """insert into resident_messages (id, report_id, case_id, kind, step, reason, until, way, language,
               about_event, about_type, about_case, about_version, correlation_id, first_due_at, due_at,
               status, ended_at)
           select id, report_id, case_id, kind, step, reason, until, way, language,
               about_event, about_type, about_case, about_version, correlation_id, due_at, due_at,
               status, case when status <> 'waiting' then now() end
           from unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::text[], $5::text[], $6::text[], $7::timestamptz[],
               $8::text[], $9::text[], $10::uuid[], $11::text[], $12::uuid[], $13::int[], $14::uuid[],
               $15::timestamptz[], $16::text[]) with ordinality
               as n (id, report_id, case_id, kind, step, reason, until, way, language,
                   about_event, about_type, about_case, about_version, correlation_id, due_at, status, number)
           order by number
           on conflict do nothing""",
        *map(list, zip(*rows, strict=True)),
    )


_LASTS = f"coalesce(m.reason = any(array{[*LASTING]}), false)"
_IS_OPEN = f"m.status in ('waiting', '{NoticeStatus.TEMPORARY_FAILURE}')"
_IS_OVERTAKEN = f"""exists (
    select from resident_messages newer
    where newer.report_id = m.report_id and newer.kind = 'progress' and newer.sequence > m.sequence
      and ((m.kind = 'progress' and not {_LASTS} and newer.status <> '{NoticeStatus.STOPPED}')
          or (m.kind in ('feedback', 'visit') and newer.step <> all(array{[step.value for step in WORK_IS_DONE]}))))"""
# what failed while a newer step came is not told after it
_GIVES_WAY = f"e.status = '{NoticeStatus.TEMPORARY_FAILURE}' and {_IS_OVERTAKEN}"


async def supersede(
    connection: Connection, moved: Collection[UUID], begun_anew: Collection[UUID] = ()
) -> None:
    """A newer step takes the place of those that have not gone out, but of none that lasts. Where work began anew
    nobody hears that it is done."""
    await connection.execute(
        f"""update resident_messages m set status = '{NoticeStatus.STOPPED}', ended_at = now()
           where {_IS_OPEN} and ((m.report_id = any($1::uuid[]) and m.kind = 'progress' and not {_LASTS})
               or (m.report_id = any($2::uuid[]) and m.kind in ('feedback', 'visit')))""",  # noqa: S608  # our words
        list(moved),
        list(begun_anew),
    )


_MEDIUM = """case when v.reporter_phone is null or ($4::bool and v.reporter_email is not null) then 'email'
    else 'sms' end"""


async def claim(
    connection: Connection,
    *,
    now: datetime,
    room: Mapping[Medium, int],
    by_mail: bool,
    lease: timedelta,
    receipts_only: bool,
) -> list[asyncpg.Record]:
    """Take what is due and goes by a medium that has room, for the length of the lease, with the contact from the
    vault; that it was read is written down. `by_mail`: wherever there is an address; `receipts_only`: nothing that
    waits for the end of quiet hours.

    Of a report only the first open message can be taken, so that a reporter never hears of a later step first.
    """
    rows: list[asyncpg.Record] = await connection.fetch(
        f"""with chosen as materialized (
               select due.id, room.medium from unnest($2::text[], $5::int[]) as room (medium, free)
               cross join lateral (
                   select m.id from resident_messages m left join vault v using (report_id)
                   where m.ended_at is null and m.due_at <= $1::timestamptz and {_MEDIUM} = room.medium
                     and (m.kind = 'receipt' or not $6)
                     and m.sequence = (
                         select min(open.sequence) from resident_messages open
                         where open.report_id = m.report_id and open.ended_at is null)
                   order by m.due_at limit room.free for update of m skip locked) due
           )
           update resident_messages m set status = 'sending', medium = chosen.medium, attempts = m.attempts + 1,
               due_at = $1::timestamptz + $3::interval
           from chosen where m.id = chosen.id
           returning m.*, now() as claimed_at, m.attempts > 1 and {_IS_OVERTAKEN} as overtaken,
               (select receipt_no from reports r where r.report_id = m.report_id),
               (select reporter_phone from vault v where v.report_id = m.report_id),
               (select reporter_email from vault v where v.report_id = m.report_id)""",  # noqa: S608  # our own words
        now,
        list(room),
        lease,
        by_mail,
        list(room.values()),
        receipts_only,
    )
    await connection.execute(
        """insert into vault_reads (report_id, reader, fields, purpose)
           select report_id, $1, array['reporter_phone', 'reporter_email'], 'told: ' || kind
           from unnest($2::uuid[], $3::text[]) as read (report_id, kind)""",
        READER,
        [row["report_id"] for row in rows],
        [row["kind"] for row in rows],
    )
    return rows


async def record(connection: Connection, ended: Sequence[Ended], *, now: datetime) -> list[asyncpg.Record]:
    """Gives the messages whose claim still stood, as they are now."""
    rows: list[asyncpg.Record] = await connection.fetch(
        f"""update resident_messages m set code = e.code, error = e.error,
               status = case when {_GIVES_WAY} then '{NoticeStatus.STOPPED}' else e.status end,
               due_at = $1::timestamptz + make_interval(secs => e.pause),
               ended_at = case when {_GIVES_WAY} or e.status <> '{NoticeStatus.TEMPORARY_FAILURE}'
                   then $1::timestamptz end
           from {AS_ENDED}
           where m.id = e.id and m.attempts = e.attempt and m.status = 'sending'
           returning m.*""",  # noqa: S608
        now,
        *columns_of(ended),
    )
    return rows
