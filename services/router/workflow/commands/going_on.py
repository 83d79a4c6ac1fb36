"""The lead's clocks when a case that stood still goes on, with the unit that had it or with another (domain §11.6)."""

from collections.abc import Iterator

from contracts.envelope import ClockChange
from contracts.vocabulary import Clock
from services.router.clocks import running
from services.router.workflow.situation import Situation

OF_LEAD = (Clock.CONTACT, Clock.CONTROL, Clock.INTERIM, Clock.HANDLE)
_OF_AN_EMERGENCY = (Clock.CONTROL, Clock.INTERIM)


def goes_on(at: Situation) -> Iterator[ClockChange]:
    """The same unit's time goes on where it stood; what turned dangerous meanwhile leaves no more than danger does."""
    case, calendars = at.case, at.rules.calendars(at.case.lead)
    for clock in OF_LEAD:
        ticking, calendar = case.clocks.get(clock), calendars.of(clock)
        anew = running.start(clock, at.kind(), at.at, at.rules.ruleset, calendar)
        if ticking is None:
            if anew and clock in _OF_AN_EMERGENCY and not _is_met(at, clock):
                yield anew
        elif ticking.due is None:
            before = running.resume(clock, ticking, at.at, calendar)
            yield anew if anew and clock is not Clock.HANDLE and _is_sooner(anew, before) else before


def _is_sooner(one: ClockChange, other: ClockChange) -> bool:
    return one.limit_at is not None and other.limit_at is not None and one.limit_at < other.limit_at


def begins_anew(at: Situation, lead: str) -> Iterator[ClockChange]:
    """Another unit has the whole time, but for danger that is removed already; what the urgency of now asks of nobody
    is over."""
    for clock in OF_LEAD:
        calendar = at.rules.calendar_for(clock, lead)
        change = running.start(clock, at.kind(), at.at, at.rules.ruleset, calendar)
        if change and not _is_met(at, clock):
            yield change
        elif clock in at.case.clocks:
            yield running.stop(clock)


def _is_met(at: Situation, clock: Clock) -> bool:
    """Whoever did it: the danger is removed, or the only interim report is there."""
    reported = at.case.interim and Clock.INTERIM not in at.case.clocks
    return {Clock.CONTROL: at.case.controlled, Clock.INTERIM: reported}.get(clock, False)
