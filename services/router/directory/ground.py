"""Who speaks for the whole house, and who for a part of its ground: rules and weather bind more than one unit."""

from contracts.vocabulary import GENERAL_KIND, Role, Tier
from services.router.directory.directory import Directory


def speaks_for_all(roles: frozenset[str], unit: str | None, directory: Directory) -> bool:
    """An administrator, who belongs to no unit, and who belongs to the general unit of the district; before units are
    imported anybody does."""
    if Role.ADMIN in roles or unit is None or not directory.units:
        return True
    found = directory.units.get(unit)
    return found is not None and found.tier is Tier.DISTRICT and found.kind == GENERAL_KIND[Tier.DISTRICT]


def speaks_for(area: str, unit: str | None, directory: Directory) -> bool:
    """The area lies within the one that the unit serves."""
    found = directory.units.get(unit or "")
    return found is not None and found.area in directory.chain(area).values()
