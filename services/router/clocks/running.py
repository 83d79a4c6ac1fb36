"""What starts, pauses, resumes and lengthens each clock of a case, and when it is due then (domain §11.5, §11.6)."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import datetime
from functools import lru_cache
from typing import NamedTuple

from contracts.envelope import ClockChange
from contracts.vocabulary import Clock, ClockAction, Procedure, Urgency
from services.router.clocks.limits import Calendar, Limit, due_at, parse_limit
from services.router.clocks.ticking import Ticking
from services.router.rulesets.ruleset import UNCLASSIFIED, Category, Ruleset

_CONTROL_OF_ON_SPOT = parse_limit("2 urgent_hour")
_CONTROL_OF_CRITICAL = parse_limit("1 urgent_hour")
_LEAST_SIGN = parse_limit("5 minute")
# the clocks that run on the unit that leads
LEAD_CLOCKS = frozenset({Clock.SIGN, Clock.CONTACT, Clock.CONTROL, Clock.INTERIM, Clock.HANDLE})
LEAST_REWORK = parse_limit("30 minute")
LEAST_REDO = parse_limit("1 work_day")


class Kind(NamedTuple):
    """What of a case its limits depend on."""

    category: Category
    urgency: Urgency
    procedure: Procedure | None


class Calendars(NamedTuple):
    """By which time counts: for the clocks that run on the lead its own hours, for all others the common ones."""

    of_lead: Calendar
    common: Calendar

    def of(self, clock: Clock) -> Calendar:
        return self.of_lead if clock in LEAD_CLOCKS else self.common


@lru_cache(maxsize=4096)  # a batch has one moment and few kinds of case
def start_all(
    clocks: tuple[Clock, ...], kind: Kind, at: datetime, ruleset: Ruleset, calendars: Calendars
) -> tuple[ClockChange, ...]:
    """Those of `clocks` for which the rules give such a case a limit, set going at `at`."""
    return tuple(_set_going(clocks, kind, at, ruleset, calendars))


def _set_going(
    clocks: Iterable[Clock], kind: Kind, at: datetime, ruleset: Ruleset, calendars: Calendars
) -> Iterator[ClockChange]:
    for clock in clocks:
        if (change := start(clock, kind, at, ruleset, calendars.of(clock))) is not None:
            yield change


def start(clock: Clock, kind: Kind, at: datetime, ruleset: Ruleset, calendar: Calendar) -> ClockChange | None:
    """The clock set going at `at`; None when the rules give it no limit for such a case.

    Of several limits the one that is due first holds: sign is at most a quarter of the row's limit and at least
    five minutes, contact at most half of it.
    """
    limits = _limits(clock, kind, ruleset)
    if not limits:
        return None
    limit, due = _first_due(at, limits, calendar)
    may_be_too_short = clock is Clock.SIGN and not _LEAST_SIGN.never_later_than(limit)
    if may_be_too_short and due < (least := due_at(at, _LEAST_SIGN, calendar)):
        limit, due = _LEAST_SIGN, least
    return ClockChange(name=clock, action=ClockAction.START, limit=str(limit), limit_at=due)


def limit_of(clock: Clock, kind: Kind, at: datetime, ruleset: Ruleset, calendar: Calendar) -> Limit | None:
    """What the rules give the clock for such a case, of several the one that is due first; None when nothing."""
    limits = _limits(clock, kind, ruleset)
    return _first_due(at, limits, calendar)[0] if limits else None


def _first_due(at: datetime, limits: tuple[Limit, ...], calendar: Calendar) -> tuple[Limit, datetime]:
    if len(limits) == 1:
        return limits[0], due_at(at, limits[0], calendar)
    return min(((limit, due_at(at, limit, calendar)) for limit in limits), key=lambda pair: pair[1])


def stop(clock: Clock) -> ClockChange:
    return ClockChange(name=clock, action=ClockAction.STOP)


def pause(clock: Clock, ticking: Ticking, at: datetime, calendar: Calendar) -> ClockChange:
    """Stands still; what is left of it waits."""
    return ClockChange(name=clock, action=ClockAction.PAUSE, limit=str(ticking.left_at(at, calendar)))


def resume(clock: Clock, ticking: Ticking, at: datetime, calendar: Calendar) -> ClockChange:
    """Goes on with what was left: the time that it stood still never counts."""
    due = due_at(at, ticking.left, calendar)
    return ClockChange(name=clock, action=ClockAction.RESUME, limit=str(ticking.left), limit_at=due)


def lengthen(clock: Clock, ticking: Ticking, at: datetime, calendar: Calendar) -> ClockChange:
    """One original limit more; where that passed before it was decided, counted from the limit all the same."""
    more = ticking.limit.part(1.0)
    if ticking.due is not None and ticking.due < at:
        due = due_at(ticking.due, more, calendar)
        left = replace(ticking, due=due).left_at(at, calendar)
        return ClockChange(name=clock, action=ClockAction.SET, limit=str(left), limit_at=due)
    left = Limit(ticking.left_at(at, calendar).minutes + more.minutes, more.unit)
    return ClockChange(
        name=clock, action=ClockAction.SET, limit=str(left), limit_at=due_at(at, left, calendar)
    )


def start_again(kind: Kind, at: datetime, calendar: Calendar, least: Limit) -> ClockChange:
    """Half of the original handle limit, at least `least`: for what has to be done a second time."""
    half = (kind.category.handle_limit or kind.category.control_limit or least).part(0.5)
    return _handle_until(at, calendar, half, least)


def take_over(kind: Kind, former: Ticking | None, at: datetime, calendar: Calendar) -> ClockChange:
    """For a new lead: what is left of handling, or half of the original limit when that is more."""
    half = (kind.category.handle_limit or kind.category.control_limit or LEAST_REWORK).part(0.5)
    left = (former.left_at(at, calendar),) if former is not None else ()
    return _handle_until(at, calendar, half, *left)


def _handle_until(at: datetime, calendar: Calendar, *limits: Limit) -> ClockChange:
    """The limit that is due last."""
    limit, due = max(((each, due_at(at, each, calendar)) for each in limits), key=lambda pair: pair[1])
    return ClockChange(name=Clock.HANDLE, action=ClockAction.START, limit=str(limit), limit_at=due)


@lru_cache(maxsize=4096)
def _limits(clock: Clock, kind: Kind, ruleset: Ruleset) -> tuple[Limit, ...]:
    """Of which the first that is due holds, without those that never are before one that stands before them."""
    found: list[Limit] = []
    for limit in _all_limits(clock, kind, ruleset):
        if not any(earlier.never_later_than(limit) for earlier in found):
            found.append(limit)
    return tuple(found)


def _all_limits(clock: Clock, kind: Kind, ruleset: Ruleset) -> list[Limit]:
    category = kind.category
    table = ruleset.clocks.get(clock, {}).get(kind.urgency)
    row = category.control_limit or category.handle_limit
    emergency = kind.procedure is Procedure.EMERGENCY
    match clock:
        case Clock.HANDLE:  # without a restore limit the control result is the result
            return _given(category.handle_limit or category.control_limit)
        case Clock.CONTROL:
            return _control_limits(kind, table) if emergency else []
        case Clock.INTERIM:
            return _given(table) if emergency else []
        case Clock.SIGN:
            return _given(table, row and row.part(0.25))
        case Clock.CONTACT:
            return _given(table, row and row.part(0.5))
        case Clock.CLASSIFY if category.code == UNCLASSIFIED:
            return _given(category.handle_limit)
        case Clock.VISIT if not category.visit:
            return []
        case _:
            return _given(table)


def _control_limits(kind: Kind, table: Limit | None) -> list[Limit]:
    critical = _CONTROL_OF_CRITICAL if kind.urgency is Urgency.CRITICAL else None
    return _given(kind.category.control_limit or critical or _CONTROL_OF_ON_SPOT, critical, table)


def _given(*limits: Limit | None) -> list[Limit]:
    return [limit for limit in limits if limit is not None]
