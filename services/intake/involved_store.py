"""Who has to do with a report's case, kept from its events."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from contracts.envelope import CaseEnvelope, Fact
from contracts.privacy import privacy_in
from contracts.vocabulary import Privacy
from delivery.database import Connection
from services.intake.directory_store import ground_of, with_those_above
from services.intake.reading import Involved

# beside those that a resident is told of: they name a unit, or say who may know of the case
ALSO_SAID_BY = (
    *("case.verify_requested", "case.called_in", "case.urgency_changed", "case.privacy_changed"),
    "approval.returned",
)
_ACTING = ("lead", "superior", "unit", "co_handlers", "units")
_TOLD = ("tracker", "copies")


@dataclass
class _Said:
    """What a batch says of one case."""

    acting: set[str] = field(default_factory=set)
    told: set[str] = field(default_factory=set)
    privacy: Privacy | None = None
    privacy_version: int = 0
    grid: str | None = None


async def keep(connection: Connection, events: Sequence[CaseEnvelope[Any]]) -> None:
    """In whatever order the events of a case come: units are only added, of privacies the newest counts."""
    said: defaultdict[UUID, _Said] = defaultdict(_Said)
    for event in events:
        _add(said[event.case_id], event)
    rows = [
        (case_id, " ".join(of.acting), " ".join(of.told), of.privacy, of.privacy_version, of.grid)
        for case_id, of in said.items()
        if of.acting or of.told or of.privacy
    ]
    if rows:
        await connection.execute(
            """insert into matters (case_id, acting, told, privacy, privacy_version, grid)
               select case_id, string_to_array(acting, ' '), string_to_array(told, ' '), privacy, version, grid
               from unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::int[], $6::text[])
                   as new (case_id, acting, told, privacy, version, grid)
               on conflict (case_id) do update set
                   acting = array(select distinct unnest(matters.acting || excluded.acting)),
                   told = array(select distinct unnest(matters.told || excluded.told)),
                   privacy = case when matters.privacy_version < excluded.privacy_version
                       then excluded.privacy else matters.privacy end,
                   grid = case when matters.privacy_version < excluded.privacy_version
                       then excluded.grid else matters.grid end,
                   privacy_version = greatest(matters.privacy_version, excluded.privacy_version)""",
            *map(list, zip(*rows, strict=True)),
        )


async def find(connection: Connection, case_id: UUID) -> Involved:
    """Of the case itself and, once it was merged, of its master, and with those whom each unit reports to; the more
    secret of the two counts. A sealed report stays for those who act on its own case."""
    rows = await connection.fetch(
        """select case_id = $1 as is_its_own, privacy, acting, told, grid from matters
           where case_id = $1 or case_id = (select master from joined where case_id = $1)
           order by is_its_own desc""",
        case_id,
    )
    if not rows or not rows[0]["is_its_own"]:
        return Involved()
    if rows[0]["privacy"] == Privacy.SEALED:
        rows = rows[:1]
    if any(row["privacy"] is None for row in rows):
        return Involved()
    return Involved(
        max((Privacy(row["privacy"]) for row in rows), key=lambda privacy: privacy.level),
        await with_those_above(connection, {unit for row in rows for unit in row["acting"]}),
        await with_those_above(connection, {unit for row in rows for unit in row["told"]}),
        await ground_of(connection, rows[0]["grid"]),
    )


def _add(of: _Said, event: CaseEnvelope[Any]) -> None:
    of.acting.update(_named(event.data, _ACTING))
    of.told.update(_named(event.data, _TOLD))
    privacy = privacy_in(event.data)
    if privacy is not None and event.case_version > of.privacy_version:
        of.privacy, of.privacy_version, of.grid = privacy, event.case_version, event.grid


def _named(fact: Fact, fields: Iterable[str]) -> Iterable[str]:
    for name in fields:
        said = fact.said(name) or ()
        yield from (said,) if isinstance(said, str) else said
