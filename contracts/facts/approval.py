"""Facts of the approval procedure: the community defines, the town reviews, the district decides."""

from typing import Literal
from uuid import UUID

from pydantic import AwareDatetime

from contracts.envelope import Fact
from contracts.facts.report import Place
from contracts.vocabulary import Privacy, Tier


class ApprovalStarted(Fact):
    """An application begins its ordered way, at the unit that has the first turn."""

    unit: str
    privacy: Privacy | None = None
    report_id: UUID | None = None
    reported_at: AwareDatetime | None = None
    place: Place | None = None
    text: str | None = None


class ApprovalMaterialsAsked(Fact):
    """The full list of what is missing, at once (一次性告知)."""

    materials: tuple[str, ...]


class ApprovalMaterialsReceived(Fact):
    """What was asked for has come: the time to define goes on."""


class ApprovalDefined(Fact):
    """The community holds the application complete; `unit` has the next turn."""

    household_checked: bool
    unit: str | None = None


class ApprovalRefused(Fact):
    """A named person refused, and said how to object."""

    reason: str
    way_to_object: str
    outcome: Literal["not_eligible", "refused"] = "refused"


class ApprovalReturned(Fact):
    """One step back, with the reason; `unit` has the next turn."""

    reason: str
    unit: str | None = None


class ApprovalReviewed(Fact):
    """The town's opinion is recorded; publicity begins at two tiers, by the units named; `unit` has the next turn."""

    opinion: str
    unit: str | None = None
    publicised_by: tuple[str, ...] | None = None


class ApprovalObjection(Fact):
    """Somebody objects to the publicised decision; who stays confidential. `unit` has to answer."""

    received_by: Tier
    unit: str | None = None


class ApprovalObjectionAnswered(Fact):
    """The tier that received the objection answered it; `unit` need not any more."""

    answered_by: Tier
    unit: str | None = None


class ApprovalApproved(Fact):
    """A named person of the district approved."""

    decided_by: str


class ApprovalReopened(Fact):
    """A closed application begins its ordered way anew: `unit` has the first turn, and the tier above must know."""

    round: int
    unit: str
    reason: str
    supervisor: str | None = None


# those that give a unit the next turn
Turn = ApprovalStarted | ApprovalDefined | ApprovalReviewed | ApprovalReturned | ApprovalReopened
