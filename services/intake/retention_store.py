"""The SQL that clears the vault: each closing is looked at once, when it is old enough."""

from datetime import datetime
from typing import NamedTuple

from delivery.database import Connection
from services.intake.reasons import OF_AN_APPLICATION
from services.intake.tables import vault

_CLEARER = "retention"
_PERSONAL = [column.name for column in vault.columns if column.name != "report_id"]


class Cleared(NamedTuple):
    """`closings` looked at, the last of them at `until`, and the reports whose personal data went."""

    until: datetime | None
    closings: int
    reports: int


async def lock_cleared(connection: Connection) -> datetime | None:
    """The moment up to which all closings were looked at; None while another replica is at it."""
    until: datetime | None = await connection.fetchval(
        "select closed_until from vault_cleared for update skip locked"
    )
    return until


async def keep_cleared(connection: Connection, until: datetime) -> None:
    await connection.execute("update vault_cleared set closed_until = $1", until)


async def clear(connection: Connection, since: datetime, before: datetime, *, limit: int) -> Cleared:
    """Of the closings in between the first, and all of the same moment as the last. What was opened again waits for its
    next closing, and applications are kept as long as their own law says; each that goes is written down as a reading
    is."""
    row = await connection.fetchrow(
        """with passed as materialized (
               select case_id, case_version, at from case_progress
               where step = 'closed' and at > $1 and at < $2
               order by at fetch first ($3) rows with ties
           ), over as (
               select distinct case_id from passed
               where not exists (
                   select from case_progress later where later.case_id = passed.case_id
                     and (later.reason = any($4::text[])
                          or (later.case_version > passed.case_version and later.step <> 'closed')))
           ), erased as (
               delete from vault using reports
               where vault.report_id = reports.report_id and reports.case_id in (
                   select case_id from over
                   union all select joined.case_id from joined join over on joined.master = over.case_id)
               returning vault.report_id
           ), noted as (
               insert into vault_reads (report_id, reader, fields, purpose)
               select report_id, $5, $6::text[], 'erased' from erased
           )
           select (select max(at) from passed), (select count(*) from passed), (select count(*) from erased)""",
        *(since, before, limit, list(OF_AN_APPLICATION), _CLEARER, _PERSONAL),
    )
    assert row is not None
    return Cleared(*row)
