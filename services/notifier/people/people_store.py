"""SQL of the parties of cases, and of units' contacts."""

from collections.abc import Collection, Mapping
from typing import Any
from uuid import UUID

import asyncpg

from contracts.vocabulary import Medium
from delivery.channels.timing import Timetable
from delivery.database import Connection
from services.notifier.people.parties import Parties
from services.notifier.people.telling import Reachable

CONTACT = "unit, language, email, phone, app, quiet_from, quiet_to, updated_at"
# where each medium finds a unit
ADDRESS_OF = {Medium.EMAIL: "email", Medium.SMS: "phone", Medium.CALL: "phone", Medium.APP: "app"}


async def find_parties(connection: Connection, case_ids: Collection[UUID]) -> dict[UUID, Parties]:
    """Locked, in one order, so that a signature and a repetition of the same case never pass each other unseen."""
    rows = await connection.fetch(
        "select case_id, body from parties where case_id = any($1::uuid[]) order by case_id for update",
        sorted(case_ids),
    )
    return {row["case_id"]: Parties.model_validate(row["body"]) for row in rows}


async def keep_parties(connection: Connection, known: Mapping[UUID, Parties]) -> None:
    await connection.execute(
        """insert into parties (case_id, body, waits_for_signature)
           select case_id, body::jsonb, waits
           from unnest($1::uuid[], $2::text[], $3::bool[]) as p (case_id, body, waits)
           on conflict (case_id) do update
           set body = excluded.body, waits_for_signature = excluded.waits_for_signature""",
        list(known),
        [each.model_dump_json(exclude_defaults=True) for each in known.values()],
        [each.waits_for_signature for each in known.values()],
    )


async def find_reachable(
    connection: Connection, units: Collection[str], default: Timetable
) -> dict[str, Reachable]:
    rows = await connection.fetch(
        f"select {CONTACT} from contacts where unit = any($1::text[])",  # noqa: S608
        list(units),
    )
    return {row["unit"]: _reachable(row, default) for row in rows}


def _reachable(row: asyncpg.Record, default: Timetable) -> Reachable:
    media = frozenset(medium for medium, column in ADDRESS_OF.items() if row[column])
    return Reachable(timetable_of(row, default), media)


def timetable_of(contact: asyncpg.Record, default: Timetable) -> Timetable:
    """The unit's own, or the default."""
    if contact["quiet_from"] is None:
        return default
    return Timetable(default.zone, contact["quiet_from"], contact["quiet_to"], default.digest_at)


async def find_contact(connection: Connection, unit: str) -> asyncpg.Record | None:
    return await connection.fetchrow(f"select {CONTACT} from contacts where unit = $1", unit)  # noqa: S608


async def keep_contact(connection: Connection, contact: Mapping[str, Any], by: str) -> asyncpg.Record:
    row = await connection.fetchrow(
        f"""insert into contacts (unit, language, email, phone, app, quiet_from, quiet_to, updated_by)
            values ($1, $2, $3, $4, $5, $6, $7, $8)
            on conflict (unit) do update set language = excluded.language, email = excluded.email,
                phone = excluded.phone, app = excluded.app, quiet_from = excluded.quiet_from,
                quiet_to = excluded.quiet_to, updated_by = excluded.updated_by, updated_at = now()
            returning {CONTACT}""",  # noqa: S608
        *(contact[name] for name in ("unit", "language", "email", "phone", "app", "quiet_from", "quiet_to")),
        by,
    )
    assert row is not None
    return row
