"""A case as the router knows it: what the next decision needs; everything else about it is in its history."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal
from uuid import UUID, uuid5

from contracts.facts.report import Place, ReportedFacts
from contracts.vocabulary import CaseState, Check, Clock, Privacy, Procedure, Tier, Urgency
from services.router.clocks.ticking import Ticking
from services.router.decision.question import Lowered

Card = Literal["none", "yellow", "red"]
CARDS: tuple[Card, ...] = ("none", "yellow", "red")


def highest(*cards: Card) -> Card:
    """A card never goes back."""
    return max(cards, key=CARDS.index)


@dataclass(frozen=True)
class Visit:
    """One attempt to ask a reporter how it went."""

    report_id: UUID
    at: datetime
    contacted: bool
    solved: bool | None = None


@dataclass(frozen=True)
class Case:
    # as it was reported
    case_id: UUID
    report_id: UUID
    correlation_id: UUID
    channel: str
    reported_at: datetime
    text: str
    place: Place
    kind: str | None = None
    stated: ReportedFacts = field(default_factory=ReportedFacts)
    wanted_category: str | None = None
    confidential: bool = False
    reporter_ref: str | None = None
    attachments: int = 0
    received_by: str | None = None
    """The unit whose person took the report; of who reports for himself there is none."""
    # where it stands
    state: CaseState = CaseState.REPORTED
    version: int = 0
    round: int = 0
    clocks: dict[Clock, Ticking] = field(default_factory=dict)
    # what was decided
    grid: str | None = None
    category: str | None = None
    base_urgency: Urgency = Urgency.GENERAL
    urgency: Urgency = Urgency.GENERAL
    raised_to: Urgency | None = None
    """By several reports or a person, after it was filed: filed anew it falls no lower."""
    lowered: Lowered | None = None
    heard: tuple[str, ...] = ()
    """Floors of the reports that joined it."""
    points: int = 0
    confirm_by_phone: bool = False
    confirmed: bool = False
    """Somebody has made that call, or judged without it."""
    feared: tuple[str, ...] = ()
    """The rules of danger that the call is about."""
    answered: tuple[str, ...] = ()
    """Those that a call, or a person without one, has judged: nobody is asked about them again."""
    procedure: Procedure | None = None
    privacy: Privacy = Privacy.OPEN
    private_at_least: Privacy | None = None
    """As a person has set it: filed anew it is shown to no more people."""
    consented_as: str | None = None
    """The category for whose own privacy the reporter has consented to less."""
    check: Check = Check.NONE
    visit: bool = False
    rule_set_version: str | None = None
    calendar_version: str | None = None
    # who answers for it
    tier: Tier | None = None
    lead: str | None = None
    co_handlers: tuple[str, ...] = ()
    copies: tuple[str, ...] = ()
    tracker: str | None = None
    handler: str | None = None
    workers: tuple[str, ...] = ()
    """The persons who signed, recorded work or finished for the lead: they neither check it nor visit."""
    first_responsible: str | None = None
    """The unit that received it, else the first that leads: the reporter's contact, whoever leads later."""
    accepted_by_person: bool = False
    superior: str | None = None
    """Who decides in a consultation."""
    checker: str | None = None
    """Who was asked to look whether it is fixed."""
    designated: bool = False
    awaited: tuple[str, ...] = ()
    """Units that were called in or designated to help and have not reported yet."""
    to_report: tuple[str, ...] = ()
    """Co-handlers by the order alone, who have no clock of their own and have recorded nothing yet."""
    # what has been done
    verified: Literal["true", "false", "not_found"] | None = None
    dispatched_at: datetime | None = None
    """When a unit was given it, or its turn in an approval began."""
    sign_by: datetime | None = None
    """By when the lead has to sign, or had to: the time to return it counts from then."""
    worked: bool = False
    """The lead has recorded more than a first contact, or a result: it may not be returned any more."""
    arrived: bool = False
    controlled: bool = False
    interim: bool = False
    ended: bool = False
    lines: tuple[str, ...] = ()
    """Emergency lines and utilities that were called."""
    returned_by: tuple[str, ...] = ()
    extensions: int = 0
    was_suspended: bool = False
    suspended_until: datetime | None = None
    reworks: int = 0
    redos: int = 0
    reminders: tuple[UUID, ...] = ()
    """The report of each reporter who asked again, once for each time."""
    told: tuple[UUID, ...] = ()
    """Reports whose feedback is recorded."""
    told_at: datetime | None = None
    visits: tuple[Visit, ...] = ()
    recurrence_of: UUID | None = None
    """A case closed before, whose matter has come back."""
    emergency: UUID | None = None
    """Of an application in which something is critical: the case that is opened beside it."""
    application: UUID | None = None
    """Of such an emergency: the case of the same report that goes on beside it."""
    master: UUID | None = None
    merged_at: datetime | None = None
    closed_at: datetime | None = None
    objected_at: datetime | None = None
    """When a reporter last said, of the closed case, that it is not solved."""
    # oversight
    card: Card = "none"
    fired: tuple[str, ...] = ()
    """Stages of escalation, as `clock/round/stage`; each fires once for each time that the clock begins."""
    late_rounds: tuple[int, ...] = ()
    """Rounds in which a limit of the lead passed."""
    late_units: dict[int, str] = field(default_factory=dict)
    """Who had it in each of those rounds."""
    appealed: tuple[int, ...] = ()
    appeal_open: bool = False
    # the procedure of approval
    materials_asked: bool = False
    materials_came: bool = False
    objections: int = 0
    """Not answered yet."""
    objections_at: tuple[Tier, ...] = ()
    """Which tier received each of them."""
    publicity_ends: datetime | None = None

    def changed(self, **fields: Any) -> "Case":
        """Like dataclasses.replace, which would give every one of the many fields to the constructor again."""
        other = object.__new__(Case)
        other.__dict__.update(self.__dict__, **fields)
        return other

    @property
    def emergency_id(self) -> UUID:
        """Follows from its own, so that the same report never makes two."""
        return uuid5(self.case_id, "emergency")

    @property
    def involved(self) -> tuple[str, ...]:
        """The units that may see it because of what they are to it; of a sealed case those that act on it alone."""
        acting = (self.lead, *self.co_handlers, self.superior)
        told = () if self.privacy is Privacy.SEALED else (*self.copies, self.tracker)
        return tuple(unit for unit in (*acting, *told) if unit)
