"""What a reporter says after his report: he asks again, takes it back, or says how it went."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, ClassVar, Self
from uuid import UUID

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from contracts.envelope import Actor, Message, to_message
from contracts.events import TYPES, event_of
from contracts.facts.report import ReportFeedbackGiven, ReportReminded, ReportWithdrawn
from contracts.topics import REPORTS
from contracts.vocabulary import OutwardStep
from delivery.field_types import Plain, Satisfaction, YesOrNo, says_something
from delivery.redaction import redact
from services.intake.report import readable
from services.intake.submission import Idempotency

Fact = ReportReminded | ReportWithdrawn | ReportFeedbackGiven
Words = Annotated[
    str, Field(min_length=1, max_length=2000), AfterValidator(readable), AfterValidator(says_something)
]


@dataclass(frozen=True)
class Report:
    """What a follow-up needs to know of the report that it follows; `ended` says how, where that is for good."""

    report_id: UUID
    case_id: UUID
    receipt_no: str
    reporter_ref: str | None
    step: OutwardStep
    ended: str | None = None


class Given(BaseModel):
    """`receipt_no` is what a resident shows that the report is his; those who answer at a desk need none."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    says: ClassVar[type[Fact]]
    receipt_no: Plain | None = Field(None, max_length=40)

    def fact_about(self, report: Report) -> Fact:
        """Redacted: nothing else of what was said leaves, or is kept."""
        said = self.model_dump(exclude={"receipt_no"})
        words = {name: redact(text).text for name, text in said.items() if isinstance(text, str)}
        return self.says.model_validate(said | words | {"report_id": report.report_id})


class GivenReminder(Given):
    says = ReportReminded

    text: Words | None = None

    def fact_about(self, report: Report) -> Fact:
        return super().fact_about(report).model_copy(update={"reporter_ref": report.reporter_ref})


class GivenWithdrawal(Given):
    says = ReportWithdrawn

    reason: Words | None = None


class GivenFeedback(Given):
    """`contacted`: the reporter was reached and answers; without that there is no answer to give."""

    says = ReportFeedbackGiven

    contacted: YesOrNo
    solved: YesOrNo | None = None
    satisfaction: Satisfaction | None = None

    @model_validator(mode="after")
    def _answers_come_from_somebody(self) -> Self:
        if not self.contacted and (self.solved is not None or self.satisfaction is not None):
            raise PydanticCustomError("nobody_answered", "an answer needs contacted: true")
        return self


@dataclass(frozen=True)
class FollowUp:
    """`fact` is redacted: nothing else of what was said is kept."""

    event_id: UUID
    report: Report
    fact: Fact
    said_at: datetime
    said_by: str
    message: Message
    idempotency: Idempotency | None = None

    @property
    def type(self) -> str:
        return TYPES[type(self.fact)]


_NOBODY_AT_WORK = (OutwardStep.REPORTED, OutwardStep.ACCEPTED)


def why_not(fact: Fact, report: Report) -> str | None:
    """Why it comes too early or too late; None when it is in time. How it went may be said of a closed case too, and
    that it is not solved as long as somebody can work on it again."""
    if report.ended is not None:
        return f"the report {report.ended}; what is new about it is a report of its own"
    if isinstance(fact, ReportFeedbackGiven):
        return _why_no_answer(fact, report.step)
    if report.step is OutwardStep.CLOSED:
        return "the case is closed: report it again if it comes back"
    return None


def _why_no_answer(said: ReportFeedbackGiven, step: OutwardStep) -> str | None:
    if step in _NOBODY_AT_WORK and said.solved is not False:
        return "nobody works on it yet: if it has settled itself, take the report back"
    if step is not OutwardStep.FEEDBACK and not said.contacted:
        return "there is no result to ask the reporter about"
    return None


def follow_up_of(
    fact: Fact,
    report: Report,
    *,
    event_id: UUID,
    correlation_id: UUID,
    actor: Actor,
    now: datetime,
    idempotency: Idempotency | None,
) -> FollowUp:
    event = event_of(
        fact,
        event_id=event_id,
        occurred_at=now,
        recorded_at=now,
        actor=actor,
        correlation_id=correlation_id,
        case_id=report.case_id,
    )
    return FollowUp(
        event_id=event_id,
        report=report,
        fact=fact,
        said_at=now,
        said_by=actor.person or "",
        message=to_message(REPORTS.name, "intake", event),
        idempotency=idempotency,
    )
