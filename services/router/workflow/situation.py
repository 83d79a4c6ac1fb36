"""What a command meets: the case and what lies about it, who speaks, what he brings, and the rules of the moment."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Annotated, Any, NamedTuple
from uuid import UUID

from pydantic import AfterValidator, BaseModel, ConfigDict, Field
from pydantic_core import PydanticCustomError

from contracts.envelope import Actor, ClockChange, Fact
from contracts.vocabulary import Clock, Privacy, Procedure, Tier, Urgency
from delivery.field_types import PLAIN, says_something
from delivery.redaction import redact
from services.router.clocks import running
from services.router.clocks.calendars import calendar_of
from services.router.clocks.limits import Calendar
from services.router.clocks.running import Calendars
from services.router.decision.classification import Classifier, nobody_classifies
from services.router.decision.routing import Decision
from services.router.directory.directory import Directory, Unit
from services.router.rulesets.for_area import category_in
from services.router.rulesets.ruleset import Category, Ruleset
from services.router.weather.warnings import WeatherWarning, the_worst
from services.router.workflow.case import Case
from services.router.workflow.standing_in import lead_now

Note = Annotated[str, Field(min_length=1, max_length=2000), PLAIN, AfterValidator(says_something)]
_NO_CHANGE: Mapping[str, Any] = MappingProxyType({})
Reference = Annotated[str, Field(min_length=1, max_length=100), PLAIN]
"""A code of the directory or the ruleset, which a guard looks up."""


def _names_nobody(text: str) -> str:
    """What an identity provider makes up may have figures in a row that look like a telephone."""
    if not _MADE_UP.fullmatch(text) and redact(text).found:
        raise PydanticCustomError(
            "personal_data", "a reference holds no telephone, number or name of somebody"
        )
    return text


_MADE_UP = re.compile(r"[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}")
PersonReference = Annotated[Reference, AfterValidator(says_something), AfterValidator(_names_nobody)]
"""It stands in events as it came."""


class Data(BaseModel):
    """The body of a command without fields of its own."""

    model_config = ConfigDict(frozen=True, extra="forbid")


@dataclass(frozen=True)
class Rules:
    """What decides: the directory, ruleset, calendar and weather of this moment, and who proposes a category."""

    directory: Directory
    ruleset: Ruleset
    calendar: Calendar
    classify: Classifier = nobody_classifies
    weather: tuple[WeatherWarning, ...] = ()

    def weather_warning(self, grid: str, at: datetime) -> WeatherWarning | None:
        """The worst of those that hold in that grid at that moment."""
        if not self.weather:
            return None
        chain = self.directory.chain(grid).values()
        return the_worst(self.weather, at, chain, self.ruleset.urgency.soft.weather)

    def calendars(self, lead: str | None) -> Calendars:
        """A clock of the lead unit counts that unit's own working hours."""
        return Calendars(calendar_of(self.directory.units.get(lead or ""), self.calendar), self.calendar)

    def calendar_for(self, clock: Clock, lead: str | None) -> Calendar:
        return self.calendars(lead).of(clock)


class Moment(NamedTuple):
    """When it happens, what caused it, and where new ids come from."""

    at: datetime
    causation_id: UUID | None
    new_id: Callable[[], UUID]

    def caused_by(self, event_id: UUID) -> "Moment":
        return Moment(self.at, event_id, self.new_id)


class Joined(NamedTuple):
    """A report whose case was merged into this one, and the opaque reference of its reporter."""

    report_id: UUID
    reporter_ref: str | None = None


class Around(NamedTuple):
    """What a command needs to know beside the case: where it lies, its master, the reports merged into it.

    `alike` is the merge score where the system itself merges the case into `master` (0 to 1). `same_reporter` and
    `distinct_reporters` count this report too, so 1 is the least.
    """

    grid: str | None = None
    master: Case | None = None
    alike: float | None = None
    joined: tuple[Joined, ...] = ()
    same_reporter: int = 1
    distinct_reporters: int = 1
    recurrence_of: UUID | None = None
    on_spot: "OnSpot | None" = None


class OnSpot(NamedTuple):
    """What the grid worker has done already, when he reports a finished matter."""

    worker: Actor
    data: Data


class Situation(NamedTuple):
    case: Case
    actor: Actor
    data: Any
    rules: Rules
    at: datetime
    around: Around = Around()
    decision: Decision | None = None

    @property
    def grid(self) -> str | None:
        return self.case.grid or self.around.grid

    @property
    def lead(self) -> str | None:
        """Who leads, or stands in for a unit that the directory has no longer."""
        return lead_now(self.case, self.rules.directory)

    @property
    def generals(self) -> dict[Tier, Unit]:
        """The general units of the case's grid, by tier."""
        return self.rules.directory.generals(self.grid or "")

    @property
    def category(self) -> Category:
        """As it holds in the case's area."""
        return self.category_of(self.case.category)

    def category_of(self, code: str | None) -> Category:
        areas = tuple(self.rules.directory.chain(self.grid or "").values())
        return category_in(self.rules.ruleset, code, areas)

    @property
    def reports(self) -> tuple[UUID, ...]:
        """The case's own report and those merged into it."""
        return (self.case.report_id, *(joined.report_id for joined in self.around.joined))

    def by_system(self) -> bool:
        return self.actor.role == "system"

    def kind(self, urgency: Urgency | None = None) -> running.Kind:
        procedure: Procedure | None = self.case.procedure
        return running.Kind(self.category, urgency or self.case.urgency, procedure)


class Said(NamedTuple):
    """The fact, what of the envelope it changes, and clocks beyond those that the table names."""

    fact: Fact
    header: Mapping[str, Any] = _NO_CHANGE
    clocks: tuple[ClockChange, ...] = ()


@dataclass(frozen=True)
class Lack:
    """What a guard misses, as a pointer into the command's body."""

    pointer: str
    detail: str


def told_of(case: Case, privacy: Privacy) -> dict[str, Any]:
    """What an order says of the matter; of a sealed one neither words nor place leave the router (domain §8.3)."""
    return {} if privacy is Privacy.SEALED else {"place": case.place, "text": case.text}


def general_above(tier: Tier | None, generals: dict[Tier, Unit], steps: int = 1) -> Unit | None:
    """The general unit `steps` tiers above `tier`, or of the next tier above that has one."""
    levels = list(Tier)
    first = (levels.index(tier) if tier else -1) + steps
    return next(
        (generals[level] for level in levels[min(first, len(levels) - 1) :] if level in generals), None
    )


def stopped(case: Case, *clocks: Clock) -> tuple[ClockChange, ...]:
    return tuple(running.stop(clock) for clock in clocks if clock in case.clocks)
