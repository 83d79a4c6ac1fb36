"""Who has to do with a report's case, kept from its events."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import asyncpg

from contracts.envelope import CaseEnvelope, Fact
from contracts.facts.approval import Turn
from contracts.facts.case import (
    CaseConsultOpened,
    CaseDesignated,
    CaseDispatched,
    CaseEscalated,
    CaseFiled,
    CaseVerifyRequested,
)
from contracts.facts.closing import CaseCheckRequested
from contracts.privacy import privacy_in
from contracts.vocabulary import Privacy
from delivery.database import Connection, columns_of
from services.intake.directory_store import ground_of, with_those_above
from services.intake.reading import Involved

# beside those that a resident is told of: they name a unit, or say who may know of the case
ALSO_SAID_BY = (
    *("case.verify_requested", "case.called_in", "case.urgency_changed", "case.privacy_changed"),
    "approval.returned",
)
_ACTING = ("lead", "superior", "unit", "co_handlers", "units")
_TOLD = ("tracker", "copies")
# to look at it or to say what they think: they read it as who acts on it does, unless it is sealed
_ASKED: dict[type[Fact], str] = {
    CaseVerifyRequested: "unit",
    CaseCheckRequested: "unit",
    CaseConsultOpened: "units",
}
_NEVER_ACTED = -1
# who acts on it is said anew, whole
_GIVEN_ANEW = (CaseFiled, CaseDispatched, CaseDesignated, CaseEscalated)


@dataclass
class _Said:
    """What a batch says of one case."""

    acting: dict[str, int] = field(default_factory=dict)  # and the version that last had each act
    given_anew: int = 0
    told: set[str] = field(default_factory=set)
    privacy: Privacy | None = None
    privacy_version: int = 0
    grid: str | None = None
    beside: UUID | None = None


async def keep(connection: Connection, events: Sequence[CaseEnvelope[Any]]) -> None:
    """In whatever order the events of a case come: units are only added, of privacies the newest counts."""
    said: defaultdict[UUID, _Said] = defaultdict(_Said)
    for event in events:
        _add(said[event.case_id], event)
    rows = [(case_id, *_row(of)) for case_id, of in said.items() if of.acting or of.told or of.privacy]
    if rows:
        await connection.execute(
            """insert into matters (
                   case_id, acting, acting_at, given_anew, told, privacy, privacy_version, grid, beside
               )
               select case_id, string_to_array(acting, ' '), acting_at, given_anew, string_to_array(told, ' '),
                   privacy, version, grid, beside
               from unnest($1::uuid[], $2::text[], $3::jsonb[], $4::int[], $5::text[], $6::text[], $7::int[],
                   $8::text[], $9::uuid[])
                   as new (case_id, acting, acting_at, given_anew, told, privacy, version, grid, beside)
               on conflict (case_id) do update set
                   acting = array(select distinct unnest(matters.acting || excluded.acting)),
                   acting_at = (
                       select coalesce(jsonb_object_agg(unit, version), '{}') from (
                           select key as unit, max(value::int) as version from (
                               select * from jsonb_each(matters.acting_at)
                               union all select * from jsonb_each(excluded.acting_at)
                           ) as named group by key
                       ) as last
                   ),
                   given_anew = greatest(matters.given_anew, excluded.given_anew),
                   told = array(select distinct unnest(matters.told || excluded.told)),
                   privacy = case when matters.privacy_version < excluded.privacy_version
                       then excluded.privacy else matters.privacy end,
                   grid = case when matters.privacy_version < excluded.privacy_version
                       then excluded.grid else matters.grid end,
                   privacy_version = greatest(matters.privacy_version, excluded.privacy_version),
                   beside = coalesce(excluded.beside, matters.beside)""",
            *columns_of(rows, 9),
        )


async def find(connection: Connection, case_id: UUID) -> Involved:
    """Of the report's case, of the emergency beside it and, once one was merged, of its master, and with those whom
    each unit reports to; the more secret of them counts. A sealed report stays for those who act on its own cases, and
    act on them now: who had it before may be the one complained of."""
    rows = await connection.fetch(
        """with its_own as (select case_id from matters where case_id = $1 or beside = $1)
           select case_id = $1 as is_first, case_id in (table its_own) as is_its_own, privacy, acting, acting_at, told,
               given_anew, grid
           from matters
           where case_id in (
               table its_own union select master from joined where case_id in (table its_own)
           )
           order by is_first desc""",
        case_id,
    )
    if not rows or not rows[0]["is_first"]:
        return Involved()
    own = [row for row in rows if row["is_its_own"]]
    if any(row["privacy"] == Privacy.SEALED for row in own):
        rows = own
    if any(row["privacy"] is None for row in rows):
        return Involved()
    privacy = max((Privacy(row["privacy"]) for row in rows), key=lambda privacy: privacy.level)
    acting = {
        unit for row in rows for unit in (_acting_now(row) if privacy is Privacy.SEALED else row["acting"])
    }
    return Involved(
        privacy,
        await with_those_above(connection, acting),
        await with_those_above(connection, {unit for row in rows for unit in row["told"]}),
        await ground_of(connection, rows[0]["grid"]),
    )


def _acting_now(row: asyncpg.Record) -> list[str]:
    """Of a unit named before this was kept no version is known, till the case is given anew."""
    return [unit for unit in row["acting"] if row["acting_at"].get(unit, 0) >= row["given_anew"]]


def _row(of: _Said) -> tuple[Any, ...]:
    acting = (" ".join(of.acting), of.acting, of.given_anew)
    return (*acting, " ".join(of.told), of.privacy, of.privacy_version, of.grid, of.beside)


def _add(of: _Said, event: CaseEnvelope[Any]) -> None:
    asked = _ASKED.get(type(event.data))
    for name in _ACTING:
        version = _NEVER_ACTED if name == asked else event.case_version
        for unit in _named(event.data, name):
            of.acting[unit] = max(version, of.acting.get(unit, _NEVER_ACTED))
    if _is_given_anew(event.data):
        of.given_anew = max(event.case_version, of.given_anew)
    of.told.update(*(_named(event.data, name) for name in _TOLD))
    if isinstance(event.data, CaseFiled):
        of.beside = event.data.application or of.beside
    privacy = privacy_in(event.data)
    if privacy is not None and event.case_version > of.privacy_version:
        of.privacy, of.privacy_version, of.grid = privacy, event.case_version, event.grid


def _is_given_anew(fact: Fact) -> bool:
    return isinstance(fact, _GIVEN_ANEW) or (isinstance(fact, Turn) and fact.unit is not None)


def _named(fact: Fact, name: str) -> Iterable[str]:
    said = fact.said(name) or ()
    return (said,) if isinstance(said, str) else said
