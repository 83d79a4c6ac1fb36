"""The router's SQL for the directory: replaced whole, loaded whole."""

import shapely

from contracts.vocabulary import Tier
from delivery.database import Connection
from services.router.clocks.opening_hours import as_text, from_text
from services.router.directory.directory import Area, Directory, Duty, Unit
from services.router.directory.importing import GivenDuty
from services.router.directory.places import PlaceKind, SensitivePlace


async def directory_version(connection: Connection) -> int:
    """Of the directory in force; 0 before the first import."""
    return int(await connection.fetchval("select coalesce(max(version), 0) from directory_versions"))


async def load_directory(connection: Connection, version: int) -> Directory:
    areas = await connection.fetch(
        "select code, tier, name, parent, boundary, name_en, managed_by from areas order by code"
    )
    units = await connection.fetch(
        "select code, name, kind, tier, area, parent, name_en, hours from units order by code"
    )
    duties = await connection.fetch("select person, unit, starts_at, ends_at from duties order by id")
    places = await connection.fetch("select kind, name, geometry, name_en from sensitive_places order by id")
    former = await connection.fetch("select code from former_units")
    boundaries = shapely.from_geojson([row["boundary"] for row in areas])
    return Directory(
        version=version,
        areas={
            row["code"]: Area(
                row["code"],
                Tier(row["tier"]),
                row["name"],
                row["parent"],
                boundary,
                row["name_en"],
                row["managed_by"],
            )
            for row, boundary in zip(areas, boundaries, strict=True)
        },
        units={
            row["code"]: Unit(
                row["code"],
                row["name"],
                row["kind"],
                Tier(row["tier"]),
                row["area"],
                row["parent"],
                row["name_en"],
                from_text(row["hours"] or ""),
            )
            for row in units
        },
        duties=tuple(Duty(**row) for row in duties),
        places=tuple(
            SensitivePlace(
                PlaceKind(row["kind"]), row["name"], shapely.from_geojson(row["geometry"]), row["name_en"]
            )
            for row in places
        ),
        former=frozenset(row["code"] for row in former),
    )


async def subjects(connection: Connection) -> set[str]:
    """Whom the directory in force speaks of, as keys of its topic; waits for an import that is under way."""
    await connection.execute("lock table directory_versions in exclusive mode")
    rows = await connection.fetch(
        """select code from areas union select code from units
           union select 'duty:' || unit || ':' || person from duties order by code"""
    )
    return {row["code"] for row in rows}


async def replace_directory(
    connection: Connection, directory: Directory, duty: list[GivenDuty], *, imported_by: str
) -> int:
    """Put a checked directory in force; gives its version."""
    await connection.execute("lock table directory_versions in exclusive mode")
    await connection.execute("insert into former_units select code from units on conflict do nothing")
    await connection.execute("delete from former_units where code = any($1::text[])", [*directory.units])
    for table in ("areas", "units", "duties", "sensitive_places"):
        await connection.execute(f"delete from {table}")  # noqa: S608  # names of our own
    areas = [
        (
            *(area.code, area.tier, area.name, area.name_en, area.parent),
            *(shapely.to_geojson(area.boundary), area.managed_by),
        )
        for area in directory.areas.values()
    ]
    columns = ["code", "tier", "name", "name_en", "parent", "boundary", "managed_by"]
    await connection.copy_records_to_table("areas", records=areas, columns=columns)
    units = [
        (
            unit.code,
            unit.name,
            unit.name_en,
            unit.kind,
            unit.tier,
            unit.area,
            unit.parent,
            as_text(unit.hours),
        )
        for unit in directory.units.values()
    ]
    columns = ["code", "name", "name_en", "kind", "tier", "area", "parent", "hours"]
    await connection.copy_records_to_table("units", records=units, columns=columns)
    people = [(person.person, person.unit, person.post, person.starts_at, person.ends_at) for person in duty]
    columns = ["person", "unit", "post", "starts_at", "ends_at"]
    await connection.copy_records_to_table("duties", records=people, columns=columns)
    places = [
        (place.kind, place.name, place.name_en, shapely.to_geojson(place.geometry))
        for place in directory.places
    ]
    columns = ["kind", "name", "name_en", "geometry"]
    await connection.copy_records_to_table("sensitive_places", records=places, columns=columns)
    insert = "insert into directory_versions (imported_by) values ($1) returning version"
    return int(await connection.fetchval(insert, imported_by))
