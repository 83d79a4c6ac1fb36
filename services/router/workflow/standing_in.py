"""Where a case lies and who answers for it when a later directory no longer has its grid or its unit.

A directory is imported without asking which cases are open: grids are renumbered, units are merged. What the case keeps
is what was true when its events were stated, so both are found anew whenever they are asked for.
"""

from collections.abc import Iterator

import shapely

from contracts.vocabulary import Tier
from services.router.directory.directory import Area, Directory
from services.router.workflow.case import Case

_TIERS = tuple(Tier)


def placed_now(case: Case, directory: Directory) -> Case:
    area = where_it_lies(case, directory)
    return case if area == case.grid else case.changed(grid=area)


def where_it_lies(case: Case, directory: Directory) -> str | None:
    """The grid of a case that has one: its own while that holds the point, else the grid at the point, else the
    smallest area that is known to hold it. Without any, the code that it had."""
    own, (lon, lat) = directory.areas.get(case.grid or ""), (case.place.lon, case.place.lat)
    if case.grid is None or (own and own.tier is Tier.GRID and _holds(own, lon, lat)):
        return case.grid
    if (located := directory.locate([(lon, lat)])[0]) is not None:
        return located
    return own.code if own else _smallest(_about(case, directory, lon, lat)) or case.grid


def who_answers(unit: str | None, tier: Tier | None, case: Case, directory: Directory) -> str | None:
    """The unit itself; where the directory has it no longer, the general unit of its tier, or of the next above."""
    if unit is None or unit in directory.units:
        return unit
    generals = directory.generals(where_it_lies(case, directory) or "")
    levels = _TIERS[_TIERS.index(tier) if tier else 0 :]
    return next((generals[level].code for level in levels if level in generals), unit)


def lead_now(case: Case, directory: Directory) -> str | None:
    return who_answers(case.lead, case.tier, case, directory)


def tracker_now(case: Case, directory: Directory) -> str | None:
    return who_answers(case.tracker, Tier.GRID, case, directory)


def superior_now(case: Case, directory: Directory) -> str | None:
    """Who decides in a consultation stands above the lead."""
    return who_answers(case.superior, case.tier and case.tier.parent, case, directory)


def involved_now(case: Case, directory: Directory) -> tuple[str, ...]:
    """The units that may see it because of what they are to it, those who stand in for one that acts among them."""
    acting = (lead_now(case, directory), superior_now(case, directory))
    return tuple(dict.fromkeys((*case.involved, *(unit for unit in acting if unit))))


def _holds(area: Area, lon: float | None, lat: float | None) -> bool:
    """What was named without a point lies where it was said to."""
    return lon is None or lat is None or bool(shapely.intersects_xy(area.boundary, lon, lat))


def _about(case: Case, directory: Directory, lon: float | None, lat: float | None) -> Iterator[Area]:
    """The areas at its point; else those of the units that have to do with it; else the district, if there is one."""
    found = directory.holding(lon, lat) if lon is not None and lat is not None else []
    if not found:
        units = (case.lead, case.tracker, *case.co_handlers, *case.copies)
        served = (directory.units[unit].area for unit in units if unit in directory.units)
        found = [directory.areas[area] for area in served]
    yield from found or (directory.districts if len(directory.districts) == 1 else ())


def _smallest(areas: Iterator[Area]) -> str | None:
    return min(((_TIERS.index(area.tier), area.code) for area in areas), default=(0, None))[1]
