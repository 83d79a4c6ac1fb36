"""Who may read a report, and how much of it (domain §8.3)."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum, auto

from contracts.vocabulary import Privacy, Role

_IN_PERSON = {Role.OPERATOR, Role.DISPATCHER, Role.SHIFT_LEADER, Role.ADMIN}
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
    """What is known of a report's case: `acting` are the units that ever led it, helped or decided, `told` those that
    were ever copied or followed it, each with those whom it reports to; without a privacy it is not classified yet, and
    may turn out to be anything."""

    privacy: Privacy | None = None
    acting: frozenset[str] = frozenset()
    told: frozenset[str] = frozenset()


def reading_of(roles: Iterable[str], unit: str | None, *, submitted_it: bool, involved: Involved) -> Reading:
    """How much of a report somebody with those `roles` in that `unit` may read.

    The desk reads everything. Whoever handed it in, the units that act on the case, and a supervisor or visitor of no
    unit read it redacted; units that are told of it as well, unless it is confidential. What is sealed is for those who
    act on it alone.
    """
    held = set(roles)
    if held & _IN_PERSON:
        return Reading.PERSONAL
    if not held & _OF_A_UNIT:
        return Reading.REFUSED
    known_of = involved.privacy in _FOR_ALL_TO_KNOW_OF
    everywhere = unit is None and bool(held & {Role.SUPERVISOR, Role.VISITOR})
    if (
        submitted_it
        or unit in involved.acting
        or (known_of and unit in involved.told)
        or (everywhere and involved.privacy is not Privacy.SEALED)
    ):
        return Reading.REDACTED
    return Reading.REFUSED if known_of else Reading.HIDDEN
