"""Carries out commands on a case: one transition, then what the system itself does next, until somebody must act."""

from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import suppress
from datetime import datetime
from functools import cache
from typing import Any

from contracts.envelope import SYSTEM, Actor, CaseEnvelope, ClockChange, Fact
from contracts.events import event_of
from contracts.vocabulary import CaseState, Clock, Privacy, Role, Urgency
from delivery.local_time import local
from services.router.clocks import running
from services.router.clocks.ticking import Ticking, after
from services.router.decision.circumstances import circumstances_of
from services.router.decision.question import Question
from services.router.decision.routing import Decision, NobodyAnswers, decide
from services.router.workflow.calling import lines_to_call
from services.router.workflow.case import Case
from services.router.workflow.commands.intake import AcceptData, ClassifyData, PlacedData
from services.router.workflow.commands.linking import CallLineData, MergeData
from services.router.workflow.evolution import evolve
from services.router.workflow.following import PASSED_THROUGH, Following, following
from services.router.workflow.situation import Around, Data, Lack, Moment, Rules, Situation
from services.router.workflow.standing_in import placed_now
from services.router.workflow.table import Transition, state_after, transition
from services.router.workflow.verifying import first_lines, first_privacy, first_urgency, is_verified_first

CaseEvent = CaseEnvelope[Any]
# accepting too: what it turns out to be says whether its place may be told
_DECIDES = {"accept", "classify", "dispatch"}
_AROUND = Around()


class Forbidden(Exception):
    """The state does not know the command."""

    def __init__(self, case: Case, command: str) -> None:
        super().__init__(f"{command} is not possible in {case.state}")


class Incomplete(Exception):
    """The guard lacks something; `lacks` name it."""

    def __init__(self, lacks: list[Lack]) -> None:
        super().__init__("; ".join(lack.detail for lack in lacks))
        self.lacks = lacks


def open_case(case: Case, around: Around, rules: Rules, moment: Moment) -> tuple[Case, list[CaseEvent]]:
    """A new report's case as far as the system carries it: dispatched, with the grid worker who is to look at it first,
    or at the intake desk for want of a grid; who is in danger there is helped before the place is found."""
    if around.grid is None:
        return called(at_the_desk(case, rules, moment), first_lines(case, rules, moment.at), rules, moment)
    if is_verified_first(case, around, rules, moment.at):
        case = at_first_sight(case, rules, moment)
        return perform(case, "request_verify", Data(), SYSTEM, rules, moment, around)
    accepting = around.on_spot.worker if around.on_spot else SYSTEM
    return perform(case, "accept", AcceptData(), accepting, rules, moment, around)


def perform(
    case: Case,
    command: str,
    data: Data,
    actor: Actor,
    rules: Rules,
    moment: Moment,
    around: Around = _AROUND,
) -> tuple[Case, list[CaseEvent]]:
    """The case after `command` and what follows from it by itself; raises Forbidden or Incomplete."""
    before = case = _placed(placed_now(case, rules.directory), data)
    decision: Decision | None = None
    events: list[CaseEvent] = []
    now: Following | None = Following(command, data, actor)
    while now is not None:
        if now.command in _DECIDES and decision is None:
            said = now.data.category if isinstance(now.data, ClassifyData) else None
            wanted = said or case.wanted_category
            decision = _decide(case, wanted, around, rules, moment.at)
        known = _judged_by(now, case, around, rules, moment.at) or decision
        situation = Situation(case, now.actor, now.data, rules, moment.at, around, known)
        case, event = _step(now.command, situation, moment)
        events.append(event)
        lines = lines_to_call(data, before, case, decision, rules)
        now = following(now, case, lines, around)
    return case, events


def called(case: Case, lines: Iterable[str], rules: Rules, moment: Moment) -> tuple[Case, list[CaseEvent]]:
    """The case after those of the emergency lines that were not called over it yet."""
    events: list[CaseEvent] = []
    for line in lines:
        if line not in case.lines:
            case, more = perform(case, "call_line", CallLineData(line=line), SYSTEM, rules, moment)
            events += more
    return case, events


def _judged_by(now: Following, case: Case, around: Around, rules: Rules, at: datetime) -> Decision | None:
    """What the rules say of a case whose urgency a person sets."""
    if now.command != "set_urgency" or now.actor.role is Role.SYSTEM:
        return None
    with suppress(Incomplete):
        return decided_anew(case.changed(lowered=None), around, rules, at)
    return None


def _placed(case: Case, data: Data) -> Case:
    """Where a person found it to be is known from now on, though of a sealed matter no event says it."""
    place = data.place if isinstance(data, PlacedData) else None
    return case.changed(place=place) if place else case


def replay(case: Case, events: Iterable[CaseEvent]) -> Case:
    """The case that its events make of it, from what was reported and, of a sealed one, where it was found to be: the
    same case and the same clocks (I12)."""
    for event in events:
        case = evolve(case, event, state_after(case.state, event.type))
    return case


def move(case: Case, master: Case, rules: Rules, moment: Moment) -> tuple[Case, list[CaseEvent]]:
    """A merged case follows its master into another one, so that merges stay one level deep."""
    row = transition(CaseState.FILED, "merge")
    assert row is not None
    case = placed_now(case, rules.directory)
    data = MergeData(master_case_id=master.case_id)
    event = _event(row, Situation(case, SYSTEM, data, rules, moment.at, Around(master=master)), moment)
    return evolve(case, event, CaseState.MERGED), [event]


def at_first_sight(case: Case, rules: Rules, moment: Moment) -> Case:
    """Until it is decided: what no event says."""
    return case.changed(
        urgency=first_urgency(case, rules, moment.at), privacy=first_privacy(case, rules, moment.at)
    )


def at_the_desk(case: Case, rules: Rules, moment: Moment) -> Case:
    """As it waits there before anything is said of it: what its events change."""
    case = at_first_sight(case, rules, moment)
    return case.changed(clocks=_waiting(case, rules, moment))


def _waiting(case: Case, rules: Rules, moment: Moment) -> dict[Clock, Ticking]:
    """At the desk the accept clock runs: a person has to find the place."""
    kind = running.Kind(rules.ruleset.category(case.wanted_category), case.urgency, None)
    change = running.start(Clock.ACCEPT, kind, moment.at, rules.ruleset, rules.calendar)
    return after({}, (change,), moment.at, case.round) if change else {}


def decided_anew(case: Case, around: Around, rules: Rules, now: datetime) -> Decision | None:
    """What would be decided if the case, at the hour when it was reported, came in with what is known of it and in the
    weather of `now`."""
    return _decide(case, case.category, around, rules, case.reported_at, weather_at=now)


def _decide(
    case: Case,
    wanted: str | None,
    around: Around,
    rules: Rules,
    at: datetime,
    *,
    weather_at: datetime | None = None,
) -> Decision | None:
    grid = case.grid or around.grid
    if grid is None:
        return None
    question = Question(
        text=case.text,
        at=local(at, rules.calendar.zone),
        grid=grid,
        category=wanted,
        kind=case.kind,
        channel=case.channel,
        place=case.place,
        facts=case.stated,
        confidential=case.confidential,
        same_reporter=max(around.same_reporter, _times_said(case)),
        distinct_reporters=max(around.distinct_reporters, _reporters(case, around)),
        at_least=case.raised_to or Urgency.GENERAL,
        lowered=case.lowered,
        private_at_least=case.private_at_least or Privacy.OPEN,
        consented_as=case.consented_as,
        **circumstances_of(case.place, grid, weather_at or at, rules),
        recent_same_component=(around.recurrence_of or case.recurrence_of) is not None,
    )
    try:
        return decide(question, rules.directory, rules.ruleset, rules.classify)
    except NobodyAnswers:
        raise Incomplete([Lack("/", f"no unit may lead a case in the grid {grid}")]) from None


def _times_said(case: Case) -> int:
    """How often the most insistent reporter has said it; the first time is 1."""
    return 1 + max(Counter(case.reminders).values()) if case.reminders else 1


def _reporters(case: Case, around: Around) -> int:
    """Known to be different people; who is not known counts as none beside the first."""
    known = {case.reporter_ref, *(joined.reporter_ref for joined in around.joined)} - {None}
    return max(1, len(known))


def _step(command: str, situation: Situation, moment: Moment) -> tuple[Case, CaseEvent]:
    case = situation.case
    row = transition(case.state, command, case.procedure)
    if row is None:
        raise Forbidden(case, command)
    if not row.is_due(case.clocks):
        raise Incomplete(
            [Lack("/", f"answered already, or not asked for: the clock {row.about} does not run")]
        )
    if lacks := list(row.guard(situation)):
        raise Incomplete(lacks)
    event = _event(row, situation, moment)
    return evolve(case, event, row.to or case.state), event


def _event(row: Transition, situation: Situation, moment: Moment) -> CaseEvent:
    case, said, rules = situation.case, row.says(situation), situation.rules
    header = {
        "tier": case.tier,
        "grid": case.grid,
        "category": case.category,
        "urgency": case.urgency,
        **said.header,
    }
    lead = (said.fact.lead if _names_a_lead(type(said.fact)) else None) or case.lead  # type: ignore[attr-defined]
    said_of = {change.name for change in said.clocks}
    changes = [change for change in _by_the_table(row, situation, header, lead) if change.name not in said_of]
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
        clocks=(*changes, *said.clocks),
        rule_set_version=rules.ruleset.version,
        calendar_version=rules.calendar.version,
        **header,
    )
    assert isinstance(event, CaseEnvelope)
    assert event.type == row.event, "the table says what is stated"
    return event


@cache
def _names_a_lead(fact: type[Fact]) -> bool:
    return "lead" in fact.model_fields


def _by_the_table(
    row: Transition, situation: Situation, header: dict[str, Any], lead: str | None
) -> Iterator[ClockChange]:
    """What the row does to the clocks of the unit that leads now; one that it stops and starts begins anew."""
    case, at = situation.case, situation.at
    started = [] if row.to in PASSED_THROUGH else list(_started(row, situation, header, lead))
    begun = {change.name for change in started}
    calendars = situation.rules.calendars(case.lead)
    for clock, ticking in case.clocks.items():
        if clock in row.stops and clock not in begun:
            yield running.stop(clock)
        elif clock in row.pauses and ticking.due is not None:
            yield running.pause(clock, ticking, at, calendars.of(clock))
        elif clock in row.resumes and ticking.due is None:
            yield running.resume(clock, ticking, at, calendars.of(clock))
    yield from started


def _started(
    row: Transition, situation: Situation, header: dict[str, Any], lead: str | None
) -> Iterator[ClockChange]:
    case, rules = situation.case, situation.rules
    procedure = situation.decision.procedure if situation.decision else case.procedure
    kind = running.Kind(situation.category_of(header["category"]), header["urgency"], procedure)
    calendars = rules.calendars(lead)
    new = tuple(clock for clock in row.starts if clock not in case.clocks or clock in row.stops)
    yield from running.start_all(new, kind, situation.at, rules.ruleset, calendars)
    for clock in row.starts:
        ticking = case.clocks.get(clock)
        if ticking is not None and ticking.due is None and clock not in new:
            yield running.resume(clock, ticking, situation.at, calendars.of(clock))
