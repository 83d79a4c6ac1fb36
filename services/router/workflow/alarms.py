"""What the system has to do for a case when time passes: stages of escalation, resuming, closing, archiving."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from contracts.envelope import SYSTEM
from contracts.vocabulary import CaseState, Clock, Procedure, Tier, Urgency
from services.router.clocks.escalation import Stage, next_stage
from services.router.clocks.limits import due_at, parse_limit
from services.router.clocks.running import LEAD_CLOCKS
from services.router.workflow.case import Case
from services.router.workflow.commands.assigning import OverdueData
from services.router.workflow.commands.closing import CloseData
from services.router.workflow.commands.objecting import rests_from
from services.router.workflow.commands.oversight import StageData
from services.router.workflow.evolution import stage_key
from services.router.workflow.situation import Data, Rules, Situation
from services.router.workflow.standing_in import placed_now
from services.router.workflow.table import transition
from services.router.workflow.visiting import asking_ends

_ON_SPOT_CLOSES_AFTER = parse_limit("1 work_hour")

# which tier is late when the clock is: the lead's for the clocks that are not named
_RESPONSIBLE = {
    Clock.ACCEPT: Tier.COMMUNITY,
    Clock.VERIFY: Tier.GRID,
    Clock.CLASSIFY: Tier.COMMUNITY,
    Clock.DISPATCH: Tier.COMMUNITY,
    Clock.CHECK: Tier.GRID,
    Clock.FEEDBACK: Tier.COMMUNITY,
    Clock.RETURN_REVIEW: Tier.TOWN,
    Clock.CONSULT: Tier.TOWN,
    Clock.APPEAL: Tier.DISTRICT,
    Clock.DEFINE: Tier.COMMUNITY,
    Clock.TOWN_REVIEW: Tier.TOWN,
    Clock.DISTRICT_REVIEW: Tier.DISTRICT,
}


@dataclass(frozen=True)
class Alarm:
    """At that moment the system gives that command."""

    at: datetime
    command: str
    data: Data


def next_alarm(case: Case, rules: Rules) -> Alarm | None:
    """The first thing that time alone will bring; None for a case that only people can move."""
    return min(_alarms(case, rules), key=lambda alarm: alarm.at, default=None)


def _alarms(case: Case, rules: Rules) -> Iterator[Alarm]:
    if transition(case.state, "oversee") is not None:
        yield from _stages(case, rules)
    match case.state:
        case CaseState.SUSPENDED if case.suspended_until is not None:
            yield Alarm(case.suspended_until, "resume", Data())
        case CaseState.CLOSED if (rests := rests_from(case)) is not None and not case.appeal_open:
            yield Alarm(rests, "archive", Data())
        case CaseState.FEEDBACK if (last := settled_at(case, rules)) is not None:
            yield Alarm(due_at(last, _ON_SPOT_CLOSES_AFTER, rules.calendar), "close", CloseData())


def _stages(case: Case, rules: Rules) -> Iterator[Alarm]:
    """The first that comes of those that have not fired, of any clock."""
    first = min(_next_stages(case, rules), key=lambda each: each[0], default=None)
    if first is not None:
        at, clock, stage = first
        yield Alarm(at, *_command(case, clock, stage, rules))


def _next_stages(case: Case, rules: Rules) -> Iterator[tuple[datetime, Clock, Stage]]:
    calendars = rules.calendars(case.lead)
    for clock, ticking in case.clocks.items():
        fired = _fired(case, stage_key(clock, ticking.round, "")) if case.fired else ()
        urgency = _urgency_of(case, clock)
        coming = next_stage(clock, ticking, urgency, rules.ruleset, calendars.of(clock), fired)
        if coming is not None:
            at, stage = coming
            yield at, clock, stage


def _urgency_of(case: Case, clock: Clock) -> Urgency:
    """What is still to be accepted of a case that has a lead is a danger, about which the reporter is to be asked."""
    return Urgency.CRITICAL if clock is Clock.ACCEPT and case.lead else case.urgency


def _fired(case: Case, of_the_clock: str) -> tuple[str, ...]:
    return tuple(key.removeprefix(of_the_clock) for key in case.fired if key.startswith(of_the_clock))


def _command(case: Case, clock: Clock, stage: Stage, rules: Rules) -> tuple[str, Data]:
    """At stage L2 the parent tier takes the lead, where there is a lead and a tier above."""
    if stage.name == "L2" and clock in LEAD_CLOCKS and _can_move_up(case, clock, rules):
        return "escalate_lead", OverdueData(clock=clock)
    responsible = _responsible(case, clock, rules)
    return "oversee", StageData(clock=clock, stage=stage.name, share=stage.share, responsible=responsible)


def _responsible(case: Case, clock: Clock, rules: Rules) -> Tier | None:
    """The tier of the unit that has to meet it, where it is known; those above it are told when it does not."""
    if clock is Clock.OBJECTION_ANSWER and case.objections_at:
        return case.objections_at[0]
    unit = rules.directory.units.get(
        {Clock.CHECK: case.checker, Clock.CONSULT: case.superior}.get(clock) or ""
    )
    return unit.tier if unit is not None else _RESPONSIBLE.get(clock, case.tier)


def _can_move_up(case: Case, clock: Clock, rules: Rules) -> bool:
    row = transition(case.state, "escalate_lead")
    overdue = Situation(
        placed_now(case, rules.directory), SYSTEM, OverdueData(clock=clock), rules, case.reported_at
    )
    return row is not None and not any(row.guard(overdue))


def settled_at(case: Case, rules: Rules) -> datetime | None:
    """What was settled on the spot needs no desk to close it, once everybody was told, and asked where that is due:
    when that was, or when the time for it ends. None where the desk has to."""
    if case.procedure is not Procedure.ON_SPOT or case.urgency is Urgency.CRITICAL or case.card == "red":
        return None
    if rules.ruleset.category(case.category).veto is not None:
        return None
    if case.told_at is None or Clock.FEEDBACK in case.clocks or case.awaited:
        return None
    if any(visit.solved is False for visit in case.visits):  # done again, or a person says why not
        return None
    asked = asking_ends(case, case.told, rules.calendar.zone)
    if case.visit and asked is None:
        return None
    return max(filter(None, (case.told_at, asked, *(visit.at for visit in case.visits))))
