"""Carries out commands on a case: one transition, then what the system itself does next, until somebody must act."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from contracts.envelope import SYSTEM, Actor, CaseEnvelope, ClockChange
from contracts.events import event_of
from contracts.vocabulary import Clock
from services.router.clocks import running as clocks
from services.router.clocks.limits import Calendar
from services.router.decision.classification import Classifier, nobody_classifies
from services.router.decision.question import Question
from services.router.decision.routing import Decision, decide
from services.router.directory.directory import Directory
from services.router.rulesets.ruleset import Category, Ruleset
from services.router.workflow.case import Case, evolve
from services.router.workflow.commands import AcceptData, Data, Lack, Situation
from services.router.workflow.table import PASSED_THROUGH, Transition, allowed, next_of_the_system, transition

CaseEvent = CaseEnvelope[Any]


@dataclass(frozen=True)
class Rules:
    """What decides: the directory, the ruleset and the calendar of this moment, and who proposes a category."""

    directory: Directory
    ruleset: Ruleset
    calendar: Calendar
    classify: Classifier = nobody_classifies


@dataclass(frozen=True)
class Moment:
    """When it happens, what caused it, and where new ids come from."""

    at: datetime
    causation_id: UUID | None
    new_id: Callable[[], UUID]

    def caused_by(self, event_id: UUID) -> "Moment":
        return Moment(self.at, event_id, self.new_id)


class Forbidden(Exception):
    """The state does not know the command; `allowed` are those that it knows."""

    def __init__(self, case: Case, command: str) -> None:
        super().__init__(f"{command} is not possible in {case.state}")
        self.allowed = allowed(case.state)


class Incomplete(Exception):
    """The guard lacks something; `lacks` name it."""

    def __init__(self, lacks: list[Lack]) -> None:
        super().__init__("; ".join(lack.detail for lack in lacks))
        self.lacks = lacks


def open_case(case: Case, grid: str | None, rules: Rules, moment: Moment) -> tuple[Case, list[CaseEvent]]:
    """A new report's case as far as the system carries it: dispatched, or at the intake desk for want of a grid."""
    if grid is None:
        return case.changed(limits=_waiting(case, rules, moment)), []
    return perform(case, "accept", AcceptData(), SYSTEM, grid, rules, moment)


def perform(
    case: Case, command: str, data: Data, actor: Actor, grid: str | None, rules: Rules, moment: Moment
) -> tuple[Case, list[CaseEvent]]:
    """The case after `command` and what follows from it by itself; raises Forbidden or Incomplete.

    `grid` is where the case lies; it is needed while the case is not filed.
    """
    decision = _decide(case, grid, rules, moment) if case.category is None else None
    events: list[CaseEvent] = []
    following: str | None = command
    while following is not None:
        case, event = _step(following, Situation(case, actor, data, decision), rules, moment)
        events.append(event)
        following, data, actor = next_of_the_system(case), Data(), SYSTEM
    return case, events


def _waiting(case: Case, rules: Rules, moment: Moment) -> dict[Clock, datetime]:
    """At the desk the accept clock runs: a person has to find the place."""
    kind = clocks.Kind(rules.ruleset.category(case.wanted_category), case.urgency, None)
    change = clocks.start(Clock.ACCEPT, kind, moment.at, rules.ruleset, rules.calendar)
    return {Clock.ACCEPT: change.limit_at} if change and change.limit_at else {}


def _decide(case: Case, grid: str | None, rules: Rules, moment: Moment) -> Decision | None:
    if grid is None:
        return None
    question = Question(
        text=case.text,
        at=moment.at.astimezone(rules.calendar.zone),
        grid=grid,
        category=case.wanted_category,
        channel=case.channel,
        place=case.place,
        facts=case.stated,
        confidential=case.confidential,
    )
    return decide(question, rules.directory, rules.ruleset, rules.classify)


def _step(command: str, situation: Situation, rules: Rules, moment: Moment) -> tuple[Case, CaseEvent]:
    case = situation.case
    row = transition(case.state, command)
    if row is None:
        raise Forbidden(case, command)
    if lacks := list(row.guard(situation)):
        raise Incomplete(lacks)
    event = _event(row, situation, rules, moment)
    return evolve(case, event, row.to or case.state), event


def _event(row: Transition, situation: Situation, rules: Rules, moment: Moment) -> CaseEvent:
    case, said = situation.case, row.says(situation)
    header = {
        "tier": case.tier,
        "grid": case.grid,
        "category": case.category,
        "urgency": case.urgency,
    } | said.header
    category = rules.ruleset.category(header["category"])
    changes = [*said.clocks, *_stopped(row, case), *_started(row, situation, category, header, rules, moment)]
    event = event_of(
        said.fact,
        event_id=moment.new_id(),
        occurred_at=moment.at,
        recorded_at=moment.at,
        actor=situation.actor,
        causation_id=moment.causation_id,
        correlation_id=case.correlation_id,
        case_id=case.case_id,
        case_version=case.version + 1,
        clocks=tuple(changes),
        rule_set_version=rules.ruleset.version,
        calendar_version=rules.calendar.version,
        **header,
    )
    assert isinstance(event, CaseEnvelope)
    return event


def _stopped(row: Transition, case: Case) -> Iterator[ClockChange]:
    return (clocks.stop(clock) for clock in row.stops if clock in case.limits)


def _started(
    row: Transition,
    situation: Situation,
    category: Category,
    header: dict[str, Any],
    rules: Rules,
    moment: Moment,
) -> Iterator[ClockChange]:
    """The clocks that the row sets going; a second round of handling has half of the first one's time."""
    if row.to in PASSED_THROUGH:
        return
    procedure = situation.decision.procedure if situation.decision else situation.case.procedure
    kind = clocks.Kind(category, header["urgency"], procedure)
    for clock in row.starts:
        if clock is Clock.HANDLE and situation.case.round > 0:
            yield clocks.start_rework(kind, moment.at, rules.calendar)
        elif (change := clocks.start(clock, kind, moment.at, rules.ruleset, rules.calendar)) is not None:
            yield change
