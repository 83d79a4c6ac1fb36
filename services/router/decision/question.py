"""What a decision is asked about: the report, and what is known beside it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import NamedTuple

from contracts.facts.reason import Circumstance
from contracts.facts.report import Place, ReportedFacts
from contracts.vocabulary import Privacy, Urgency


@dataclass(frozen=True)
class Lowered:
    """What a person has judged to be only `to`: what the category said, those floors, and so many points."""

    to: Urgency
    category: str | None
    floors: tuple[str, ...] = ()
    points: int = 0


class Question(NamedTuple):
    """`at` is the moment of the decision in the calendar's zone: its hour says whether it is night.

    `same_reporter` counts this report too (2: he says it for the second time), as does `distinct_reporters`.
    `complained_of` are codes of units, or references of persons on duty, that must not get the case; `at_least` is what
    the case was raised to before, and so is `private_at_least`; `consented_as` is the category for whose own privacy
    the reporter consented to less. `about` says by the rule that counts it what is near and which warning holds, where
    that is known.
    """

    text: str
    at: datetime
    grid: str
    category: str | None = None
    kind: str | None = None
    channel: str = "web"
    place: Place = Place()
    facts: ReportedFacts = ReportedFacts()
    confidential: bool = False
    same_reporter: int = 1
    distinct_reporters: int = 1
    near_sensitive_place: bool = False
    weather_points: int = 0
    recent_same_component: bool = False
    complained_of: frozenset[str] = frozenset()
    at_least: Urgency = Urgency.GENERAL
    lowered: Lowered | None = None
    private_at_least: Privacy = Privacy.OPEN
    consented_as: str | None = None
    about: Mapping[str, Circumstance] = MappingProxyType({})
