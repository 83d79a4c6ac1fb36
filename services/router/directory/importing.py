"""What a directory must be before it may replace the present one: nested, whole, and with somebody to answer."""

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Annotated, Any, Literal

import numpy as np
import shapely
from pydantic import BaseModel, ConfigDict, Field
from shapely.errors import ShapelyError
from shapely.geometry import shape
from shapely.geometry.base import BaseGeometry

from contracts.vocabulary import GENERAL_KIND, Tier
from delivery.field_types import Instant, Plain, shaped
from services.router.clocks.opening_hours import OpeningHours
from services.router.directory.directory import Area, Directory, Unit
from services.router.directory.places import WIDEST, PlaceKind, SensitivePlace

# boundaries are drawn by hand and simplified: this share of a grid may lie outside its parent or in a neighbour
TOLERANCE = 0.02
_AREAS = ("Polygon", "MultiPolygon")
_PLACES = ("Point", *_AREAS)
Code = Annotated[
    str, shaped(r"^[A-Za-z0-9_.-]{1,40}$", "a code: up to 40 of the letters A to Z, digits and . _ -")
]
Name = Annotated[Plain, Field(min_length=1, max_length=200)]


class _Given(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class AreaProperties(_Given):
    tier: Tier
    code: Code
    name: Name
    name_en: Plain | None = None
    parent: Plain | None = None
    managed_by: Plain | None = None


class AreaFeature(_Given):
    type: Literal["Feature"]
    properties: AreaProperties
    geometry: dict[str, Any]


class AreaCollection(_Given):
    type: Literal["FeatureCollection"]
    features: list[AreaFeature]


class PlaceProperties(_Given):
    kind: PlaceKind
    name: Name
    name_en: Name | None = None


class PlaceFeature(_Given):
    type: Literal["Feature"]
    properties: PlaceProperties
    geometry: dict[str, Any]


class PlaceCollection(_Given):
    type: Literal["FeatureCollection"]
    features: list[PlaceFeature]


class GivenUnit(_Given):
    code: Code
    name: Name
    name_en: Plain | None = None
    kind: Annotated[
        str, shaped(r"^[a-z][a-z0-9_]{0,39}$", "a kind: up to 40 small letters, digits and _, a letter first")
    ]
    tier: Tier
    area: Plain
    parent: Plain | None = None
    hours: OpeningHours = ()


class GivenDuty(_Given):
    person: Code
    unit: Plain
    post: Name
    starts_at: Instant | None = Field(None, alias="from")
    ends_at: Instant | None = Field(None, alias="to")


class DirectoryImport(_Given):
    """Areas of all tiers as one GeoJSON FeatureCollection in WGS 84, the units that serve them, the people on duty;
    and schools, hospitals and the like, as points or with their ground."""

    areas: AreaCollection
    units: list[GivenUnit]
    duty: list[GivenDuty] = []
    places: PlaceCollection | None = None


class Finding(BaseModel):
    """What is wrong, and where in the import."""

    pointer: str
    detail: str


def read_directory(given: DirectoryImport, version: int) -> tuple[Directory, list[Finding]]:
    """The directory that was given, and all that keeps it from being used; none, when it is sound."""
    boundaries = [_geometry(feature.geometry, _AREAS) for feature in given.areas.features]
    areas = {
        feature.properties.code: Area(boundary=boundary, **feature.properties.model_dump())
        for feature, boundary in zip(given.areas.features, boundaries, strict=True)
        if boundary is not None
    }
    units = {unit.code: Unit(**unit.model_dump()) for unit in given.units}
    places, place_findings = _places(given.places.features if given.places else [])
    directory = Directory(version=version, areas=areas, units=units, places=places)
    findings = [*_tier_findings(given), *_boundary_findings(given, boundaries)]
    findings += [*_area_findings(given, directory), *_unit_findings(given, directory)]
    findings += [*_duty_findings(given, directory), *place_findings]
    return directory, findings or [*_nesting_findings(given, directory)]


def _geometry(said: dict[str, Any], types: tuple[str, ...]) -> BaseGeometry | None:
    try:
        geometry = shape(said)
    except (ShapelyError, ValueError, TypeError, KeyError, AttributeError, IndexError):
        return None
    return geometry if geometry.geom_type in types and not geometry.is_empty else None


def _places(features: Sequence[PlaceFeature]) -> tuple[tuple[SensitivePlace, ...], list[Finding]]:
    places: list[SensitivePlace] = []
    findings: list[Finding] = []
    for index, feature in enumerate(features):
        where, geometry = f"/places/features/{index}/geometry", _geometry(feature.geometry, _PLACES)
        if geometry is None:
            findings.append(Finding(pointer=where, detail="not a point, polygon or multipolygon"))
        elif not geometry.is_valid:
            findings.append(Finding(pointer=where, detail=str(shapely.is_valid_reason(geometry))[:200]))
        elif not _on_earth(geometry):
            findings.append(Finding(pointer=where, detail="not in degrees of longitude and latitude"))
        elif _width(geometry) > WIDEST:
            findings.append(
                Finding(pointer=where, detail=f"is wider than {WIDEST} degrees: an area, no place")
            )
        else:
            said = feature.properties
            places.append(SensitivePlace(said.kind, said.name, geometry, said.name_en))
    return tuple(places), findings


def _on_earth(geometry: BaseGeometry) -> bool:
    west, south, east, north = geometry.bounds
    return -180 <= west <= east <= 180 and -90 <= south <= north <= 90


def _width(geometry: BaseGeometry) -> float:
    west, south, east, north = geometry.bounds
    return float(max(east - west, north - south))


def _tier_findings(given: DirectoryImport) -> Iterator[Finding]:
    """Without a grid nothing can be located, without a district nobody answers at last; what lies between is asked of
    each area's parent."""
    said = {feature.properties.tier for feature in given.areas.features}
    for tier in (Tier.GRID, Tier.DISTRICT):
        if tier not in said:
            yield Finding(pointer="/areas/features", detail=f"no {tier} area: no report could be dispatched")


def _boundary_findings(given: DirectoryImport, boundaries: list[BaseGeometry | None]) -> Iterator[Finding]:
    for index, boundary in enumerate(boundaries):
        where = f"/areas/features/{index}/geometry"
        if boundary is None:
            yield Finding(pointer=where, detail="not a polygon or multipolygon")
        elif not boundary.is_valid:
            yield Finding(pointer=where, detail=str(shapely.is_valid_reason(boundary))[:200])
        elif not _on_earth(boundary):
            yield Finding(pointer=where, detail="not in degrees of longitude and latitude")


def _area_findings(given: DirectoryImport, directory: Directory) -> Iterator[Finding]:
    counts = Counter(feature.properties.code for feature in given.areas.features)
    for index, feature in enumerate(given.areas.features):
        area, where = feature.properties, f"/areas/features/{index}/properties"
        if counts[area.code] > 1:
            yield Finding(pointer=f"{where}/code", detail=f"{area.code} stands {counts[area.code]} times")
        parent = directory.areas.get(area.parent or "")
        if area.tier is not Tier.DISTRICT and (parent is None or parent.tier is not area.tier.parent):
            yield Finding(pointer=f"{where}/parent", detail=f"no {area.tier.parent} area {area.parent}")
        if area.managed_by is not None and area.tier is not Tier.COMMUNITY:
            yield Finding(pointer=f"{where}/managed_by", detail="only a community is run by somebody")
        elif area.managed_by is not None and area.managed_by not in directory.units:
            yield Finding(pointer=f"{where}/managed_by", detail=f"no unit {area.managed_by}")


def _unit_findings(given: DirectoryImport, directory: Directory) -> Iterator[Finding]:
    counts = Counter(unit.code for unit in given.units)
    for index, unit in enumerate(given.units):
        where, area = f"/units/{index}", directory.areas.get(unit.area)
        if counts[unit.code] > 1:
            yield Finding(pointer=f"{where}/code", detail=f"{unit.code} stands {counts[unit.code]} times")
        if area is None or area.tier is not unit.tier:
            yield Finding(pointer=f"{where}/area", detail=f"no {unit.tier} area {unit.area}")
        if wrong := _wrong_parent(unit, directory):
            yield Finding(pointer=f"{where}/parent", detail=wrong)
    for index, feature in enumerate(given.areas.features):
        code, tier = feature.properties.code, feature.properties.tier
        if tier is Tier.DISTRICT and tier not in directory.generals(code):
            detail = (
                f"district {code} has no unit of kind {GENERAL_KIND[tier]}: its cases could end with nobody"
            )
            yield Finding(pointer=f"/areas/features/{index}/properties/code", detail=detail)


def _wrong_parent(unit: GivenUnit, directory: Directory) -> str | None:
    """Who a unit reports to sees all that is its own: that goes upwards, and comes to an end."""
    if unit.parent is None:
        return None
    parent = directory.units.get(unit.parent)
    if parent is None:
        return f"no unit {unit.parent}"
    if list(Tier).index(parent.tier) < list(Tier).index(unit.tier):
        return f"{unit.parent} is of tier {parent.tier}, beneath {unit.tier}"
    if unit.code in directory.above(unit.parent):
        return f"{unit.code} would report to itself"
    return None


def _duty_findings(given: DirectoryImport, directory: Directory) -> Iterator[Finding]:
    for index, duty in enumerate(given.duty):
        if duty.unit not in directory.units:
            yield Finding(pointer=f"/duty/{index}/unit", detail=f"no unit {duty.unit}")


def _nesting_findings(given: DirectoryImport, directory: Directory) -> Iterator[Finding]:
    """Each area inside its parent, and no two of a tier on the same ground."""
    position = {feature.properties.code: index for index, feature in enumerate(given.areas.features)}
    for area in directory.areas.values():
        parent = directory.areas.get(area.parent or "")
        if (
            parent is not None
            and area.boundary.difference(parent.boundary).area > TOLERANCE * area.boundary.area
        ):
            where = f"/areas/features/{position[area.code]}/geometry"
            yield Finding(pointer=where, detail=f"{area.code} does not lie within {area.parent}")
    for tier in Tier:
        for one, other in _overlaps([area for area in directory.areas.values() if area.tier is tier]):
            where = f"/areas/features/{position[one.code]}/geometry"
            yield Finding(pointer=where, detail=f"{one.code} and {other.code} cover the same ground")


def _overlaps(areas: list[Area]) -> Iterator[tuple[Area, Area]]:
    boundaries = np.array([area.boundary for area in areas])
    pairs = shapely.STRtree(boundaries).query(boundaries, predicate="intersects").T
    for one, other in (pair for pair in pairs if pair[0] < pair[1]):
        common = boundaries[one].intersection(boundaries[other]).area
        if common > TOLERANCE * min(boundaries[one].area, boundaries[other].area):
            yield areas[one], areas[other]
