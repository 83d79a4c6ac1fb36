"""Who may read a report, and how much of it (domain §8.3), within the reach that the router gives him over its case."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum, auto

from contracts.vocabulary import Privacy, Role, Tier

_DESK = {Role.OPERATOR, Role.DISPATCHER, Role.SHIFT_LEADER}
_OF_A_UNIT = {Role.UNIT_LEAD, Role.HANDLER, Role.GRID_WORKER, Role.SUPERVISOR, Role.CHECKER, Role.VISITOR}
_FOR_ALL_TO_KNOW_OF = {Privacy.OPEN, Privacy.RESTRICTED}


class Reading(Enum):
    """With the reporter and his own words; as it was dispatched; not; and not even that there is one."""

    PERSONAL = auto()
    REDACTED = auto()
    REFUSED = auto()
    HIDDEN = auto()


@dataclass(frozen=True)
class Involved:
    """What is known of a report's case: `acting` are the units that ever led it, helped or decided, of what is sealed
    those that do now, `told` those that were ever copied or followed it, each with those whom it reports to, `ground`
    the areas in which it lies; without a privacy it is not classified yet, and may turn out to be anything."""

    privacy: Privacy | None = None
    acting: frozenset[str] = frozenset()
    told: frozenset[str] = frozenset()
    ground: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Member:
    """Somebody of a unit; with its tier and the area that it serves, where the directory has it."""

    unit: str | None = None
    known: bool = False
    tier: Tier | None = None
    area: str | None = None

    @property
    def answers_for_all(self) -> bool:
        """At the desk: that of the district, or of a hotline outside of the directory."""
        return not self.known or self.tier is Tier.DISTRICT


def reading_of(roles: Iterable[str], member: Member, *, submitted_it: bool, involved: Involved) -> Reading:
    """How much of a report a `member` of a unit with those `roles` may read.

    An administrator and the desk that answers for all read everything, and at any desk he who took it down. Another
    desk reads what its unit acts on and, unless it is sealed, what the unit is told of or what lies on its ground; of
    what is confidential not the reporter. Whoever handed it in, the units that act on the case, and a supervisor or
    visitor of no unit read it redacted; units that are told of it as well, unless it is confidential. What is sealed is
    for those who act on it alone.
    """
    held = set(roles)
    desk = bool(held & _DESK)
    if Role.ADMIN in held or (desk and (submitted_it or member.answers_for_all)):
        return Reading.PERSONAL
    if not desk and not held & _OF_A_UNIT:
        return Reading.REFUSED
    known_of = involved.privacy in _FOR_ALL_TO_KNOW_OF
    if desk and _reaches(member, involved):
        return Reading.PERSONAL if known_of else Reading.REDACTED
    everywhere = member.unit is None and bool(held & {Role.SUPERVISOR, Role.VISITOR})
    if (
        submitted_it
        or member.unit in involved.acting
        or (known_of and member.unit in involved.told)
        or (everywhere and involved.privacy is not Privacy.SEALED)
    ):
        return Reading.REDACTED
    return Reading.REFUSED if known_of else Reading.HIDDEN


def _reaches(member: Member, involved: Involved) -> bool:
    """At the desk of a unit."""
    if member.unit in involved.acting:
        return True
    near = member.unit in involved.told or member.area in involved.ground
    return near and involved.privacy not in (None, Privacy.SEALED)
