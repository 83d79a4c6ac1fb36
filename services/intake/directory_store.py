"""Who reports to whom, which ground each unit serves, and which ground lies in which, as the directory says it."""

from collections.abc import Collection, Sequence
from typing import Any

from contracts.envelope import Envelope, Removed
from contracts.facts.directory import AreaDefined, UnitDefined
from contracts.vocabulary import Tier
from delivery.database import Connection
from services.intake.reading import Member


async def keep(connection: Connection, facts: Sequence[Envelope[Any] | Removed]) -> None:
    """What is said last of each unit and area; one that comes late never overrides a newer version."""
    last: dict[str, Envelope[Any] | Removed] = {}
    for fact in facts:
        if not _is_older(fact, last.get(_code(fact))):
            last[_code(fact)] = fact
    defined = [fact.data for _, fact in sorted(last.items()) if isinstance(fact, Envelope)]
    removed = sorted(code for code, fact in last.items() if isinstance(fact, Removed))
    await connection.execute("delete from areas where code = any($1::text[])", removed)
    # not forgotten: whoever is of no unit that is known answers at the desk for all
    await connection.execute(
        "update units set parent = null, tier = null, area = null, version = 0 where code = any($1::text[])",
        removed,
    )
    await _define_units(connection, [fact for fact in defined if isinstance(fact, UnitDefined)])
    await _define_areas(connection, [fact for fact in defined if isinstance(fact, AreaDefined)])


async def member_of(connection: Connection, unit: str | None) -> Member:
    """Somebody of that unit, with what the directory says of it."""
    row = await connection.fetchrow("select tier, area from units where code = $1", unit)
    if row is None:
        return Member(unit)
    return Member(unit, known=True, tier=row["tier"] and Tier(row["tier"]), area=row["area"])


async def with_those_above(connection: Connection, units: Collection[str]) -> frozenset[str]:
    """The units, also those that the directory does not know, and all that they report to."""
    return await _climbed(connection, "units", units)


async def ground_of(connection: Connection, area: str | None) -> frozenset[str]:
    """The area and all that it lies in."""
    return await _climbed(connection, "areas", [area] if area else [])


async def may_be_an_area(connection: Connection, code: str) -> bool:
    """The directory has it, or nobody can say, as no area is known yet."""
    return bool(
        await connection.fetchval(
            "select exists (select from areas where code = $1) or not exists (select from areas)", code
        )
    )


async def _climbed(connection: Connection, table: str, codes: Collection[str]) -> frozenset[str]:
    rows = await connection.fetch(
        f"""with recursive above (code) as (
               select unnest($1::text[])
               union
               select parent from above join {table} using (code) where parent is not null
           )
           select code from above""",  # noqa: S608  # our own text
        sorted(codes),
    )
    return frozenset(row["code"] for row in rows)


async def _define_units(connection: Connection, units: Sequence[UnitDefined]) -> None:
    await connection.execute(
        """insert into units (code, parent, tier, area, version)
           select * from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::int[])
           on conflict (code) do update set parent = excluded.parent, tier = excluded.tier, area = excluded.area,
               version = excluded.version
           where units.version <= excluded.version""",
        [unit.code for unit in units],
        [unit.parent for unit in units],
        [unit.tier for unit in units],
        [unit.area for unit in units],
        [unit.directory_version for unit in units],
    )


async def _define_areas(connection: Connection, areas: Sequence[AreaDefined]) -> None:
    await connection.execute(
        """insert into areas (code, parent, version) select * from unnest($1::text[], $2::text[], $3::int[])
           on conflict (code) do update set parent = excluded.parent, version = excluded.version
           where areas.version <= excluded.version""",
        [area.code for area in areas],
        [area.parent for area in areas],
        [area.directory_version for area in areas],
    )


def _is_older(fact: Envelope[Any] | Removed, than: Envelope[Any] | Removed | None) -> bool:
    """A removal has no version: what is said after it begins anew."""
    if isinstance(fact, Removed) or than is None or isinstance(than, Removed):
        return False
    return bool(fact.data.directory_version < than.data.directory_version)


def _code(fact: Envelope[Any] | Removed) -> str:
    return fact.subject if isinstance(fact, Removed) else str(fact.data.code)
