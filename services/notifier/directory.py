"""Who reports to whom and which ground lies in which, as far as scopes ask."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

from contracts.vocabulary import GENERAL_KIND, Tier


@dataclass(frozen=True, slots=True)
class Area:
    tier: Tier
    parent: str | None


@dataclass(frozen=True, slots=True)
class Unit:
    kind: str
    tier: Tier
    area: str
    parent: str | None


@dataclass(frozen=True)
class Directory:
    """By code; a parent that is not there, or a circle, ends the climb."""

    areas: Mapping[str, Area]
    units: Mapping[str, Unit]

    def above(self, unit: str) -> list[str]:
        """The unit itself, also when nobody has defined it, and those it reports to, upwards."""
        return _climb(unit, self._unit_parents)

    def below(self, unit: str) -> frozenset[str]:
        """The unit itself, and all that report to it, however far down."""
        return frozenset(each for each in self.units if unit in self.above(each)) | {unit}

    def generals(self, area: str) -> Iterable[str]:
        """The general units of the area and of all areas that it lies in."""
        return (unit for code in _climb(area, self._area_parents) for unit in self._generals.get(code, ()))

    @cached_property
    def _unit_parents(self) -> dict[str, str | None]:
        return {code: unit.parent for code, unit in self.units.items()}

    @cached_property
    def _area_parents(self) -> dict[str, str | None]:
        return {code: area.parent for code, area in self.areas.items()}

    @cached_property
    def _generals(self) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        for code, unit in self.units.items():
            if unit.kind == GENERAL_KIND[unit.tier]:
                found.setdefault(unit.area, []).append(code)
        return found


def _climb(start: str, parents: Mapping[str, str | None]) -> list[str]:
    found: list[str] = []
    code: str | None = start
    while code is not None and code not in found:
        found.append(code)
        code = parents.get(code)
    return found


EMPTY = Directory(areas={}, units={})
