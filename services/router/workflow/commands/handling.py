"""The lead unit at work: sign, record, call others in, ask for time, finish."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Literal

from pydantic import AwareDatetime, Field

from contracts.envelope import ClockChange
from contracts.facts import case as facts
from contracts.vocabulary import CaseState, Check, Clock, Procedure, Tier, Urgency
from delivery.redaction import redact
from services.router.clocks import running
from services.router.clocks.limits import due_at, parse_limit
from services.router.clocks.ticking import Ticking
from services.router.decision.guards import is_in_conflict
from services.router.workflow.commands.going_on import goes_on
from services.router.workflow.knowing import matter_of
from services.router.workflow.situation import Data, Lack, Note, PersonReference, Reference, Said, Situation
from services.router.workflow.standing_in import tracker_now

_INTERIM_AGAIN = {Urgency.CRITICAL: parse_limit("4 urgent_hour")}
_LONGEST_SUSPENSION = timedelta(days=366)


class SignData(Data):
    handler: PersonReference | None = Field(None, description="opaque reference of the person who handles it")


class ProgressData(Data):
    note: Note
    public: bool = False
    contacted: bool = Field(False, description="the resident has been contacted")
    controlled: bool = Field(False, description="emergency: the danger is removed")
    evidence: int = Field(0, ge=0, le=100, description="photos or positions; in an emergency there is one")
    step: Literal["arrived", "interim", "ended"] | None = Field(
        None, description="emergency: arrival or end on the spot, or the interim report"
    )


class CallInData(Data):
    units: tuple[Reference, ...] = Field(min_length=1, max_length=20)
    reason: Note
    cause: Literal["strongly_reflected", "joint_enforcement", "emergency"]


class ExtendData(Data):
    """The dispatcher's decision on what the lead unit asked for."""

    reason: Note
    approved: bool = True
    asked_by: PersonReference | None = Field(None, description="opaque reference of the person who asked")
    asked_at: AwareDatetime | None = Field(
        None, description="when it was asked for, where that was before it is decided"
    )


class SuspendData(Data):
    """The dispatcher's decision, with which the parent tier has agreed, on what the lead unit asked for."""

    cause: Literal["season", "works", "ownership", "law", "natural_conditions", "other_objective"]
    until: AwareDatetime
    asked_by: PersonReference = Field(description="opaque reference of the person who asked")
    agreed_by: PersonReference = Field(
        description="who agreed at the parent tier: his opaque reference, or the code of his unit"
    )


class FinishData(Data):
    result: Note
    evidence_method: Literal["photo", "visit", "document", "call", "other"]
    evidence: int = Field(0, ge=0, le=100)
    excused: tuple[Reference, ...] = Field(
        (), description="called-in units and co-handlers that need not report"
    )


def signed(at: Situation) -> Said:
    return Said(facts.CaseSigned(unit=at.lead or "", handler=at.data.handler or at.actor.person or "unnamed"))


def progressed(at: Situation) -> Said:
    said = at.data.model_copy(update={"note": redact(at.data.note).text})
    return Said(facts.CaseProgress(**said.model_dump()), clocks=tuple(_met(at)))


def _met(at: Situation) -> Iterator[ClockChange]:
    """The clocks whose duty this entry fulfils."""
    clocks, said = at.case.clocks, at.data
    by_lead = at.actor.unit == at.lead
    met = {
        Clock.CONTACT: said.contacted and by_lead,
        Clock.CONTROL: said.controlled,
        Clock.INTERIM: said.step == "interim",
        Clock.REPORT_IN: set(at.case.awaited) == {at.actor.unit},
    }
    yield from (running.stop(clock) for clock, is_met in met.items() if is_met and clock in clocks)
    again = _INTERIM_AGAIN.get(at.case.urgency)
    if met[Clock.INTERIM] and again is not None:
        due = due_at(at.at, again, at.rules.calendar)
        yield ClockChange(name=Clock.INTERIM, action="start", limit=str(again), limit_at=due)


def lacks_for_an_entry(at: Situation) -> Iterator[Lack]:
    case, data = at.case, at.data
    if case.state is CaseState.DISPATCHED and at.actor.unit not in (
        tracker_now(case, at.rules.directory),
        *case.awaited,
    ):
        yield Lack("/", "before signing only the tracker or who is awaited records progress")
    on_the_spot = data.controlled or data.step in ("arrived", "ended")
    if case.procedure is Procedure.EMERGENCY and on_the_spot and data.evidence < 1:
        yield Lack("/data/evidence", "emergency: a photo or a position shows arrival, control and end")


def called_in(at: Situation) -> Said:
    return Said(facts.CaseCalledIn(units=at.data.units, reason=redact(at.data.reason).text))


def lacks_a_whistle(at: Situation) -> Iterator[Lack]:
    """Towns and communities whistle, departments come (吹哨报到)."""
    if at.case.tier not in (Tier.TOWN, Tier.COMMUNITY):
        yield Lack("/", "a town or a community calls departments in")
    if at.data.cause == "emergency" and at.case.procedure is not Procedure.EMERGENCY:
        yield Lack("/data/cause", "the case is not an emergency")
    for number, unit in enumerate(at.data.units):
        if unit not in at.rules.directory.units or unit == at.lead:
            yield Lack(f"/data/units/{number}", f"{unit!r} is no other unit of the directory")
        elif is_in_conflict(at.rules.directory.units[unit], matter_of(at)):
            yield Lack(f"/data/units/{number}", f"{unit} is complained of, or reports to who is")


def extended(at: Situation) -> Said:
    fact = facts.CaseExtended(approved=at.data.approved, reason=redact(at.data.reason).text)
    handle = at.case.clocks.get(Clock.HANDLE)
    if not at.data.approved or handle is None:
        return Said(fact)
    calendar = at.rules.calendar_for(Clock.HANDLE, at.case.lead)
    return Said(fact, clocks=(running.lengthen(Clock.HANDLE, handle, at.at, calendar),))


def lacks_a_right_to_more_time(at: Situation) -> Iterator[Lack]:
    handle: Ticking | None = at.case.clocks.get(Clock.HANDLE)
    asked_at = at.data.asked_at or at.at
    if handle is None or _has_passed(handle, asked_at):
        yield Lack("/", "more time is asked for before the limit has passed")
    elif at.data.asked_at is not None and not handle.since <= asked_at <= at.at:
        yield Lack("/data/asked_at", "asked since the limit runs, and not later than now")
    if at.data.approved and at.case.extensions >= 2:
        yield Lack("/data/approved", "extended twice already")
    if at.case.urgency is Urgency.CRITICAL:
        yield Lack("/", "a critical case gets no extension")
    if at.data.asked_by is not None and at.data.asked_by == at.actor.person:
        yield Lack("/data/asked_by", "who asks does not decide")


def _has_passed(ticking: Ticking, at: datetime) -> bool:
    """What had passed before a pause goes on with nothing left, though it is due when work next begins."""
    return (ticking.due is not None and at > ticking.due) or not ticking.left.amount


def suspended(at: Situation) -> Said:
    return Said(facts.CaseSuspended(**at.data.model_dump()))


def lacks_a_reason_to_wait(at: Situation) -> Iterator[Lack]:
    case, data = at.case, at.data
    if not at.at < data.until <= at.at + _LONGEST_SUSPENSION:
        yield Lack("/data/until", "a later moment, at most a year away")
    if case.was_suspended:
        yield Lack("/", "a case is suspended once at most")
    if case.urgency.level > Urgency.ELEVATED.level:
        yield Lack("/", f"a case that is {case.urgency} is not suspended")
    if case.procedure is Procedure.EMERGENCY and not case.controlled:
        yield Lack("/", "the danger is not removed")
    if Clock.ACCEPT in case.clocks:
        yield Lack("/", "whether there is danger is still to be asked by phone (confirm)")
    if data.asked_by in (at.actor.person, data.agreed_by):
        yield Lack("/data/asked_by", "who asks does not decide")
    if data.agreed_by == at.actor.person:
        yield Lack("/data/agreed_by", "the dispatcher decides and the tier above agrees: two persons")
    elif not _may_be_above(data.agreed_by, at):
        yield Lack("/data/agreed_by", f"{data.agreed_by} belongs to no unit above {at.lead}")


def _may_be_above(named: str, at: Situation) -> bool:
    """As far as the directory knows him: it has the units and who is on duty, and not everybody who may agree."""
    if named in at.case.workers:
        return False
    directory = at.rules.directory
    above = {*directory.above(at.lead or "")} - {at.lead}
    units = directory.units_of(named)
    return not units or not above or not units.isdisjoint(above)


def resumed(at: Situation) -> Said:
    return Said(facts.CaseResumed(), clocks=tuple(goes_on(at)))


def handled(at: Situation) -> Said:
    fact = facts.CaseHandled(
        round=at.case.round,
        unit=at.lead or "",
        result=redact(at.data.result).text,
        evidence_method=at.data.evidence_method,
        evidence=at.data.evidence,
        on_spot=at.case.procedure is Procedure.ON_SPOT,
    )
    return Said(fact)


def lacks_evidence(at: Situation) -> Iterator[Lack]:
    case = at.case
    if case.check in (Check.ONSITE, Check.PHOTO) and at.data.evidence < 1:
        yield Lack("/data/evidence", f"a check by {case.check} needs evidence")
    if case.procedure is Procedure.EMERGENCY:
        yield from _lacks_of_an_emergency(at)
    for unit in case.awaited:
        if unit not in at.data.excused:
            yield Lack("/data/excused", f"{unit} was called in and has neither reported nor been excused")
    for unit in case.to_report:
        if unit not in at.data.excused:
            yield Lack(
                "/data/excused", f"{unit} is to help and has neither recorded anything nor been excused"
            )


def _lacks_of_an_emergency(at: Situation) -> Iterator[Lack]:
    """It is followed on the spot from arrival to end, and reported on where it takes long (domain §11.3)."""
    case, interim = at.case, at.case.clocks.get(Clock.INTERIM)
    if not case.controlled:
        yield Lack("/data", "emergency: record the control time first (progress with controlled: true)")
    if not case.arrived:
        yield Lack("/data", "emergency: record the arrival on the spot first (progress with step: arrived)")
    if not case.ended:
        yield Lack("/data", "emergency: record the end on the spot first (progress with step: ended)")
    if interim is not None and interim.due is not None and at.at > interim.due:
        yield Lack("/data", "emergency: the interim report is late (progress with step: interim)")
