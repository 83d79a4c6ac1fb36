"""From handled to at rest: check, tell, ask, close; and what may open it again."""

from collections.abc import Iterator
from typing import Literal
from uuid import UUID

from pydantic import Field

from contracts.envelope import ClockChange
from contracts.facts import closing as facts
from contracts.vocabulary import CaseState, Check, Clock, Procedure, Role, Tier, Urgency
from delivery.field_types import Satisfaction
from delivery.redaction import redact
from services.router.clocks import running
from services.router.workflow.case import Visit
from services.router.workflow.commands.objecting import rests_from
from services.router.workflow.knowing import first_to_hear, general_to_hear
from services.router.workflow.situation import Data, Lack, Note, Said, Situation, stopped
from services.router.workflow.visiting import all_asked_at, asking_ends, still_to_ask, tried_enough

_REWORKS_TO_HEAR_OF = 3  # from the third on the tier above must know
_CLOSES_THE_GRAVE = (Role.SHIFT_LEADER, Role.SUPERVISOR, Role.ADMIN)


class CheckPassData(Data):
    note: Note | None = None
    evidence: int = Field(0, ge=0, le=100)


class CheckFailData(Data):
    reason: Note


class FeedbackData(Data):
    outcome: Literal["told", "declined", "unreachable", "anonymous"] = "told"
    report_id: UUID | None = Field(None, description="which reporter, where reports were merged")


class VisitData(Data):
    contacted: bool
    solved: bool | None = None
    satisfaction: Satisfaction | None = None
    report_id: UUID | None = None


class RedoData(Data):
    reason: Note
    within_scope: bool = Field(True, description="what is asked for lies within the lawful scope")


class CloseData(Data):
    note: Note | None = None
    town_acknowledged: bool = Field(
        False, description="coordinate: the town department has acknowledged the result"
    )


class ReopenData(Data):
    cause: Literal["objection", "spot_check", "same_cause"]
    reason: Note


def check_requested(at: Situation) -> Said:
    """The grid worker looks; of what was settled on the spot, the community; of what neither may hear of, the desk.

    Who did the work does not look at it himself: the tier above does.
    """
    tier = Tier.COMMUNITY if at.case.procedure is Procedure.ON_SPOT else Tier.GRID
    nearest, tracker = at.generals.get(tier), at.rules.directory.units.get(at.case.tracker or "")
    if nearest is not None and nearest.code == at.lead:
        nearest = general_to_hear(tier, at)
    if tracker is not None and tracker.code == at.lead:
        tracker = None
    looks = first_to_hear((nearest, tracker), at)
    return Said(facts.CaseCheckRequested(check=at.case.check, unit=looks.code if looks else None))


def check_skipped(at: Situation) -> Said:
    return Said(facts.CaseChecked(result="skipped", check=at.case.check))


def check_passed(at: Situation) -> Said:
    note = redact(at.data.note).text if at.data.note else None
    return Said(facts.CaseChecked(result="passed", check=at.case.check, note=note))


def check_failed(at: Situation) -> Said:
    reason = redact(at.data.reason).text
    above = _tier_above(at) if at.case.reworks + 1 >= _REWORKS_TO_HEAR_OF else None
    fact = facts.CaseRework(round=at.case.round + 1, unit=at.lead or "", reason=reason, supervisor=above)
    calendar = at.rules.calendar_for(Clock.HANDLE, at.case.lead)
    again = running.start_again(at.kind(), at.at, calendar, running.LEAST_REWORK)
    return Said(fact, clocks=(again,))


def _tier_above(at: Situation) -> str | None:
    """The general unit above the tier that leads, as far as it may hear of the case."""
    above = general_to_hear(at.case.tier, at)
    return above.code if above and above.code != at.lead else None


def lacks_another_checker(at: Situation) -> Iterator[Lack]:
    if _has_worked_on_it(at):
        yield Lack("/", "the handler does not check his own case")


def _has_worked_on_it(at: Situation) -> bool:
    """Whoever was named to: the name is a word that was typed, who gave the commands is known."""
    return at.actor.person in {*at.case.workers, *filter(None, (at.case.handler,))}


def lacks_for_passing(at: Situation) -> Iterator[Lack]:
    yield from lacks_another_checker(at)
    if at.case.check in (Check.ONSITE, Check.PHOTO) and at.data.evidence < 1:
        yield Lack("/data/evidence", f"a check by {at.case.check} needs evidence")


def feedback_recorded(at: Situation) -> Said:
    report_id = at.data.report_id or at.case.report_id
    fact = facts.CaseFeedbackGiven(report_id=report_id, outcome=at.data.outcome)
    return Said(fact, clocks=everybody_told(at, (*at.case.told, report_id)))


def everybody_told(at: Situation, told: tuple[UUID, ...]) -> tuple[ClockChange, ...]:
    """Feedback is over and the visit begins, if anybody is left to ask; nothing while others are still to be told."""
    if not set(at.reports) <= {*told}:
        return ()
    ended = stopped(at.case, Clock.FEEDBACK)
    if all_asked_at(at.reports, at.case.visits, at.rules.calendar.zone):
        return (*ended, *everybody_asked(at, at.case.visits))
    visit = running.start(Clock.VISIT, at.kind(), at.at, at.rules.ruleset, at.rules.calendar)
    return (*ended, *filter(None, (visit,)))


def lacks_somebody_to_tell(at: Situation) -> Iterator[Lack]:
    report_id = at.data.report_id or at.case.report_id
    if report_id not in at.reports:
        yield Lack("/data/report_id", "not a report of this case")
    if report_id in at.case.told:
        yield Lack("/data/report_id", "feedback to this reporter is recorded already")


def visit_recorded(at: Situation) -> Said:
    said = at.data.model_dump() | {"report_id": at.data.report_id or at.case.report_id}
    fact = facts.CaseVisited(**said)
    visit = Visit(said["report_id"], at.at, at.data.contacted)
    return Said(fact, clocks=everybody_asked(at, (*at.case.visits, visit)))


def everybody_asked(at: Situation, visits: tuple[Visit, ...]) -> tuple[ClockChange, ...]:
    """The visit is over; nothing while other reporters are still to be asked."""
    over = all_asked_at(at.reports, visits, at.rules.calendar.zone)
    return stopped(at.case, Clock.VISIT) if over else ()


def lacks_for_the_visit(at: Situation) -> Iterator[Lack]:
    if _has_worked_on_it(at):
        yield Lack("/", "the handler does not make the visit")
    report_id = at.data.report_id or at.case.report_id
    if report_id not in at.reports:
        yield Lack("/data/report_id", "not a report of this case")
    if tried_enough(report_id, at.case.visits, at.rules.calendar.zone):
        yield Lack("/", "three attempts have been made")
    if not at.data.contacted and (at.data.solved is not None or at.data.satisfaction is not None):
        yield Lack("/data/contacted", "an answer needs somebody who gave it")


def lacks_an_answer(at: Situation) -> Iterator[Lack]:
    """What a reporter says by himself, before anybody asks him or after the case was closed, is his visit. That it is
    not solved yet says nothing of a result that is still to come."""
    yield from lacks_for_the_visit(at)
    if at.actor.unit is not None and at.actor.unit == at.lead:  # he may still become the handler
        yield Lack("/", "the handler does not make the visit")
    if not at.data.contacted:
        yield Lack("/data/contacted", "an answer needs somebody who gave it")
    if at.data.solved is False and at.case.state is not CaseState.CLOSED:
        yield Lack("/data/solved", "there is no result yet")


def redone(at: Situation) -> Said:
    reason = redact(at.data.reason).text
    fact = facts.CaseRedo(
        round=at.case.round + 1, unit=at.lead or "", reason=reason, supervisor=_tier_above(at)
    )
    kind, calendar = at.kind(), at.rules.calendar_for(Clock.HANDLE, at.case.lead)
    # an emergency has no less than the time to control it, whether its category says one or its danger
    control = running.limit_of(Clock.CONTROL, kind, at.at, at.rules.ruleset, calendar)
    again = running.start_again(kind, at.at, calendar, control or running.LEAST_REDO)
    return Said(fact, clocks=(again,))


def lacks_a_reason_to_redo(at: Situation) -> Iterator[Lack]:
    if not any(visit.solved is False for visit in at.case.visits):
        yield Lack("/", "no reporter has said that it is unsolved (record_visit with solved: false)")
    if at.case.procedure is Procedure.APPROVAL:
        # no tier has a turn in what is handled again; the way to object that was told is the applicant's
        yield Lack("/", "what was decided on an application is objected to, and not done again")
    if not at.data.within_scope:
        yield Lack("/data/within_scope", "what is asked for lies outside the lawful scope")
    if at.case.redos >= 2:
        yield Lack("/", "done again twice already")


def closed(at: Situation) -> Said:
    note = redact(at.data.note).text if at.data.note else None
    coordinated = at.case.procedure is Procedure.COORDINATE
    return Said(
        facts.CaseClosed(note=note, town_acknowledged=at.data.town_acknowledged if coordinated else None)
    )


def lacks_for_closing(at: Situation) -> Iterator[Lack]:
    """Domain §11.3: everything that has to have happened, each missing thing named."""
    case = at.case
    untold = [report for report in at.reports if report not in case.told]
    if untold:
        yield Lack("/data", f"feedback to the reporter is not recorded (record_feedback): {len(untold)} left")
    if case.visit and not was_asked(at):
        left = still_to_ask(at.reports, case.visits, at.rules.calendar.zone)
        whom = ", ".join(map(str, left))
        yield Lack("/data", f"not visited yet (record_visit: an answer, or three attempts): {whom}")
    yield from _lacks_by_procedure(at)
    if case.awaited:
        yield Lack("/", f"{', '.join(case.awaited)} has not reported yet")
    grave = case.urgency is Urgency.CRITICAL or case.card == "red" or at.category.veto is not None
    if grave and at.actor.role not in _CLOSES_THE_GRAVE:
        yield Lack("/", "a critical case, a red card or a veto domain: the shift leader closes it")


def was_asked(at: Situation) -> bool:
    """Each reporter has answered or was tried three times on two days, or the limit of the visit has passed."""
    over = asking_ends(at.case, at.reports, at.rules.calendar.zone)
    return over is not None and over <= at.at


def _lacks_by_procedure(at: Situation) -> Iterator[Lack]:
    case = at.case
    elsewhere = case.tier is not Tier.TOWN  # what the town itself has led it knows
    match case.procedure:
        case Procedure.COORDINATE if elsewhere and not at.data.town_acknowledged:
            yield Lack(
                "/data/town_acknowledged", "coordinate: the town department must acknowledge the result"
            )
        case Procedure.EMERGENCY if not case.controlled:
            yield Lack(
                "/data", "emergency: the control time is not recorded (progress with controlled: true)"
            )
        case Procedure.APPROVAL if case.objections:
            yield Lack("/data", "an objection is not answered")
        case _:
            return


def reopened(at: Situation) -> Said:
    fact = facts.CaseReopened(
        round=at.case.round + 1, unit=at.lead or "", reason=why_reopened(at), supervisor=_tier_above(at)
    )
    return Said(fact)


def why_reopened(at: Situation) -> str:
    return f"{at.data.cause}: {redact(at.data.reason).text}"


def lacks_time_to_reopen(at: Situation) -> Iterator[Lack]:
    rests = rests_from(at.case)
    if rests is not None and at.at > rests:
        yield Lack("/", "more than 30 days have passed since it was closed")


def archived(at: Situation) -> Said:
    return Said(facts.CaseArchived())


def lacks_quiet(at: Situation) -> Iterator[Lack]:
    rests = rests_from(at.case)
    if rests is not None and at.at < rests:
        yield Lack("/", "thirty days have not passed since it was closed")
    if at.case.appeal_open:
        yield Lack("/", "an appeal is open")
