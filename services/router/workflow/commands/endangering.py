"""What turns dangerous while it is worked becomes an emergency from then on: those who must know, the tracker, the
clocks. By its urgency, or because its community says that it cannot handle it alone (domain §5, §11.4.3)."""

from collections.abc import Iterator
from typing import Any
from uuid import UUID

from contracts.envelope import ClockChange
from contracts.vocabulary import CaseState, Clock, Procedure, Urgency
from services.router.clocks import running
from services.router.decision.routing import copies_of, procedure_of, trackers_of
from services.router.workflow.knowing import matter_of
from services.router.workflow.situation import Situation

# what is suspended goes on at once when it turns dangerous (`following`)
_AT_WORK = (CaseState.DISPATCHED, CaseState.HANDLING, CaseState.SUSPENDED)
WITH_A_LEAD = (*_AT_WORK, CaseState.RETURNED, CaseState.CONSULTING)
_OF_AN_EMERGENCY = (Clock.CONTROL, Clock.INTERIM)


def may_become_one(at: Situation) -> bool:
    """An application never does, and what is an emergency stays one."""
    ordinary = at.case.procedure in (Procedure.ON_SPOT, Procedure.COORDINATE)
    return ordinary and at.case.state in WITH_A_LEAD


def becomes_one(at: Situation, urgency: Urgency) -> bool:
    return may_become_one(at) and procedure_of(at.category, urgency) is Procedure.EMERGENCY


def emergency_to_open(at: Situation, urgency: Urgency) -> UUID | None:
    """The emergency of an application in which something turns critical, unless it has one."""
    critical = at.case.procedure is Procedure.APPROVAL and urgency is Urgency.CRITICAL
    return at.case.emergency_id if critical and at.case.emergency is None else None


def fields_of(at: Situation, urgency: Urgency, lead: str | None) -> dict[str, Any]:
    """What the fact says beside its own; `lead` is who leads from now on."""
    return {"procedure": Procedure.EMERGENCY, **_who_must_know(at, urgency, lead)}


def told_of_the_worst(at: Situation, urgency: Urgency) -> dict[str, Any]:
    """What is an emergency already has a dispatch's copies of the new level when it turns critical (T40)."""
    case = at.case
    led = case.procedure is Procedure.EMERGENCY and case.lead is not None
    worse = urgency is Urgency.CRITICAL and case.urgency is not Urgency.CRITICAL
    return _who_must_know(at, urgency, case.lead) if led and worse else {}


def _who_must_know(at: Situation, urgency: Urgency, lead: str | None) -> dict[str, Any]:
    case, matter = at.case, matter_of(at)
    unit = at.rules.directory.units.get(lead or "")
    known = (*case.co_handlers, *filter(None, (lead, case.lead)))
    told = copies_of(unit.tier if unit else case.tier, matter, urgency, Procedure.EMERGENCY, without=known)
    tracker = case.tracker or next(iter(trackers_of(matter, Procedure.EMERGENCY)), None)
    copies = tuple(dict.fromkeys((*case.copies, *told)))
    return {"copies": copies, "tracker": tracker}


def clocks_of(at: Situation, urgency: Urgency, lead: str | None) -> Iterator[ClockChange]:
    """Control and interim report run from now; while the case is with no unit they wait for its next order."""
    if at.case.state not in _AT_WORK:
        return
    kind = running.Kind(at.category, urgency, Procedure.EMERGENCY)
    for clock in _OF_AN_EMERGENCY:
        calendar = at.rules.calendar_for(clock, lead)
        if change := running.start(clock, kind, at.at, at.rules.ruleset, calendar):
            yield change
