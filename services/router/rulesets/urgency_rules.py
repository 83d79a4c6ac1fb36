"""How a text and what is known beside it raise urgency, as data (domain §11.2)."""

from enum import StrEnum
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from contracts.vocabulary import Channel, Urgency, Vulnerability
from delivery.field_types import shaped
from services.router.rulesets.patterns import Patterns, Words, compiled

Points = Annotated[int, Field(ge=0, le=100)]
Steps = tuple[tuple[int, Points], ...]
FloorId = Annotated[str, shaped(r"^F\d{2}$", "F and two digits")]


class _Data(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class StatedFact(_Data):
    """The field of the form that acts as the floor, from `at_least` on."""

    field: Literal["injured", "trapped", "crowd"]
    at_least: int = Field(ge=1)


class Floor(Words):
    """At least `level` when the text says so; `once_ended` instead when it also says that the danger is over.

    `category` is what an emergency of this kind is filed as where it is opened beside an application. `call` are the
    lines to call; `despite` what does not weaken it: a threat is always about what may happen.
    """

    patterns: Patterns = Patterns()  # without any, only a stated fact sets it
    zh: str
    en: str
    level: Urgency
    category: str | None = None
    call: tuple[str, ...] = ()
    once_ended: Urgency | None = None
    fact: StatedFact | None = None
    despite: frozenset[Literal["negation", "risk", "talk"]] = frozenset()


class Before(Words):
    """Words that change what follows within so many characters (Chinese) or words (English)."""

    zh_within: int = Field(ge=0, le=20)
    en_within: int = Field(ge=0, le=10)


class Standing(_Data):
    """What takes the force out of a pattern: denied, only feared, only talked about, or over."""

    negation: Before
    risk: Before
    talk: Words
    ended: Words


class Night(_Data):
    """From hour `begins` to hour `ends` of the next morning."""

    points: Points
    begins: int = Field(ge=0, le=23)
    ends: int = Field(ge=0, le=23)


class RaisedBy(_Data):
    points: Points
    channels: frozenset[Channel]


class WarningLevel(StrEnum):
    """Of the weather, 蓝黄橙红."""

    BLUE = "blue"
    YELLOW = "yellow"
    ORANGE = "orange"
    RED = "red"


_WEATHER = {
    WarningLevel.BLUE: 10,
    WarningLevel.YELLOW: 10,
    WarningLevel.ORANGE: 20,
    WarningLevel.RED: 20,
}


class SoftPoints(_Data):
    """Points of S1 to S8; steps are (from how many on, points)."""

    threshold: int = Field(ge=1)
    at_most: Urgency
    vulnerable: dict[Vulnerability, Points]
    near_sensitive_place: Points
    same_reporter: Steps
    distinct_reporters: Steps
    weather: dict[WarningLevel, Points] = _WEATHER
    night: Night
    raised_by: RaisedBy
    recent_same_component: Points


class Line(_Data):
    zh: str
    en: str


class UrgencyRules(_Data):
    floors: dict[FloorId, Floor]
    standing: Standing
    soft: SoftPoints
    lines: dict[str, Line]

    @model_validator(mode="after")
    def _whole(self) -> Self:
        for name, floor in self.floors.items():
            if unknown := set(floor.call) - self.lines.keys():
                raise ValueError(f"{name} calls {', '.join(sorted(unknown))}, which is none of the lines")
            for patterns in (floor.patterns, floor.but):
                compiled(patterns.as_one())  # each is sound by itself; together they may be too large
        return self
