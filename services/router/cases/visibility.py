"""Who sees and who may act on a case: his unit's jurisdiction, and what he leads, helps with or is told of."""

from dataclasses import dataclass
from enum import Enum, auto

from contracts.vocabulary import GENERAL_KIND, Privacy, Role, Tier
from services.router.directory.directory import Directory
from services.router.workflow.case import Case
from services.router.workflow.standing_in import involved_now, where_it_lies

_AT_THE_DESK = frozenset({Role.OPERATOR, Role.DISPATCHER, Role.SHIFT_LEADER, Role.ASSESSOR})
# who only has a matter here asks intake how it stands
_READS = frozenset(Role) - {Role.RESIDENT, Role.SYSTEM}
_SEALED_TOO = _READS - {Role.ASSESSOR}  # an assessor counts them and reads none


@dataclass(frozen=True)
class Reach:
    """`units` are his own and those below, None is all; `area` is the ground of a unit that answers for all of it.

    What is sealed is for the units that act on it and those they report to, none of which is complained of, and not for
    those on whose ground it lies; and only for somebody who reads what is `sealed`.
    """

    units: frozenset[str] | None
    area: str | None = None
    area_tier: Tier | None = None
    sealed: bool = False

    def sees(self, case: Case, directory: Directory) -> bool:
        if case.privacy is Privacy.SEALED and not self.sealed:
            return False
        if self.units is None or not self.units.isdisjoint(involved_now(case, directory)):
            return True
        return case.privacy is not Privacy.SEALED and self._is_on_its_ground(case, directory)

    def _is_on_its_ground(self, case: Case, directory: Directory) -> bool:
        chain = directory.chain(where_it_lies(case, directory) or "")
        return self.area is not None and chain.get(self.area_tier or Tier.GRID) == self.area


def reach_of(roles: frozenset[str], unit: str | None, directory: Directory) -> Reach:
    """An administrator reaches everything, and so does the desk of a district or of no unit that the directory ever
    knew; the desk of a town reaches its ground, and that of a unit that was taken out what is still the unit's. A
    supervisor without a unit reaches everything, anybody else without one nothing, nor does who holds no role in his
    unit."""
    if not roles & _READS:
        return Reach(units=frozenset())
    sealed = bool(roles & _SEALED_TOO)
    found = directory.units.get(unit or "")
    desk = bool(roles & _AT_THE_DESK)
    whole = desk and unit not in directory.former and (found is None or found.tier is Tier.DISTRICT)
    if Role.ADMIN in roles or whole or (Role.SUPERVISOR in roles and unit is None):
        return Reach(units=None, sealed=sealed)
    if found is None:
        return Reach(frozenset({unit} if unit else ()), sealed=sealed)
    units = directory.below(found.code)
    if not desk and found.kind != GENERAL_KIND[found.tier]:
        return Reach(units, sealed=sealed)
    return Reach(units, found.area, found.tier, sealed)


def read_by(roles: frozenset[str], unit: str | None, directory: Directory) -> Reach:
    """Within his reach, of which cases he knows the words and the point as well: what somebody reaches as an assessor
    alone he sees in outline."""
    return reach_of(roles - {Role.ASSESSOR}, unit, directory)


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
