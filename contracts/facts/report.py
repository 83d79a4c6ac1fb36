"""Facts about reports: what somebody outside said. No personal data: references and redacted text only."""

from typing import Literal
from uuid import UUID

from pydantic import AwareDatetime, Field

from contracts.envelope import Fact, Value
from contracts.vocabulary import Channel, Vulnerability


class Place(Value):
    """Where; degrees in WGS 84, rounded to about a metre. The address stays in intake."""

    lon: float | None = Field(None, ge=-180, le=180)
    lat: float | None = Field(None, ge=-90, le=90)
    grid: str | None = None
    component_id: str | None = None
    has_address: bool = False


class ReportedFacts(Value):
    """Structured answers of the form; they beat the text."""

    injured: int = 0
    trapped: int = 0
    crowd: int = 0
    vulnerable: Vulnerability = Vulnerability.NONE


class SettledOnSpot(Value):
    """What a grid worker has done already: he registers for the record (就地处置，登记备案)."""

    result: str
    evidence_method: Literal["photo", "visit", "document", "call", "other"]
    evidence: int = 0


class ReportSubmitted(Fact):
    """A report was accepted at the front door; its receipt is out."""

    report_id: UUID
    channel: Channel
    kind: str | None = None
    text: str
    category: str | None = None
    place: Place
    facts: ReportedFacts = ReportedFacts()
    reporter_ref: str | None = None
    confidential: bool = False
    attachments: int = 0
    noticed_at: AwareDatetime | None = None
    on_spot: SettledOnSpot | None = None


class ReportReminded(Fact):
    """The reporter asked again (催单)."""

    report_id: UUID
    reporter_ref: str | None = None
    text: str | None = None


class ReportWithdrawn(Fact):
    """The reporter took the report back."""

    report_id: UUID
    reason: str | None = None


class ReportFeedbackGiven(Fact):
    """The reporter said how it went."""

    report_id: UUID
    contacted: bool
    solved: bool | None = None
    satisfaction: Literal[1, 2, 3, 4, 5] | None = None
