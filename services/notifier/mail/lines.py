"""Which lines of the feed a subscription by e-mail gets, and when."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

from contracts.vocabulary import Privacy, Urgency
from delivery.channels.timing import Timetable
from services.notifier.entry import Entry
from services.notifier.filter import Filter, matches


class Pace(StrEnum):
    IMMEDIATE = "immediate"
    HOURLY = "hourly"
    DAILY = "daily"


PACES: dict[Urgency, Pace] = {
    Urgency.CRITICAL: Pace.IMMEDIATE,
    Urgency.URGENT: Pace.IMMEDIATE,
    Urgency.ELEVATED: Pace.HOURLY,
    Urgency.GENERAL: Pace.DAILY,
}


@dataclass(frozen=True)
class Addressee:
    """A confirmed subscription; `owner` None is an administrator's, who reads of every case."""

    subscription_id: UUID
    owner: str | None
    filter: Filter
    paces: Mapping[Urgency, Pace]


@dataclass(frozen=True)
class NewLine:
    subscription_id: UUID
    entry: Entry
    due_at: datetime
    about: Mapping[str, Any]


def lines_of(
    entries: Sequence[Entry], addressees: Sequence[Addressee], timetable: Timetable
) -> Iterator[NewLine]:
    for entry in entries:
        for addressee in addressees:
            if may_read(addressee.owner, entry) and matches(addressee.filter, entry):
                pace = addressee.paces.get(entry.urgency or Urgency.GENERAL, Pace.DAILY)
                due_at = due(pace, entry.recorded_at, timetable)
                yield NewLine(addressee.subscription_id, entry, due_at, about(entry))


def may_read(owner: str | None, entry: Entry) -> bool:
    """Who has to do with the case, and an administrator."""
    return is_mailed(owner, entry.privacy) and (owner is None or owner in entry.units)


def is_mailed(owner: str | None, privacy: Privacy | None) -> bool:
    """Of a sealed case nothing goes by e-mail, of a confidential one only to units; asked again of what is due."""
    withheld = {Privacy.SEALED} if owner else {Privacy.SEALED, Privacy.CONFIDENTIAL}
    return privacy not in withheld


def due(pace: Pace, at: datetime, timetable: Timetable) -> datetime:
    match pace:
        case Pace.IMMEDIATE:
            return at
        case Pace.HOURLY:
            return at.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
        case Pace.DAILY:
            return timetable.next_digest(at)


def about(entry: Entry) -> dict[str, Any]:
    """Codes alone: nobody's words, no place beyond the grid."""
    said = {"grid": entry.grid, "category": entry.category}
    return {name: value for name, value in said.items() if value is not None}
