"""Facts of a case's life, as the state machine names them (docs/workflow.md)."""

from typing import Literal
from uuid import UUID

from pydantic import AwareDatetime

from contracts.envelope import Fact
from contracts.facts.reason import Reason
from contracts.facts.report import Place
from contracts.vocabulary import Channel, Check, Privacy, Procedure, Tier, Urgency


class CaseAccepted(Fact):
    """Intake took the report on; who received it first stays responsible to the reporter."""

    report_id: UUID
    channel: Channel
    first_responsible: str | None = None
    place: Place | None = None


class CaseVerifyRequested(Fact):
    """A grid worker is asked whether the reported problem is real."""

    unit: str


class CaseVerified(Fact):
    """The grid worker looked."""

    result: Literal["true", "false", "not_found"]
    evidence: int = 0


class CaseRejected(Fact):
    """Not a matter for this system; the reporter is told the right channel."""

    reason: str
    legal_channel: str | None = None


class CaseHandedOver(Fact):
    """Somebody outside took the whole matter; `copies` are told of it."""

    receiver: str
    receipt: str | None = None
    copies: tuple[str, ...] = ()


class CaseMerged(Fact):
    """The same matter as another open case."""

    master_case_id: UUID
    score: float | None = None
    automatic: bool = False


class CaseJoined(Fact):
    """A report was merged into the case while its result is being told: that reporter is to be told too."""

    report_id: UUID


class CaseUnjoined(Fact):
    """A joined report was taken out again while the result is being told: nobody waits for that reporter any more."""

    report_id: UUID


class CaseUnmerged(Fact):
    """Not the same matter after all."""

    master_case_id: UUID
    reason: str


class CaseFiled(Fact):
    """Category, urgency, procedure and grid are decided, with the reasons; a matter that came back names the case
    that had been handled or closed."""

    procedure: Procedure
    privacy: Privacy
    check: Check
    visit: bool
    place: Place | None = None
    base_urgency: Urgency
    points: int = 0
    confirm_by_phone: bool = False
    reasons: tuple[Reason, ...] = ()
    recurrence_of: UUID | None = None
    emergency: UUID | None = None
    """Of an application in which something is critical: the case that is opened beside it."""
    application: UUID | None = None
    """Of such an emergency: the case of the same report that goes on beside it."""


class CaseDispatched(Fact):
    """The order to the unit that leads, and to those who help or must know."""

    round: int
    lead: str
    co_handlers: tuple[str, ...] = ()
    copies: tuple[str, ...] = ()
    tracker: str | None = None
    procedure: Procedure
    privacy: Privacy
    report_id: UUID | None = None
    reported_at: AwareDatetime | None = None
    place: Place | None = None
    text: str | None = None


class CaseSigned(Fact):
    """The lead unit named the person who handles it."""

    unit: str
    handler: str


class CaseReturned(Fact):
    """The lead unit says it is not its matter."""

    unit: str
    reason: str


class CaseReclassified(Fact):
    """The category was wrong; `category` is the one to take instead."""

    reason: str
    category: str | None = None


class CaseConsultOpened(Fact):
    """Units disagree; their lowest common superior decides."""

    units: tuple[str, ...]
    superior: str


class CaseDesignated(Fact):
    """The superior named the lead, who may not return it."""

    round: int
    lead: str
    co_handlers: tuple[str, ...] = ()
    note: str


class CaseProgress(Fact):
    """Work went on; the redacted note is public when the reporter may read it."""

    note: str
    public: bool = False
    contacted: bool = False
    controlled: bool = False
    evidence: int = 0
    step: Literal["arrived", "interim", "ended"] | None = None


class CaseCalledIn(Fact):
    """A town or community whistled, departments must come (吹哨报到)."""

    units: tuple[str, ...]
    reason: str


class CaseExtended(Fact):
    """An extension was asked for and decided."""

    approved: bool
    reason: str


class CaseSuspended(Fact):
    """Nothing can be done before a date (挂账): asked for by the unit, decided, and agreed to above."""

    cause: str
    until: AwareDatetime
    asked_by: str | None = None
    agreed_by: str | None = None


class CaseResumed(Fact):
    """A suspended case goes on."""


class CaseEscalated(Fact):
    """The parent tier took the lead; `clock` is the one that was overdue (stage L2, red card)."""

    round: int
    lead: str
    former_lead: str
    cause: Literal["asked", "overdue"]
    co_handlers: tuple[str, ...] = ()
    clock: str | None = None
    procedure: Procedure | None = None
    """Emergency, where the community could not handle it alone; then who must know, and who tracks."""
    copies: tuple[str, ...] | None = None
    tracker: str | None = None


class CaseSupervised(Fact):
    """A stage of escalation fired, or a superior stepped in; a reminder (L0) says at which share of the limit."""

    clock: str | None = None
    share: float | None = None
    stage: Literal["L0", "L1", "L2", "L3"] | None = None
    card: Literal["none", "yellow", "red"] = "none"
    supervisor: str | None = None
    note: str | None = None
    late: tuple[str, ...] | None = None
    """Of a stage after the limit: the units that had to meet it, none where the desk had to."""


class CaseHandled(Fact):
    """The lead unit confirmed its work as done; of what was settled on the spot `copies` are told."""

    round: int
    unit: str
    result: str
    evidence_method: str
    evidence: int = 0
    on_spot: bool = False
    copies: tuple[str, ...] = ()


class CaseVoided(Fact):
    """Entered in error, a test, or withdrawn: asked by one, decided by another."""

    reason: str
    asked_by: str | None = None


class CaseLineCalled(Fact):
    """An emergency line or a utility was called; `name` is what the ruleset of then calls it, for people."""

    line: str
    name: str | None = None
    name_en: str | None = None


class CaseReminded(Fact):
    """The reporter asked again."""

    report_id: UUID | None = None


class CaseUrgencyChanged(Fact):
    """Urgency rose by rule, or a person changed it."""

    before: Urgency
    reason: str
    reasons: tuple[Reason, ...] = ()
    floors: tuple[str, ...] | None = None
    """Rules of danger that a joining report brought; or, where a person lowered it, those that he judged, and the soft
    points then: only what is new raises it again."""
    points: int | None = None
    procedure: Procedure | None = None
    """Emergency, where it has become one while it was worked; then, and where one turns critical, who must know, and
    who tracks."""
    copies: tuple[str, ...] | None = None
    tracker: str | None = None
    emergency: UUID | None = None
    """Of an application that is critical from now on: the case that is opened beside it."""


class CasePrivacyChanged(Fact):
    """Who may see the case changed."""

    before: Privacy
    after: Privacy


class CaseAppealOpened(Fact):
    """The lead unit says that being late was not its fault."""

    round: int
    unit: str


class CaseAppealDecided(Fact):
    """Both levels decided; the raw facts stay."""

    round: int
    unit: str
    granted: bool
    level: Tier | None = None
