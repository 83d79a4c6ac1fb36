"""When the stages of escalation of a clock come: reminders, yellow, red, bulletin (domain §11.5)."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Literal

from contracts.vocabulary import Clock, Urgency
from services.router.clocks.limits import Calendar, Limit, due_at
from services.router.clocks.ticking import Ticking
from services.router.rulesets.escalation import Escalation
from services.router.rulesets.ruleset import Ruleset

StageName = Literal["L0", "L1", "L2", "L3"]

# they end by themselves or are nobody's duty: nothing escalates when they have passed
SILENT = frozenset({Clock.PUBLICITY, Clock.VISIT})


@dataclass(frozen=True)
class Stage:
    """`share` is set for reminders: the part of the limit that has gone by."""

    name: StageName
    share: float | None = None

    @property
    def key(self) -> str:
        return self.name if self.share is None else f"{self.name}@{self.share:g}"


@lru_cache(maxsize=4096)  # a batch has one moment and few kinds of case
def next_stage(
    clock: Clock,
    ticking: Ticking,
    urgency: Urgency,
    ruleset: Ruleset,
    calendar: Calendar,
    fired: tuple[str, ...] = (),
) -> tuple[datetime, Stage] | None:
    """The first stage of a running clock whose key is not among `fired`, with its moment; None while it is paused, and
    after the last. No reminder comes after the yellow card."""
    passed = any(not key.startswith("L0") for key in fired)
    coming = (
        (at, stage)
        for at, stage in _stages(clock, ticking, ruleset.escalation[urgency], calendar)
        if stage.key not in fired and not (passed and stage.name == "L0")
    )
    return next(coming, None)


def _stages(
    clock: Clock, ticking: Ticking, row: Escalation, calendar: Calendar
) -> Iterator[tuple[datetime, Stage]]:
    """In the order in which they come."""
    if ticking.due is None or clock in SILENT:
        return
    for reminder in row.reminders:
        if reminder.applies_to(ticking.limit):
            yield _at_share(ticking, reminder.share, calendar), Stage("L0", reminder.share)
    yield ticking.due, Stage("L1")
    yield due_at(ticking.due, row.red(clock), calendar), Stage("L2")
    yield due_at(ticking.due, row.bulletin_after, calendar), Stage("L3")


def _at_share(ticking: Ticking, share: float, calendar: Calendar) -> datetime:
    """When that share of the limit has gone by; at once when it had gone before the clock last began to run."""
    left = ticking.left.minutes - ticking.limit.minutes * (1.0 - share)
    return (
        due_at(ticking.since, Limit(left, ticking.limit.unit.minute), calendar) if left > 0 else ticking.since
    )
