"""What each command brings, what it may lack, and the fact that it states."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from contracts.envelope import Actor, ClockChange, Fact
from contracts.facts import case as facts
from contracts.facts.report import Place
from contracts.vocabulary import Channel, Check, Clock, Procedure, Role, Tier, Urgency
from delivery.redaction import redact
from services.router.clocks import running as clocks
from services.router.decision.routing import Decision
from services.router.workflow.case import Case

Note = Annotated[str, Field(min_length=1, max_length=2000, pattern=r"^[^\x00]*$")]


class Data(BaseModel):
    """The body of a command without fields of its own."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class AcceptData(Data):
    """`place` is for reports that came without one that the map knows."""

    place: Place | None = None


class SignData(Data):
    handler: str | None = Field(
        None, max_length=100, description="opaque reference of the person who handles it"
    )


class ProgressData(Data):
    note: Note
    public: bool = False
    contacted: bool = Field(False, description="the resident has been contacted")
    controlled: bool = Field(False, description="emergency: the danger is removed")
    evidence: int = Field(0, ge=0, le=100)


class FinishData(Data):
    result: Note
    evidence_method: Literal["photo", "visit", "document", "call", "other"]
    evidence: int = Field(0, ge=0, le=100)


class CheckPassData(Data):
    note: Note | None = None
    evidence: int = Field(0, ge=0, le=100)


class CheckFailData(Data):
    reason: Note


class FeedbackData(Data):
    outcome: Literal["told", "declined", "unreachable", "anonymous"] = "told"


class VisitData(Data):
    contacted: bool
    solved: bool | None = None
    satisfaction: Literal[1, 2, 3, 4, 5] | None = None


class CloseData(Data):
    note: Note | None = None
    town_acknowledged: bool = Field(
        False, description="coordinate: the town department has acknowledged the result"
    )


@dataclass(frozen=True)
class Situation:
    """What a command meets: the case, who speaks, what he brings, and the router's decision where one is made."""

    case: Case
    actor: Actor
    data: Any
    decision: Decision | None = None


@dataclass(frozen=True)
class Said:
    """The fact, what of the envelope it changes, and clocks beyond those that the table names."""

    fact: Fact
    header: dict[str, Any] = field(default_factory=dict)
    clocks: tuple[ClockChange, ...] = ()


@dataclass(frozen=True)
class Lack:
    """What a guard misses, as a pointer into the command's body."""

    pointer: str
    detail: str


def accepted(at: Situation) -> Said:
    place = at.data.place or at.case.place
    first = at.actor.unit or at.actor.role
    fact = facts.CaseAccepted(
        report_id=at.case.report_id, channel=Channel(at.case.channel), first_responsible=first, place=place
    )
    return Said(fact)


def filed(at: Situation) -> Said:
    decision = at.decision
    assert decision is not None, "classify is given a decision"
    fact = facts.CaseFiled(
        procedure=decision.procedure,
        privacy=decision.privacy,
        check=decision.category.check,
        visit=decision.category.visit,
        place=at.case.place,
        base_urgency=decision.base_urgency,
        points=decision.points,
        confirm_by_phone=decision.confirm_by_phone,
        reasons=decision.reasons,
    )
    header = {"grid": decision.grid, "category": decision.category.code, "urgency": decision.urgency}
    return Said(fact, header | {"tier": decision.order.tier})


def dispatched(at: Situation) -> Said:
    case, decision = at.case, at.decision
    assert decision is not None, "dispatch is given a decision"
    order = decision.order
    fact = facts.CaseDispatched(
        round=case.round + 1,
        lead=order.lead,
        co_handlers=order.co_handlers,
        copies=order.copies,
        tracker=order.tracker,
        procedure=decision.procedure,
        privacy=decision.privacy,
        report_id=case.report_id,
        reported_at=case.reported_at,
        place=case.place,
        text=case.text,
    )
    return Said(fact, {"tier": order.tier})


def signed(at: Situation) -> Said:
    return Said(
        facts.CaseSigned(unit=at.case.lead or "", handler=at.data.handler or at.actor.person or "unnamed")
    )


def progressed(at: Situation) -> Said:
    said = at.data.model_copy(update={"note": redact(at.data.note).text})
    by_lead = at.actor.unit == at.case.lead
    stops = [Clock.CONTACT] if said.contacted and by_lead else []
    stops += [Clock.CONTROL] if said.controlled else []
    due = tuple(clocks.stop(clock) for clock in stops if clock in at.case.limits)
    return Said(facts.CaseProgress(**said.model_dump()), clocks=due)


def handled(at: Situation) -> Said:
    fact = facts.CaseHandled(
        round=at.case.round,
        unit=at.case.lead or "",
        result=redact(at.data.result).text,
        evidence_method=at.data.evidence_method,
        evidence=at.data.evidence,
        on_spot=at.case.procedure is Procedure.ON_SPOT,
    )
    return Said(fact)


def check_requested(at: Situation) -> Said:
    return Said(facts.CaseCheckRequested(check=at.case.check, unit=at.case.tracker))


def check_skipped(at: Situation) -> Said:
    return Said(facts.CaseChecked(result="skipped", check=at.case.check))


def check_passed(at: Situation) -> Said:
    note = redact(at.data.note).text if at.data.note else None
    return Said(facts.CaseChecked(result="passed", check=at.case.check, note=note))


def check_failed(at: Situation) -> Said:
    reason = redact(at.data.reason).text
    return Said(facts.CaseRework(round=at.case.round + 1, unit=at.case.lead or "", reason=reason))


def feedback_recorded(at: Situation) -> Said:
    return Said(facts.CaseFeedbackGiven(report_id=at.case.report_id, outcome=at.data.outcome))


def visit_recorded(at: Situation) -> Said:
    return Said(facts.CaseVisited(report_id=at.case.report_id, **at.data.model_dump()))


def closed(at: Situation) -> Said:
    return Said(facts.CaseClosed(note=redact(at.data.note).text if at.data.note else None))


def lacks_tracker_before_signing(at: Situation) -> Iterator[Lack]:
    if at.case.handler is None and at.actor.unit not in (at.case.tracker, at.case.lead):
        yield Lack("/", "before signing only the lead unit or the tracker records progress")


def lacks_evidence(at: Situation) -> Iterator[Lack]:
    if at.case.check in (Check.ONSITE, Check.PHOTO) and at.data.evidence < 1:
        yield Lack("/data/evidence", f"a check by {at.case.check} needs evidence")
    if at.case.procedure is Procedure.EMERGENCY and not at.case.controlled:
        yield Lack("/data", "emergency: record the control time first (progress with controlled: true)")


def lacks_another_checker(at: Situation) -> Iterator[Lack]:
    if at.actor.person is not None and at.actor.person == at.case.handler:
        yield Lack("/", "the handler does not check his own case")


def lacks_another_visitor(at: Situation) -> Iterator[Lack]:
    if at.actor.person is not None and at.actor.person == at.case.handler:
        yield Lack("/", "the handler does not make the visit")


def lacks_for_closing(at: Situation) -> Iterator[Lack]:
    """Domain §11.3, as far as this workflow goes."""
    case = at.case
    if not case.told:
        yield Lack("/data", "feedback to the reporter is not recorded (record_feedback)")
    if case.visit and not case.visited and case.visits < 3:
        yield Lack("/data", "the reporter has not been visited (record_visit: an answer, or three attempts)")
    below_town = case.procedure is Procedure.COORDINATE and case.tier in (Tier.GRID, Tier.COMMUNITY)
    if below_town and not at.data.town_acknowledged:
        yield Lack("/data/town_acknowledged", "coordinate: the town department must acknowledge the result")
    if case.urgency is Urgency.CRITICAL and at.actor.role not in (
        Role.SHIFT_LEADER,
        Role.ADMIN,
        Role.SUPERVISOR,
    ):
        yield Lack("/", "a critical case is closed by the shift leader")
