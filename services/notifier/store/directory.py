"""The directory as `directory.v1` tells it, kept for whoever decides what a subscription may see."""

from collections.abc import Sequence

from contracts.facts.directory import AreaDefined, UnitDefined
from contracts.vocabulary import Tier
from delivery.database import Connection
from services.notifier.directory import EMPTY, Area, Directory, Unit
from services.notifier.scope import Related, remembering

Defined = AreaDefined | UnitDefined


async def define(connection: Connection, facts: Sequence[Defined]) -> None:
    """The newest of each code counts, of a version the last; one that comes late never overrides a newer version."""
    by_version = sorted(facts, key=lambda fact: fact.directory_version)
    newest = {(_what(fact), fact.code): fact for fact in by_version}
    ordered = [newest[key] for key in sorted(newest)]
    await connection.execute(
        """insert into directory (what, code, tier, parent, area, kind, version)
           select * from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::int[])
           on conflict (what, code) do update set tier = excluded.tier, parent = excluded.parent,
               area = excluded.area, kind = excluded.kind, version = excluded.version, gone_at = null
           where directory.version <= excluded.version""",
        [_what(fact) for fact in ordered],
        [fact.code for fact in ordered],
        [fact.tier for fact in ordered],
        [fact.parent for fact in ordered],
        [getattr(fact, "area", None) for fact in ordered],
        [getattr(fact, "kind", None) for fact in ordered],
        [fact.directory_version for fact in ordered],
    )


def _what(fact: Defined) -> str:
    return "area" if isinstance(fact, AreaDefined) else "unit"


async def remove(connection: Connection, codes: Sequence[str]) -> None:
    """A removal has no version: what is said after it begins anew."""
    await connection.execute(
        "update directory set gone_at = coalesce(gone_at, now()), version = 0 where code = any($1)",
        sorted(codes),
    )


async def count_change(connection: Connection) -> None:
    """So that every replica sees with its next batch that there is something new."""
    await connection.execute(
        """insert into directory_changes (id, number) values (1, 1)
           on conflict (id) do update set number = directory_changes.number + 1"""
    )


async def changes(connection: Connection) -> int:
    return int(await connection.fetchval("select coalesce(max(number), 0) from directory_changes"))


async def load(connection: Connection) -> Directory:
    rows = await connection.fetch(
        """select what, code, tier, parent, area, kind from directory
           where gone_at is null order by what, code"""
    )
    return Directory(
        areas={row["code"]: Area(Tier(row["tier"]), row["parent"]) for row in rows if row["what"] == "area"},
        units={
            row["code"]: Unit(row["kind"], Tier(row["tier"]), row["area"], row["parent"])
            for row in rows
            if row["what"] == "unit"
        },
    )


class KnownDirectory:
    """In memory, with what follows from it; asks the database only whether something has changed."""

    def __init__(self) -> None:
        self._number = -1
        self._directory = EMPTY
        self._related = remembering(EMPTY)

    async def related(self, connection: Connection) -> Related:
        await self._renew(connection)
        return self._related

    async def directory(self, connection: Connection) -> Directory:
        await self._renew(connection)
        return self._directory

    async def _renew(self, connection: Connection) -> None:
        number = await changes(connection)
        if number != self._number:
            directory = await load(connection)
            self._number, self._directory, self._related = number, directory, remembering(directory)
