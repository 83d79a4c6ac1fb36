"""Who has to do with which case, as far as the facts told."""

from collections.abc import Mapping, Sequence
from uuid import UUID

import asyncpg
import orjson

from contracts.vocabulary import Privacy
from delivery.database import Connection
from services.notifier.involved import Involved


async def find(connection: Connection, case_ids: Sequence[UUID]) -> dict[UUID, Involved]:
    rows = await connection.fetch(
        """select case_id, lead, co_handlers, copies, units_version, privacy, privacy_version
           from involved where case_id = any($1)""",
        case_ids,
    )
    return {row["case_id"]: _involved_from(row) for row in rows}


def _involved_from(row: asyncpg.Record) -> Involved:
    return Involved(
        lead=row["lead"],
        co_handlers=tuple(row["co_handlers"]),
        copies=tuple(row["copies"]),
        units_version=row["units_version"],
        privacy=Privacy(row["privacy"]) if row["privacy"] else None,
        privacy_version=row["privacy_version"],
    )


async def remember(connection: Connection, known: Mapping[UUID, Involved]) -> None:
    """Sorted, so that two transactions never wait for each other."""
    cases = sorted(known)
    told = [known[case_id] for case_id in cases]
    await connection.execute(
        """insert into involved (case_id, lead, co_handlers, copies, units_version, privacy, privacy_version)
           select case_id, lead, co_handlers::jsonb, copies::jsonb, units_version, privacy, privacy_version
           from unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::int[], $6::text[], $7::int[])
               as told (case_id, lead, co_handlers, copies, units_version, privacy, privacy_version)
           on conflict (case_id) do update set lead = excluded.lead, co_handlers = excluded.co_handlers,
               copies = excluded.copies, units_version = excluded.units_version, privacy = excluded.privacy,
               privacy_version = excluded.privacy_version""",
        cases,
        [one.lead for one in told],
        [orjson.dumps(one.co_handlers).decode() for one in told],
        [orjson.dumps(one.copies).decode() for one in told],
        [one.units_version for one in told],
        [one.privacy for one in told],
        [one.privacy_version for one in told],
    )
