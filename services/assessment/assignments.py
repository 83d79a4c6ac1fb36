"""The assignments of a case, read from its events in whatever order they came (domain §6.2, state machine §11.6)."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
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
    cause: str | None = None
    """Of a lead that moved up: the unit asked for it, or a limit had passed (overdue)."""


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
        cause=fact.said("cause"),
    )


def assignments(notes: Iterable[Noted]) -> dict[int, Assignment]:
    """The case's assignments by round, from all its notes, in whatever order they are given; none when the case was
    voided or merged away."""
    course = _Course()
    for said in sorted(notes, key=lambda said: said.case_version):
        course.hear(said)
    return {} if course.gone else course.rounds


@dataclass
class _Course:
    """A case as one note after the other tells it."""

    rounds: dict[int, Assignment] = field(default_factory=dict)
    now: int = 0
    went_on_in: dict[int, int] = field(default_factory=dict)
    """Of a return that was refused: in which round the assignment of that one goes on."""
    gone: bool = False

    def hear(self, said: Noted) -> None:
        self.gone = said.type in ("case.voided", "case.merged") or (
            self.gone and said.type != "case.unmerged"
        )
        if said.type in _BEGIN_TYPES:
            self._begin(said)
            return
        number = self.now if said.round is None else said.round
        while self.went_on_in.get(number, 0) > number:  # rounds only grow
            number = self.went_on_in[number]
        if number in self.rounds:
            self.rounds[number] = _continue(self.rounds[number], said)

    def _begin(self, said: Noted) -> None:
        before, former = self.now, self.rounds.pop(self.now, None)
        self.now = said.round if said.round is not None else before + 1
        if former and _is_refused_return(former, said):
            self.rounds[self.now] = _goes_on(former, said)
            self.went_on_in[before] = self.now
            return
        if former and _stays(former, said):
            self.rounds[before] = former
        if said.unit is not None and said.limit_at is not None:
            self.rounds[self.now] = Assignment(unit=said.unit, limit_at=said.limit_at)


def _is_refused_return(former: Assignment, said: Noted) -> bool:
    return former.returned and said.type == "case.dispatched" and said.unit == former.unit


def _stays(former: Assignment, said: Noted) -> bool:
    """It counts beside the new round only when it was finished, or late by then: what was late stays late, unless the
    unit had returned it and another has it now. Who lost it because he did not sign will not have finished it either
    when its limit passes: escalation erases nothing (domain §4.3)."""
    if former.finished_at is not None or said.cause == "overdue":
        return True
    left = former.left_at is not None or (former.returned and said.unit != former.unit)
    return not left and outcome(former, said.at) is Outcome.OPEN_LATE


def _continue(assignment: Assignment, said: Noted) -> Assignment:
    if said.type == "case.appeal_decided":
        return replace(assignment, exempt=assignment.exempt or said.granted)
    if said.type == "case.unmerged" or assignment.finished_at is not None:
        return assignment
    match said.type:
        case "case.handled":
            return replace(assignment, finished_at=said.at, paused_at=None)
        case "case.suspended" | "case.consult_opened":
            return _paused(assignment, said)
        case "case.returned":
            return replace(_paused(assignment, said), returned=True)
        case "case.extended":
            return replace(assignment, limit_at=said.limit_at or assignment.limit_at)
        case "case.resumed":
            return _goes_on(assignment, said)
        case _:
            return replace(assignment, left_at=said.at, returned=False)


def _paused(assignment: Assignment, said: Noted) -> Assignment:
    """What is returned stands still already when it is consulted about."""
    return replace(assignment, paused_at=assignment.paused_at or said.at)


def _goes_on(assignment: Assignment, said: Noted) -> Assignment:
    """What was late before the pause stays late, in the period of its limit."""
    is_late = outcome(assignment, said.at) is Outcome.OPEN_LATE
    limit_at = assignment.limit_at if is_late else said.limit_at or assignment.limit_at
    return replace(assignment, limit_at=limit_at, paused_at=None, returned=False)


def _handle_limit(event: CaseEnvelope[Any]) -> datetime | None:
    limits = {
        change.name: change.limit_at for change in event.clocks if change.action is not ClockAction.STOP
    }
    return limits.get(Clock.HANDLE)
