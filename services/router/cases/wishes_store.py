"""What reporters want and a person has to decide: kept until he has, with the case that answers for the report."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from enum import StrEnum
from typing import Any
from uuid import UUID

import asyncpg

from contracts.envelope import CaseEnvelope, ReportEnvelope
from contracts.facts.case import CaseMerged, CaseUnmerged
from contracts.vocabulary import Role
from delivery.database import Connection, columns_of


class Wish(StrEnum):
    WITHDRAWN = "withdrawn"
    UNSOLVED = "unsolved"


_ENDS = ("case.closed", "case.archived", "case.rejected", "case.handed_over", "case.voided")
# what a person makes of it; that work begins anew says nothing of a withdrawal
_SETTLED_BY: Mapping[Wish, frozenset[str]] = {
    Wish.WITHDRAWN: frozenset(_ENDS),
    Wish.UNSOLVED: frozenset(
        (*_ENDS, "case.redo", "case.rework", "case.reopened", "approval.reopened"),
    ),
}


async def add_wish(
    connection: Connection, event: ReportEnvelope[Any], case_id: UUID, wish: Wish, reason: str | None
) -> None:
    await connection.execute(
        """insert into reporter_wishes (event_id, case_id, report_id, wish, reason, wished_at)
           values ($1, $2, $3, $4, $5, $6) on conflict do nothing""",
        *(event.event_id, case_id, event.data.report_id, wish, reason, event.occurred_at),
    )


async def wishes_of(connection: Connection, case_id: UUID) -> list[asyncpg.Record]:
    rows: list[asyncpg.Record] = await connection.fetch(
        """select report_id, wish, reason, wished_at from reporter_wishes where case_id = $1
           order by wished_at, event_id""",
        case_id,
    )
    return rows


async def follow(connection: Connection, events: Iterable[CaseEnvelope[Any]]) -> None:
    """Wishes that are decided are none any more; the others go with their report into another case and back."""
    decided: list[tuple[UUID, Wish]] = []
    for event in events:
        decided += [(event.case_id, wish) for wish in _settled_by(event)]
        if isinstance(event.data, CaseMerged | CaseUnmerged):
            await _drop(connection, decided)  # before others come to the case, or leave it
            decided = []
            await _move(connection, event.case_id, event.data)
    await _drop(connection, decided)


async def _drop(connection: Connection, decided: Sequence[tuple[UUID, Wish]]) -> None:
    if decided:
        await connection.execute(
            """delete from reporter_wishes
               where (case_id, wish) in (select * from unnest($1::uuid[], $2::text[]))""",
            *columns_of(decided, 2),
        )


async def _move(connection: Connection, case_id: UUID, fact: CaseMerged | CaseUnmerged) -> None:
    match fact:
        case CaseMerged(master_case_id=master):
            await connection.execute(
                "update reporter_wishes set case_id = $2 where case_id = $1", case_id, master
            )
        case CaseUnmerged(master_case_id=master):
            await connection.execute(
                """update reporter_wishes w set case_id = c.case_id from cases c
                   where c.case_id = $1 and w.case_id = $2 and w.report_id = c.report_id""",
                case_id,
                master,
            )


def _settled_by(event: CaseEnvelope[Any]) -> Iterator[Wish]:
    """What the system closes by itself nobody has decided."""
    by_itself = event.type == "case.closed" and event.actor.role is Role.SYSTEM
    for wish, settling in _SETTLED_BY.items():
        if event.type in settling and not (by_itself and wish is Wish.UNSOLVED):
            yield wish
