"""A case as the router knows it, and how each fact changes it."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from contracts.envelope import CaseEnvelope, ClockChange, Fact
from contracts.facts import case as facts
from contracts.facts.report import Place, ReportedFacts
from contracts.vocabulary import CaseState, Check, Clock, ClockAction, Privacy, Procedure, Tier, Urgency


@dataclass(frozen=True)
class Case:
    """What the next decision needs; everything else about a case is in its history."""

    case_id: UUID
    report_id: UUID
    correlation_id: UUID
    channel: str
    reported_at: datetime
    text: str
    place: Place
    stated: ReportedFacts = field(default_factory=ReportedFacts)
    wanted_category: str | None = None
    confidential: bool = False
    reporter_ref: str | None = None
    state: CaseState = CaseState.REPORTED
    version: int = 0
    round: int = 0
    tier: Tier | None = None
    lead: str | None = None
    co_handlers: tuple[str, ...] = ()
    copies: tuple[str, ...] = ()
    tracker: str | None = None
    handler: str | None = None
    first_responsible: str | None = None
    grid: str | None = None
    category: str | None = None
    base_urgency: Urgency = Urgency.GENERAL
    urgency: Urgency = Urgency.GENERAL
    procedure: Procedure | None = None
    privacy: Privacy = Privacy.OPEN
    check: Check = Check.NONE
    visit: bool = False
    controlled: bool = False
    told: bool = False
    visits: int = 0
    visited: bool = False
    rule_set_version: str | None = None
    calendar_version: str | None = None
    dispatched_at: datetime | None = None
    limits: dict[Clock, datetime] = field(default_factory=dict)
    """When each running clock is due."""

    def changed(self, **fields: Any) -> "Case":
        """Like dataclasses.replace, which would give every one of the many fields to the constructor again."""
        other = object.__new__(Case)
        other.__dict__.update(self.__dict__, **fields)
        return other


def evolve(case: Case, event: CaseEnvelope[Any], state: CaseState) -> Case:
    """The case after `event`, which led to `state`; folding a case's events gives the case again (I12)."""
    return case.changed(
        state=state,
        version=event.case_version,
        tier=event.tier,
        grid=event.grid,
        category=event.category,
        urgency=event.urgency or case.urgency,
        rule_set_version=event.rule_set_version,
        calendar_version=event.calendar_version,
        limits=_running(case.limits, event.clocks),
        **_changes(case, event.data, event.occurred_at),
    )


def _running(limits: dict[Clock, datetime], changes: tuple[ClockChange, ...]) -> dict[Clock, datetime]:
    running = dict(limits)
    for change in changes:
        if change.action is ClockAction.STOP:
            running.pop(change.name, None)
        elif change.limit_at is not None:
            running[change.name] = change.limit_at
    return running


def _changes(case: Case, fact: Fact, at: datetime) -> dict[str, Any]:
    match fact:
        case facts.CaseAccepted():
            return {"first_responsible": fact.first_responsible, "place": fact.place or case.place}
        case facts.CaseFiled():
            decided = ("procedure", "privacy", "check", "visit", "base_urgency")
            return {name: getattr(fact, name) for name in decided}
        case facts.CaseDispatched():
            ordered = ("lead", "co_handlers", "copies", "tracker", "round")
            return {name: getattr(fact, name) for name in ordered} | {"dispatched_at": at}
        case facts.CaseSigned():
            return {"handler": fact.handler}
        case facts.CaseProgress():
            return {"controlled": case.controlled or fact.controlled}
        case facts.CaseRework():
            return {"round": fact.round}
        case facts.CaseFeedbackGiven():
            return {"told": True}
        case facts.CaseVisited():
            return {"visits": case.visits + 1, "visited": case.visited or fact.contacted}
        case _:
            return {}
