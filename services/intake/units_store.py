"""Who reports to whom, as the directory says it."""

from collections.abc import Collection, Sequence
from typing import Any

from contracts.envelope import Envelope, Removed
from delivery.database import Connection


async def keep(connection: Connection, facts: Sequence[Envelope[Any] | Removed]) -> None:
    """What is said last of each unit; one that comes late never overrides a newer version."""
    last: dict[str, Envelope[Any] | Removed] = {}
    for fact in facts:
        if not _is_older(fact, last.get(_code(fact))):
            last[_code(fact)] = fact
    defined = [fact.data for _, fact in sorted(last.items()) if isinstance(fact, Envelope)]
    removed = sorted(code for code, fact in last.items() if isinstance(fact, Removed))
    await connection.execute("delete from units where code = any($1::text[])", removed)
    await connection.execute(
        """insert into units (code, parent, version) select * from unnest($1::text[], $2::text[], $3::int[])
           on conflict (code) do update set parent = excluded.parent, version = excluded.version
           where units.version <= excluded.version""",
        [unit.code for unit in defined],
        [unit.parent for unit in defined],
        [unit.directory_version for unit in defined],
    )


async def with_those_above(connection: Connection, units: Collection[str]) -> frozenset[str]:
    """The units, also those that the directory does not know, and all that they report to."""
    rows = await connection.fetch(
        """with recursive above (code) as (
               select unnest($1::text[])
               union
               select parent from above join units using (code) where parent is not null
           )
           select code from above""",
        sorted(units),
    )
    return frozenset(row["code"] for row in rows)


def _is_older(fact: Envelope[Any] | Removed, than: Envelope[Any] | Removed | None) -> bool:
    """A removal has no version: what is said after it begins anew."""
    if isinstance(fact, Removed) or than is None or isinstance(than, Removed):
        return False
    return bool(fact.data.directory_version < than.data.directory_version)


def _code(fact: Envelope[Any] | Removed) -> str:
    return fact.subject if isinstance(fact, Removed) else str(fact.data.code)
