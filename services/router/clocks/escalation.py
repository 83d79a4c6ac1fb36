"""When the stages of escalation of a clock come: reminders, yellow, red, bulletin (domain §11.5)."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Literal

from contracts.vocabulary import Clock, Urgency
from services.router.clocks.limits import Calendar, Limit, due_at, parse_limit
from services.router.clocks.ticking import Ticking

StageName = Literal["L0", "L1", "L2", "L3"]

# they end by themselves or are nobody's duty: nothing escalates when they have passed
_SILENT = frozenset({Clock.PUBLICITY, Clock.VISIT})


@dataclass(frozen=True)
class Stage:
    """`share` is set for reminders: the part of the limit that has gone by."""

    name: StageName
    share: float | None = None

    @property
    def key(self) -> str:
        return self.name if self.share is None else f"{self.name}@{self.share:g}"


@dataclass(frozen=True)
class Escalation:
    """One urgency's row: reminders at shares of the limit, red and bulletin so long after the limit has passed."""

    reminders: tuple[float, ...]
    red: Limit
    bulletin: Limit
    red_of_sign: Limit | None = None
    first_reminder_from: Limit | None = None
    """Below this limit only the last reminder comes."""


_TABLE = {
    Urgency.CRITICAL: Escalation(
        (0.5, 0.8), parse_limit("30 minute"), parse_limit("1 urgent_hour"), parse_limit("10 minute")
    ),
    Urgency.URGENT: Escalation(
        (0.5, 0.8), parse_limit("1 urgent_hour"), parse_limit("4 urgent_hour"), parse_limit("30 minute")
    ),
    Urgency.ELEVATED: Escalation((0.8,), parse_limit("4 work_hour"), parse_limit("2 work_day")),
    Urgency.GENERAL: Escalation(
        (0.5, 0.8),
        parse_limit("1 work_day"),
        parse_limit("5 work_day"),
        first_reminder_from=parse_limit("1 work_day"),
    ),
}


@lru_cache(maxsize=4096)  # a batch has one moment and few kinds of case
def stages(
    clock: Clock, ticking: Ticking, urgency: Urgency, calendar: Calendar
) -> tuple[tuple[datetime, Stage], ...]:
    """Each stage of a running clock with its moment, in the order in which they come; none while it is paused."""
    return tuple(_stages(clock, ticking, urgency, calendar))


def _stages(
    clock: Clock, ticking: Ticking, urgency: Urgency, calendar: Calendar
) -> Iterator[tuple[datetime, Stage]]:
    if ticking.due is None or clock in _SILENT:
        return
    row = _TABLE[urgency]
    for share in _reminders(row, ticking.limit):
        yield _at_share(ticking, share, calendar), Stage("L0", share)
    yield ticking.due, Stage("L1")
    red = row.red_of_sign if clock is Clock.SIGN and row.red_of_sign else row.red
    yield due_at(ticking.due, red, calendar), Stage("L2")
    yield due_at(ticking.due, row.bulletin, calendar), Stage("L3")


def _reminders(row: Escalation, limit: Limit) -> tuple[float, ...]:
    least = row.first_reminder_from
    return row.reminders[-1:] if least and limit.part(1.0).amount < least.part(1.0).amount else row.reminders


def _at_share(ticking: Ticking, share: float, calendar: Calendar) -> datetime:
    """When that share of the limit has gone by; at once when it had gone before the clock last began to run."""
    left, rest = ticking.left.part(1.0), ticking.limit.part(1.0 - share)
    if left.amount <= rest.amount:
        return ticking.since
    return due_at(ticking.since, Limit(left.amount - rest.amount, left.unit), calendar)
