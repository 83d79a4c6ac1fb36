"""One clock of one case: what was left of its limit when it last began to run, or stands still with that left."""

from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache
from typing import Annotated, Any

from pydantic import BeforeValidator, PlainSerializer

from contracts.envelope import ClockChange
from contracts.vocabulary import Clock, ClockAction
from services.router.clocks.limits import Calendar, Limit, LimitUnit, left
from services.router.rulesets.field_types import LimitText


@lru_cache(maxsize=4096)
def read(text: str) -> Limit:
    """What is left of a limit, which unlike the limit itself may be nothing."""
    amount, _, unit = text.partition(" ")
    return Limit(float(amount), LimitUnit(unit))


def _left(value: Any) -> Any:
    return read(value) if isinstance(value, str) else value


LeftText = Annotated[Limit, BeforeValidator(_left), PlainSerializer(str)]


@dataclass(frozen=True)
class Ticking:
    """`left` of `limit` remained at `since`; `due` is None while it is paused; `round` is the one it was started in."""

    limit: LimitText
    left: LeftText
    since: datetime
    due: datetime | None
    round: int = 0

    def __hash__(self) -> int:  # for the cache of its stages; few clocks of a batch share both moments
        return hash((self.since, self.due))

    def left_at(self, at: datetime, calendar: Calendar) -> Limit:
        """What remains at `at`, in minutes of its kind: nothing when it is overdue, as it stood while it is paused."""
        if self.due is None:
            return self.left
        return left(at, self.due, self.limit, calendar) or Limit(0.0, self.limit.unit.minute)


def after(
    clocks: dict[Clock, Ticking], changes: tuple[ClockChange, ...], at: datetime, round_: int
) -> dict[Clock, Ticking]:
    """The clocks of a case after what an event of `round_` at `at` did to them."""
    if not changes:
        return clocks
    running = dict(clocks)
    for change in changes:
        if change.action is ClockAction.STOP:
            running.pop(change.name, None)
        elif (changed := _changed(running.get(change.name), change, at, round_)) is not None:
            running[change.name] = changed
    return running


def _changed(clock: Ticking | None, change: ClockChange, at: datetime, round_: int) -> Ticking | None:
    if change.action is ClockAction.START and change.limit is not None:
        limit = read(change.limit)
        return Ticking(limit, limit, at, change.limit_at, round_)
    if clock is None:
        return None
    return replace(
        clock, left=read(change.limit) if change.limit else clock.left, since=at, due=change.limit_at
    )
