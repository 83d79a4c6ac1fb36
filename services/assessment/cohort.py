"""In which period an assignment counts, and as what (domain §6.2): most disputes about scores are about this rule."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Outcome(StrEnum):
    IN_TIME = "in_time"
    LATE = "late"
    OPEN_LATE = "open_late"
    PENDING = "pending"


@dataclass(frozen=True)
class Assignment:
    """One unit, one round of one case; `limit_at` is after extensions and without suspended time."""

    unit: str
    limit_at: datetime
    finished_at: datetime | None = None
    left_at: datetime | None = None
    """When it was taken from the unit without fault: voided, merged away, filed anew."""
    exempt: bool = False
    """An appeal against being late was granted; the raw times stay."""
    paused_at: datetime | None = None
    """Since when its clock stands still: suspended, returned, in consultation; the new limit comes when it goes on."""
    returned: bool = False
    """The unit says that it is not its matter, and nobody has decided whether that is so."""


def counts(assignment: Assignment) -> bool:
    """What has left the unit's duty leaves all its counts, unless it had been finished before."""
    if assignment.finished_at is None:
        return assignment.left_at is None and not assignment.exempt
    return assignment.left_at is None or assignment.finished_at <= assignment.left_at


def cohort_at(assignment: Assignment) -> datetime:
    """The date it counts on: when it was finished or when it was due, whichever was first."""
    if assignment.finished_at is None:
        return assignment.limit_at
    return min(assignment.finished_at, _limit(assignment))


def outcome(assignment: Assignment, as_of: datetime) -> Outcome:
    """As what it counts, seen from `as_of`; a later look can only turn open_late into late."""
    if assignment.finished_at is not None and assignment.finished_at <= as_of:
        return Outcome.IN_TIME if assignment.finished_at <= _limit(assignment) else Outcome.LATE
    # paused time never counts against a unit: late is what was late before
    ran_until = min(as_of, assignment.paused_at or as_of)
    is_late = not assignment.exempt and assignment.limit_at <= ran_until
    return Outcome.OPEN_LATE if is_late else Outcome.PENDING


def _limit(assignment: Assignment) -> datetime:
    """A granted appeal puts the time of finishing in the limit's place."""
    if assignment.exempt and assignment.finished_at is not None:
        return max(assignment.limit_at, assignment.finished_at)
    return assignment.limit_at
