"""Who is responsible where: nested areas, the units that serve them, and the grid at a point."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

import numpy as np
import orjson
import shapely
from shapely.geometry.base import BaseGeometry

from contracts.vocabulary import GENERAL_KIND, Tier
from services.router.directory.places import SensitivePlace, SensitivePlaces


@dataclass(frozen=True)
class Area:
    code: str
    tier: Tier
    name: str
    parent: str | None
    boundary: BaseGeometry
    name_en: str | None = None
    managed_by: str | None = None
    """Of a community: the property company, the owning unit or the office that runs it, first to help in any case."""


@dataclass(frozen=True)
class Unit:
    code: str
    name: str
    kind: str
    tier: Tier
    area: str
    parent: str | None = None
    name_en: str | None = None
    hours: tuple[tuple[str, str], ...] = ()
    """Its own working hours, such as (("07:00", "11:00"),); none: those of the calendar."""


@dataclass(frozen=True)
class Duty:
    """A person of a unit, on duty from `starts_at` until before `ends_at`; without an end or a beginning, unbounded."""

    person: str
    unit: str
    starts_at: datetime | None = None
    ends_at: datetime | None = None

    def covers(self, at: datetime) -> bool:
        return (self.starts_at is None or self.starts_at <= at) and (
            self.ends_at is None or at < self.ends_at
        )


@dataclass(frozen=True)
class Directory:
    """One version of it, held in memory by every replica."""

    version: int
    areas: dict[str, Area]
    units: dict[str, Unit]
    duties: tuple[Duty, ...] = ()
    places: tuple[SensitivePlace, ...] = ()
    former: frozenset[str] = frozenset()
    """Units that an import took out."""

    def locate(self, points: Sequence[tuple[float | None, float | None]]) -> list[str | None]:
        """The grid at each (longitude, latitude), in degrees; None where there is none or no point is known.

        On a shared border it is the one with the lower code.
        """
        found: list[str | None] = [None] * len(points)
        if points and self._grids:
            for point, grid in zip(
                *self._tree.query(shapely.points(np.array(points, dtype=float)), predicate="intersects"),
                strict=True,
            ):
                found[point] = min(filter(None, (found[point], self._grids[grid].code)))
        return found

    def holding(self, lon: float, lat: float) -> list[Area]:
        """The areas of any tier in which the point lies, in degrees."""
        areas, tree = self._ground
        return [areas[index] for index in tree.query(shapely.Point(lon, lat), predicate="intersects")]

    def as_geojson(self, tiers: Collection[Tier]) -> bytes:
        """The areas of those tiers, for maps."""
        features = b",".join(feature for tier, feature in self._features if tier in tiers)
        return b'{"type":"FeatureCollection","features":[%b]}' % features

    def sensitive_place_near(self, lon: float | None, lat: float | None) -> SensitivePlace | None:
        """A school, a hospital and the like within 100 m of the point, in degrees; None where no point is known."""
        if not self.places or lon is None or lat is None:
            return None
        return self._sensitive.near(lon, lat)

    def who_may_lead(self, kinds: tuple[str, ...], tier: Tier, area: str) -> tuple[Unit, ...]:
        """From the tier up: at each the units of those kinds, then the one that answers for whatever they do not."""
        asked = (kinds, tier, area)
        if asked not in self._may_lead:
            levels = list(Tier)
            units = (
                unit
                for at in levels[levels.index(tier) :]
                for unit in (*(self.serving(kind, at, area) for kind in kinds), self.generals(area).get(at))
            )
            self._may_lead[asked] = tuple(filter(None, units))
        return self._may_lead[asked]

    def nearest(self, kind: str, area: str) -> Unit | None:
        """The unit of a kind at the lowest tier that has one."""
        asked = (kind, area)
        if asked not in self._nearest:
            self._nearest[asked] = next(filter(None, (self.serving(kind, tier, area) for tier in Tier)), None)
        return self._nearest[asked]

    def chain(self, area: str) -> dict[Tier, str]:
        """The area and those above it, by tier."""
        return self._chains.get(area, {})

    def serving(self, kind: str, tier: Tier, area: str) -> Unit | None:
        """The unit of that kind and tier whose area is the given one or above it."""
        place = self.chain(area).get(tier)
        return self._by_service.get((kind, tier, place)) if place else None

    def manager(self, area: str) -> Unit | None:
        """The unit that runs the community in which the area lies."""
        community = self.areas.get(self.chain(area).get(Tier.COMMUNITY, ""))
        return self.units.get(community.managed_by or "") if community else None

    def generals(self, area: str) -> dict[Tier, Unit]:
        """The general units of the area and of those above it: who answers when nobody more competent does."""
        return self._generals.get(area, {})

    def above(self, unit: str) -> Iterable[str]:
        """The unit's own code and those of the units it reports to, upwards."""
        seen: set[str] = set()
        code: str | None = unit
        while code in self.units and code not in seen:
            seen.add(code)
            yield code
            code = self.units[code].parent

    def below(self, unit: str) -> frozenset[str]:
        """The unit's own code and those of the units that report to it, downwards: its jurisdiction."""
        return frozenset(code for code in self.units if unit in self.above(code)) | {unit}

    def on_duty(self, unit: str, at: datetime) -> bool:
        """Somebody of the unit is on duty; a unit that names nobody's hours always is."""
        duties = self._duties.get(unit)
        return duties is None or any(duty.covers(at) for duty in duties)

    def units_of(self, code: str) -> frozenset[str]:
        """The unit of that code, or those in which the person of that reference is on duty."""
        return frozenset({code}) if code in self.units else self._units_of.get(code, frozenset())

    @cached_property
    def _sensitive(self) -> SensitivePlaces:
        return SensitivePlaces(self.places)

    @cached_property
    def _may_lead(self) -> dict[tuple[tuple[str, ...], Tier, str], tuple[Unit, ...]]:
        """What was asked before: few kinds of category in use times the grids of a district."""
        return {}

    @cached_property
    def _nearest(self) -> dict[tuple[str, str], Unit | None]:
        return {}

    @cached_property
    def _duties(self) -> dict[str, list[Duty]]:
        found: dict[str, list[Duty]] = {}
        for duty in self.duties:
            found.setdefault(duty.unit, []).append(duty)
        return found

    @cached_property
    def _units_of(self) -> dict[str, frozenset[str]]:
        found: dict[str, set[str]] = {}
        for duty in self.duties:
            found.setdefault(duty.person, set()).add(duty.unit)
        return {person: frozenset(units) for person, units in found.items()}

    @cached_property
    def _grids(self) -> list[Area]:
        return sorted(
            (area for area in self.areas.values() if area.tier is Tier.GRID), key=lambda area: area.code
        )

    @cached_property
    def _tree(self) -> shapely.STRtree:
        boundaries = np.array([area.boundary for area in self._grids])
        shapely.prepare(boundaries)
        return shapely.STRtree(boundaries)

    @cached_property
    def districts(self) -> tuple[Area, ...]:
        return tuple(area for area in self.areas.values() if area.tier is Tier.DISTRICT)

    @cached_property
    def _ground(self) -> tuple[list[Area], shapely.STRtree]:
        areas = list(self.areas.values())
        return areas, shapely.STRtree(np.array([area.boundary for area in areas]))

    @cached_property
    def _features(self) -> list[tuple[Tier, bytes]]:
        """Written once a version: for a thousand areas it takes a quarter of a second."""
        return [(area.tier, _feature(area)) for area in self.areas.values()]

    @cached_property
    def _chains(self) -> dict[str, dict[Tier, str]]:
        return {code: self._climb(code) for code in self.areas}

    def _climb(self, code: str | None) -> dict[Tier, str]:
        chain: dict[Tier, str] = {}
        while code in self.areas and self.areas[code].tier not in chain:
            chain[self.areas[code].tier] = code
            code = self.areas[code].parent
        return chain

    @cached_property
    def _generals(self) -> dict[str, dict[Tier, Unit]]:
        def found(area: str) -> dict[Tier, Unit]:
            units = {tier: self.serving(kind, tier, area) for tier, kind in GENERAL_KIND.items()}
            return {tier: unit for tier, unit in units.items() if unit is not None}

        return {area: found(area) for area in self.areas}

    @cached_property
    def _by_service(self) -> dict[tuple[str, Tier, str], Unit]:
        ordered = sorted(self.units.values(), key=lambda unit: unit.code, reverse=True)
        return {(unit.kind, unit.tier, unit.area): unit for unit in ordered}


def _feature(area: Area) -> bytes:
    said = {name: getattr(area, name) for name in ("tier", "code", "name", "name_en", "parent", "managed_by")}
    boundary = orjson.Fragment(shapely.to_geojson(area.boundary))
    return orjson.dumps({"type": "Feature", "properties": said, "geometry": boundary})


NOBODY = Directory(version=0, areas={}, units={})
