"""Which area each unit serves and whom it reports to, as the directory says it."""

from collections.abc import Collection, Sequence
from itertools import groupby
from typing import Any

from contracts.envelope import Envelope, Removed
from contracts.facts.directory import UnitDefined
from delivery.database import Connection


async def keep(connection: Connection, facts: Sequence[Envelope[Any] | Removed]) -> None:
    """In the order in which it is said; what comes late never overrides a newer version."""
    for are_gone, run in groupby(facts, key=lambda fact: isinstance(fact, Removed)):
        if are_gone:
            await _remove(connection, [fact.subject for fact in run if isinstance(fact, Removed)])
        else:
            await _define(connection, [fact.data for fact in run if isinstance(fact, Envelope)])


async def beside(connection: Connection, unit: str | None) -> frozenset[str]:
    """The units that serve the same area, or did as they were taken out, itself among them; itself alone when it is
    gone, none when the directory never knew it."""
    rows = await connection.fetch(
        """select other.code from units one
           join units other on other.area = one.area and (not one.gone or other.code = one.code)
           where one.code = $1""",
        unit,
    )
    return frozenset(row["code"] for row in rows)


async def with_those_below(connection: Connection, units: Collection[str]) -> frozenset[str]:
    """The units, also those that the directory does not know, and all that report to them, or did as they were taken
    out: what was theirs to do stays with those who answer for it."""
    rows = await connection.fetch(
        """with recursive below (code) as (
               select unnest($1::text[])
               union
               select units.code from below join units on units.parent = below.code
           )
           select code from below""",
        sorted(units),
    )
    return frozenset(row["code"] for row in rows)


async def _remove(connection: Connection, codes: Sequence[str]) -> None:
    """A removal has no version: what is said after it begins anew."""
    await connection.execute(
        "update units set gone = true, version = 0 where code = any($1::text[])", sorted(codes)
    )


async def _define(connection: Connection, facts: Sequence[UnitDefined]) -> None:
    newest = {fact.code: fact for fact in sorted(facts, key=lambda fact: fact.directory_version)}
    ordered = [newest[code] for code in sorted(newest)]
    await connection.execute(
        """insert into units (code, area, parent, version)
           select * from unnest($1::text[], $2::text[], $3::text[], $4::int[])
           on conflict (code) do update
               set area = excluded.area, parent = excluded.parent, version = excluded.version, gone = false
           where units.version <= excluded.version""",
        [unit.code for unit in ordered],
        [unit.area for unit in ordered],
        [unit.parent for unit in ordered],
        [unit.directory_version for unit in ordered],
    )
