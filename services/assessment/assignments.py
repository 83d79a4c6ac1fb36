"""The assignments of a case, read from its events in whatever order they came (domain §6.2, state machine §11.6)."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from contracts.envelope import CaseEnvelope
from contracts.events import type_of
from contracts.facts import case as facts
from contracts.facts import closing
from contracts.vocabulary import Clock, ClockAction
from services.assessment.cohort import Assignment, Outcome, outcome


@dataclass(frozen=True)
class Noted:
    """What one event says about assignments; a row each is kept, so that a late event changes nothing but its own."""

    case_version: int
    at: datetime
    type: str
    round: int | None = None
    unit: str | None = None
    limit_at: datetime | None = None
    granted: bool = False


_BEGINS = (
    facts.CaseDispatched,
    facts.CaseDesignated,
    facts.CaseEscalated,
    closing.CaseRework,
    closing.CaseRedo,
    closing.CaseReopened,
)
READ = (
    *_BEGINS,
    # what ends a unit's duty without anything being finished
    facts.CaseReturned,
    facts.CaseVoided,
    facts.CaseMerged,
    facts.CaseHandedOver,
    facts.CaseReclassified,
    # what its clock stands still for
    facts.CaseSuspended,
    facts.CaseConsultOpened,
    facts.CaseHandled,
    facts.CaseExtended,
    facts.CaseResumed,
    facts.CaseUnmerged,
    facts.CaseAppealDecided,
)
_BEGIN_TYPES = {type_of(fact) for fact in _BEGINS}


def note(event: CaseEnvelope[Any]) -> Noted:
    """The part of an event that assessment keeps."""
    fact = event.data
    return Noted(
        case_version=event.case_version,
        at=event.occurred_at,
        type=event.type,
        round=fact.said("round"),
        unit=fact.said("lead") or fact.said("unit"),
        limit_at=_handle_limit(event),
        granted=fact.said("granted", False),
    )


def assignments(notes: Iterable[Noted]) -> dict[int, Assignment]:
    """The case's assignments by round, from all its notes, in whatever order they are given; none when the case was
    voided or merged away."""
    rounds: dict[int, Assignment] = {}
    now: int | None = None
    gone = False
    for said in sorted(notes, key=lambda said: said.case_version):
        gone = said.type in ("case.voided", "case.merged") or (gone and said.type != "case.unmerged")
        if said.type in _BEGIN_TYPES:
            now = _begin(rounds, now, said)
        elif (number := now if said.round is None else said.round) in rounds:
            rounds[number] = _continue(rounds[number], said)
    return {} if gone else rounds


def _begin(rounds: dict[int, Assignment], now: int | None, said: Noted) -> int | None:
    """A new round; the former one counts only when it was finished, or late by then: what was late stays late."""
    number = said.round if said.round is not None else (now or 0) + 1
    former = rounds.get(now or 0)
    if former and not former.finished_at and (former.left_at or outcome(former, said.at) is Outcome.PENDING):
        del rounds[now or 0]
    if said.unit is None or said.limit_at is None:
        return now
    rounds[number] = Assignment(unit=said.unit, limit_at=said.limit_at)
    return number


def _continue(assignment: Assignment, said: Noted) -> Assignment:
    match said.type:
        case "case.handled":
            return replace(assignment, finished_at=said.at, paused_at=None)
        case "case.suspended" | "case.consult_opened":
            return replace(assignment, paused_at=said.at)
        case "case.extended":
            return replace(assignment, limit_at=said.limit_at or assignment.limit_at)
        case "case.resumed":
            # what was late before the pause stays late, in the period of its limit
            is_late = outcome(assignment, said.at) is Outcome.OPEN_LATE
            limit_at = assignment.limit_at if is_late else said.limit_at or assignment.limit_at
            return replace(assignment, limit_at=limit_at, paused_at=None)
        case "case.appeal_decided":
            return replace(assignment, exempt=assignment.exempt or said.granted)
        case "case.unmerged":
            return assignment
        case _:
            return assignment if assignment.finished_at else replace(assignment, left_at=said.at)


def _handle_limit(event: CaseEnvelope[Any]) -> datetime | None:
    limits = {
        change.name: change.limit_at for change in event.clocks if change.action is not ClockAction.STOP
    }
    return limits.get(Clock.HANDLE)
