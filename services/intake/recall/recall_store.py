"""Reports as their events say them: without reporter, address, attachments, and words that were personal."""

import secrets
from collections.abc import Sequence
from typing import Any

from contracts.envelope import ReportEnvelope
from contracts.facts.report import ReportSubmitted
from delivery.database import Connection, columns_of
from services.intake.receipt import RANDOM_BYTES, receipt_no


async def keep_published(connection: Connection, events: Sequence[ReportEnvelope[ReportSubmitted]]) -> int:
    """Those that are not known, each with a receipt number of its own, for the first one is nowhere; their number."""
    rows = [_row(event) for event in events]
    kept = await connection.fetch(
        """insert into reports (report_id, case_id, receipt_no, accepted_at, channel, submitted_by, body, envelope)
           select report_id, case_id, receipt_no, accepted_at, channel, submitted_by, body::jsonb, envelope::jsonb
           from unnest($1::uuid[], $2::uuid[], $3::text[], $4::timestamptz[], $5::text[], $6::text[], $7::text[],
               $8::text[])
               as new (report_id, case_id, receipt_no, accepted_at, channel, submitted_by, body, envelope)
           on conflict do nothing returning report_id""",
        *columns_of(rows, 8),
    )
    return len(kept)


def _row(event: ReportEnvelope[ReportSubmitted]) -> tuple[Any, ...]:
    fact, at = event.data, event.occurred_at
    return (
        fact.report_id,
        event.case_id,
        receipt_no(at.date(), secrets.token_bytes(RANDOM_BYTES)),
        at,
        fact.channel,
        event.actor.person or "",
        fact.model_dump_json(exclude_none=True),
        event.model_dump_json(exclude={"data"}, exclude_none=True),
    )
