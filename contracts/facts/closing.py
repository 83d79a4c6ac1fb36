"""Facts of a case from handled to at rest: checked, told, asked, closed; and what opens it again."""

from typing import Literal
from uuid import UUID

from contracts.envelope import Fact
from contracts.vocabulary import Check


class CaseCheckRequested(Fact):
    """Somebody other than the handler looks whether it is fixed."""

    check: Check
    unit: str | None = None


class CaseChecked(Fact):
    """The check passed, or the rules skip it."""

    result: Literal["passed", "skipped"]
    check: Check
    note: str | None = None


class CaseRework(Fact):
    """The check failed; the same unit works again in a new round; from the third time the tier above must know."""

    round: int
    unit: str
    reason: str
    supervisor: str | None = None


class CaseFeedbackGiven(Fact):
    """A reporter was told the result, or could not be."""

    report_id: UUID | None = None
    outcome: Literal["told", "declined", "unreachable", "anonymous"]


class CaseVisited(Fact):
    """A reporter was asked how it went."""

    report_id: UUID | None = None
    contacted: bool
    solved: bool | None = None
    satisfaction: Literal[1, 2, 3, 4, 5] | None = None


class CaseRedo(Fact):
    """The reporter's matter is not solved; the unit works again in a new round, and the tier above must know."""

    round: int
    unit: str
    reason: str
    supervisor: str | None = None


class CaseClosed(Fact):
    """Done, told, and closed; where units were coordinated, whether the town has acknowledged the result."""

    note: str | None = None
    town_acknowledged: bool | None = None


class CaseObjected(Fact):
    """A reporter says of the closed case that it is not solved: a person decides whether it is opened again."""

    report_id: UUID


class CaseReopened(Fact):
    """A closed case goes on, and the tier above must know."""

    round: int
    unit: str
    reason: str
    supervisor: str | None = None


class CaseArchived(Fact):
    """Thirty quiet days after closing."""
