"""Who sees and who may act on a case: his unit's jurisdiction, and what he leads, helps with or is told of."""

from dataclasses import dataclass
from enum import Enum, auto

from contracts.vocabulary import GENERAL_KIND, Privacy, Role, Tier
from services.router.directory.directory import Directory
from services.router.workflow.case import Case

_EVERYWHERE = frozenset({Role.ADMIN, Role.OPERATOR, Role.DISPATCHER, Role.SHIFT_LEADER, Role.ASSESSOR})


@dataclass(frozen=True)
class Reach:
    """`area` is the ground of a unit that answers for all of it; `units` are his own and those below; None is all."""

    units: frozenset[str] | None
    area: str | None = None
    area_tier: Tier | None = None

    def leads(self, case: Case) -> bool:
        return self.units is None or case.lead in self.units

    def sees(self, case: Case, directory: Directory) -> bool:
        if self.units is None or self.units & {case.lead, case.tracker, *case.co_handlers, *case.copies}:
            return True
        return (
            self.area is not None
            and directory.chain(case.grid or "").get(self.area_tier or Tier.GRID) == self.area
        )


def reach_of(roles: frozenset[str], unit: str | None, directory: Directory) -> Reach:
    """What a caller reaches; a supervisor without a unit reaches everything, anybody else without one nothing."""
    if roles & _EVERYWHERE or (Role.SUPERVISOR in roles and unit is None):
        return Reach(units=None)
    found = directory.units.get(unit or "")
    if found is None:
        return Reach(units=frozenset({unit} if unit else ()))
    general = found.kind == GENERAL_KIND[found.tier]
    return Reach(
        directory.below(found.code), found.area if general else None, found.tier if general else None
    )


class Sight(Enum):
    """What a caller may know of a case: all of it, that there is one, or not even that."""

    SEEN = auto()
    KNOWN = auto()
    HIDDEN = auto()


def sight_of(case: Case, reach: Reach, directory: Directory) -> Sight:
    if reach.sees(case, directory):
        return Sight.SEEN
    return Sight.HIDDEN if case.privacy in (Privacy.SEALED, Privacy.CONFIDENTIAL) else Sight.KNOWN


def belongs_to(unit: str | None, answers: str | None, directory: Directory) -> bool:
    """Of the unit that answers, or of one that it reports to."""
    return unit is not None and answers is not None and unit in directory.above(answers)
