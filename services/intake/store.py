"""Intake's SQL."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import asyncpg
import orjson

from contracts.envelope import CaseEnvelope
from delivery import outbox
from delivery.database import Connection, columns_of
from services.intake.outward import JOINS, Standing, standing_after
from services.intake.residents.due import language_of
from services.intake.submission import Idempotency, Submission

# one statement, so one round trip and one commit for a whole group
_INSERT = f"""
    with reports as (
        insert into reports (report_id, case_id, receipt_no, accepted_at, channel, submitted_by, body, envelope)
        select report_id, case_id, receipt_no, accepted_at, channel, submitted_by, body::jsonb, envelope::jsonb
        from unnest($5::uuid[], $6::uuid[], $7::text[], $8::timestamptz[], $9::text[], $10::text[], $11::text[],
                $24::text[])
            as new (report_id, case_id, receipt_no, accepted_at, channel, submitted_by, body, envelope)
    ), vault as (
        insert into vault (report_id, text, address, reporter_name, reporter_phone, reporter_email, attachments)
        select report_id, text, address, name, phone, email, attachments::jsonb
        from unnest($5::uuid[], $12::text[], $13::text[], $14::text[], $15::text[], $16::text[], $17::text[])
            as new (report_id, text, address, name, phone, email, attachments)
    ), keys as (
        insert into idempotency_keys (caller, key, body_sha256, report_id)
        select caller, key, body_sha256, report_id
        from unnest($18::text[], $19::text[], $20::bytea[], $5::uuid[]) as new (caller, key, body_sha256, report_id)
        where key is not null
        order by caller, key  -- so that two replicas with the same keys never wait for each other
    ), receipts as (
        insert into resident_messages (id, report_id, case_id, kind, language, about_event, about_type, about_case,
            about_version, correlation_id, first_due_at, due_at)
        select event_id, report_id, case_id, 'receipt', language, event_id, 'report.submitted', case_id, 0,
            correlation_id, accepted_at, accepted_at
        from unnest($5::uuid[], $6::uuid[], $8::timestamptz[], $21::uuid[], $22::uuid[], $23::text[])
            as new (report_id, case_id, accepted_at, event_id, correlation_id, language)
        where language is not null
    )
    {outbox.INSERT.format(1, 2, 3, 4)}"""  # noqa: S608  # our own text

_RECEIPT = "report_id, case_id, receipt_no, accepted_at"


async def insert_reports(connection: Connection, submissions: Sequence[Submission]) -> None:
    """Raises UniqueViolationError, having written nothing, when a key was used or a report committed before."""
    rows = [_row(submission) for submission in submissions]
    messages = [submission.message for submission in submissions]
    await connection.execute(_INSERT, *outbox.columns(messages), *map(list, zip(*rows, strict=True)))


async def find_used_keys(
    connection: Connection, keys: Sequence[Idempotency]
) -> dict[tuple[str, str], asyncpg.Record]:
    """Receipts of the reports that the keys were used for, with the hash of their bodies, by (caller, key)."""
    rows = await connection.fetch(
        f"""select k.caller, k.key, k.body_sha256, {_RECEIPT.replace("report_id", "r.report_id", 1)}
            from idempotency_keys k join reports r using (report_id)
            where (k.caller, k.key) in (select * from unnest($1::text[], $2::text[]))""",  # noqa: S608
        [used.caller for used in keys],
        [used.key for used in keys],
    )
    return {(row["caller"], row["key"]): row for row in rows}


async def find_report(connection: Connection, report_id: UUID) -> asyncpg.Record | None:
    """As it left intake."""
    return await connection.fetchrow(
        f"select {_RECEIPT}, channel, submitted_by, body::text as body from reports where report_id = $1",  # noqa: S608
        report_id,
    )


async def count_reports(connection: Connection, begin: datetime, end: datetime) -> int:
    """Accepted from `begin` until before `end`."""
    return int(
        await connection.fetchval(
            "select count(*) from reports where accepted_at >= $1 and accepted_at < $2", begin, end
        )
    )


async def read_vault(
    connection: Connection, report_id: UUID, *, reader: str, purpose: str | None
) -> asyncpg.Record | None:
    """The personal data of a report; that it was read is written down in the same transaction."""
    row = await connection.fetchrow(
        """select text, address, reporter_name, reporter_phone, reporter_email, attachments::text as attachments
           from vault where report_id = $1""",
        report_id,
    )
    if row is not None:
        await connection.execute(
            "insert into vault_reads (report_id, reader, fields, purpose) values ($1, $2, $3, $4)",
            report_id,
            reader,
            list(row.keys()),
            purpose,
        )
    return row


async def add_progress(connection: Connection, events: Sequence[CaseEnvelope[Any]]) -> None:
    """Steps of cases and why, in whatever order the events come."""
    rows = [
        (event.case_id, event.case_version, after.step, event.occurred_at, after.expected_by, *_why(after))
        for event in events
        if (after := standing_after(event))
    ]
    await connection.execute(
        """insert into case_progress (case_id, case_version, step, at, expected_by, reason, until)
           select * from unnest($1::uuid[], $2::int[], $3::text[], $4::timestamptz[], $5::timestamptz[], $6::text[],
               $7::timestamptz[])
           on conflict do nothing""",
        *columns_of(rows, 7),
    )


def _why(after: Standing) -> tuple[str | None, datetime | None]:
    return (after.reason.code, after.reason.until) if after.reason else (None, None)


async def find_progress(connection: Connection, receipt_no: str) -> list[asyncpg.Record]:
    """The report's acceptance and its case's steps, in order; once merged, those of the master, which for this
    reporter begin with the merge. Empty when the receipt number is unknown."""
    rows: list[asyncpg.Record] = await connection.fetch(
        """with report as (select case_id, accepted_at from reports where receipt_no = $1)
           select accepted_at as at, 'reported' as step, null as reason, null::timestamptz as until, 0 as part,
               0 as case_version
           from report
           union all
           select p.at, p.step, p.reason, p.until, 1, p.case_version
           from report join case_progress p using (case_id)
           union all
           select greatest(p.at, j.at), p.step, p.reason, p.until, 2, p.case_version
           from report join joined j using (case_id) join case_progress p on p.case_id = j.master
           order by part, case_version""",
        receipt_no,
    )
    return rows


async def keep_joined(connection: Connection, events: Sequence[CaseEnvelope[Any]]) -> None:
    """Merges and what takes them back, in whatever order they come."""
    last: dict[UUID, CaseEnvelope[Any]] = {}
    for event in events:
        if event.type in JOINS and event.case_version > getattr(last.get(event.case_id), "case_version", 0):
            last[event.case_id] = event
    if not last:
        return
    rows = [(each.case_id, each.case_version, _master(each), each.occurred_at) for each in last.values()]
    await connection.execute(
        """insert into joined (case_id, case_version, master, at)
           select * from unnest($1::uuid[], $2::int[], $3::uuid[], $4::timestamptz[])
           on conflict (case_id) do update
           set case_version = excluded.case_version, master = excluded.master, at = excluded.at
           where joined.case_version < excluded.case_version""",
        *map(list, zip(*rows, strict=True)),
    )


def _master(event: CaseEnvelope[Any]) -> UUID | None:
    return event.data.master_case_id if event.type == "case.merged" else None


def _row(submission: Submission) -> tuple[Any, ...]:
    given, used = submission.given, submission.idempotency
    attachments = [attachment.model_dump() for attachment in given.attachments]
    return (
        submission.report_id,
        submission.case_id,
        submission.receipt_no,
        submission.accepted_at,
        given.channel,
        submission.submitted_by,
        submission.fact.model_dump_json(exclude_none=True),
        given.text,
        given.place.address,
        given.reporter.name,
        given.reporter.phone,
        given.reporter.email,
        orjson.dumps(attachments).decode(),
        used.caller if used else None,
        used.key if used else None,
        used.body_sha256 if used else None,
        submission.event_id,
        submission.correlation_id,
        language_of(submission.fact.text) if submission.may_be_told else None,
        submission.envelope,
    )
