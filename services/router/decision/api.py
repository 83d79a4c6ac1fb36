"""POST /v1/decisions: what the router would decide and why; nothing is changed."""

from collections.abc import Iterator
from datetime import datetime
from typing import Annotated, Any, Self
from uuid import UUID

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator
from pydantic_core import PydanticCustomError

from contracts.facts.report import Place, ReportedFacts
from contracts.vocabulary import CaseState, Channel, Clock, Procedure, Tier, Urgency, Vulnerability
from delivery.auth import Caller
from delivery.field_types import PLAIN, CategoryCode, Code, Degrees, OrNull, Plain, Written, YesOrNo
from delivery.problems import invalid_field
from delivery.redaction import redact
from delivery.service import Running
from services.router.clocks import running as clocks
from services.router.decision.circumstances import PLACE, WEATHER, circumstances_of
from services.router.decision.explanation import ExplanationAnswer, explain
from services.router.decision.question import Question
from services.router.decision.routing import Decision, NobodyAnswers, decide, grid_of
from services.router.dependencies import Current
from services.router.rulesets.ruleset import Ruleset
from services.router.rulesets.store import RulesetNotFound
from services.router.workflow.case import Case
from services.router.workflow.commands.confirming import time_to_call
from services.router.workflow.situation import Around, Rules
from services.router.workflow.table import transition
from services.router.workflow.verifying import is_verified_first

router = APIRouter(tags=["decisions"])

Text = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=4000),
    PLAIN,
]
Count = Annotated[int, Field(ge=0, le=100_000, strict=True)]


class _Asked(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class AskedPlace(_Asked):
    lon: Degrees | None = Field(None, ge=-180, le=180)
    lat: Degrees | None = Field(None, ge=-90, le=90)
    address: Annotated[Plain, Field(min_length=1, max_length=300)] | None = None
    grid: Code | None = None
    component_id: Code | None = None

    @model_validator(mode="after")
    def _whole_point(self) -> Self:
        if (self.lon is None) != (self.lat is None):
            raise PydanticCustomError("half_a_point", "lon and lat stand together")
        return self


class AskedFacts(_Asked):
    injured: OrNull[Count] = 0
    trapped: OrNull[Count] = 0
    crowd: OrNull[Count] = 0
    vulnerable: OrNull[Vulnerability] = Vulnerability.NONE


class Asked(_Asked):
    """A report as POST /v1/reports takes it, without the reporter, and what may be known beside it.

    `at` is the moment to decide at (default: now); `complained_of` are codes of units or references of persons. What
    is left out of `near_sensitive_place` and `weather_points` is looked up as for a report.
    """

    channel: Channel
    kind: Code | None = None
    text: Text
    category: CategoryCode | None = None
    place: AskedPlace
    facts: OrNull[AskedFacts] = AskedFacts()
    occurred_at: Written | None = None
    attachments: OrNull[Annotated[list[Any], Field(max_length=20)]] = []
    confidential: OrNull[YesOrNo] = False
    at: Written | None = None
    same_reporter: OrNull[Count] = 1
    distinct_reporters: OrNull[Count] = 1
    near_sensitive_place: YesOrNo | None = None
    weather_points: Annotated[int | None, Field(ge=0, le=100)] = None
    recent_same_component: OrNull[YesOrNo] = False
    complained_of: OrNull[Annotated[frozenset[Code], Field(max_length=20)]] = frozenset()
    ruleset: Code | None = None


class ClockAnswer(BaseModel):
    name: Clock
    limit: str
    due_at: datetime


class Decided(BaseModel):
    category: str
    base_urgency: Urgency
    urgency: Urgency
    points: int
    procedure: Procedure
    privacy: str
    tier: Tier
    lead_unit: str
    co_handlers: tuple[str, ...]
    copies: tuple[str, ...]
    tracker: str | None
    grid: str
    confirm_by_phone: bool
    verified_first: bool
    """The nearest grid worker would look before any of this happens."""
    call_lines: tuple[str, ...]
    clocks: list[ClockAnswer]
    ruleset_version: str
    calendar_version: str
    explanation: list[ExplanationAnswer]


@router.post("/v1/decisions")
async def try_decision(asked: Asked, caller: Caller, service: Running, current: Current) -> Decided:
    """A dry run of the very rules that dispatch reports."""
    async with service.database.connection() as connection:
        rules = await current.get(connection)
        if asked.ruleset is not None:
            try:
                rules = await current.trying(connection, asked.ruleset)
            except RulesetNotFound:
                raise invalid_field("/ruleset", "no ruleset has this version") from None
    return answer(asked, rules, asked.at or current.moment().at)


def answer(asked: Asked, rules: Rules, at: datetime) -> Decided:
    """Raises Problem 422 when the report would wait for a person: no grid lies there, or nobody may lead."""
    ruleset = rules.ruleset
    text = redact(asked.text).text  # as intake passes it on
    try:
        question = _question(asked, text, at.astimezone(rules.calendar.zone), rules)
        decision = decide(question, rules.directory, ruleset, rules.classify)
        running = list(_clocks(decision, at, ruleset, rules))
        waits = is_verified_first(_case(asked, question), Around(grid=question.grid), rules, at)
    except NobodyAnswers:
        raise invalid_field("/complained_of", "every unit that could lead is complained of") from None
    except OverflowError as error:
        raise invalid_field("/at", str(error)[:200] or "is beyond the calendar") from None
    return _decided(decision, running, waits, text, rules)


def _question(asked: Asked, text: str, at: datetime, rules: Rules) -> Question:
    place = Place(**asked.place.model_dump(exclude={"address"}), has_address=asked.place.address is not None)
    grid = grid_of(place, rules.directory.locate([(place.lon, place.lat)])[0], rules.directory)
    if grid is None:
        detail = "no grid of the directory lies there: the report would wait at the intake desk for a place"
        raise invalid_field("/place", detail)
    around = circumstances_of(place, grid, at, rules)
    for rule, name in ((PLACE, "near_sensitive_place"), (WEATHER, "weather_points")):
        if (said := getattr(asked, name)) is not None:
            around[name] = said
            around["about"].pop(rule, None)
    return Question(
        text=text,
        at=at,
        grid=grid,
        place=place,
        **around,
        facts=ReportedFacts(**asked.facts.model_dump()),
        **{name: getattr(asked, name) for name in _AS_ASKED},
    )


def _case(asked: Asked, question: Question) -> Case:
    """As it would be before it is filed."""
    return Case(
        case_id=_NOBODYS,
        report_id=_NOBODYS,
        correlation_id=_NOBODYS,
        channel=asked.channel,
        reported_at=question.at,
        text=question.text,
        place=question.place,
        stated=question.facts,
        wanted_category=asked.category,
        attachments=len(asked.attachments),
    )


_NOBODYS = UUID(int=0)
_AS_ASKED = (
    *("category", "kind", "channel", "confidential", "same_reporter", "distinct_reporters"),
    *("recent_same_component", "complained_of"),
)


def _clocks(decision: Decision, at: datetime, ruleset: Ruleset, rules: Rules) -> Iterator[ClockAnswer]:
    """Those that dispatching starts, and that of a call."""
    command = "start_approval" if decision.procedure is Procedure.APPROVAL else "dispatch"
    dispatch = transition(CaseState.FILED, command)
    assert dispatch is not None, "what is filed goes on its way"
    kind = clocks.Kind(decision.category, decision.urgency, decision.procedure)
    started = clocks.start_all(dispatch.starts, kind, at, ruleset, rules.calendars(decision.order.lead))
    call = time_to_call(kind, at, rules) if decision.confirm_by_phone else ()
    for change in (*started, *call):
        if change.limit is not None and change.limit_at is not None:
            yield ClockAnswer(name=change.name, limit=change.limit, due_at=change.limit_at)


def _decided(
    decision: Decision, running: list[ClockAnswer], verified_first: bool, text: str, rules: Rules
) -> Decided:
    order, ruleset = decision.order, rules.ruleset
    explained = explain(decision.reasons, ruleset, rules.directory.units)
    return Decided(
        category=decision.category.code,
        base_urgency=decision.base_urgency,
        urgency=decision.urgency,
        points=decision.points,
        procedure=decision.procedure,
        privacy=decision.privacy,
        tier=order.tier,
        lead_unit=order.lead,
        co_handlers=order.co_handlers,
        copies=order.copies,
        tracker=order.tracker,
        grid=decision.grid,
        confirm_by_phone=decision.confirm_by_phone,
        verified_first=verified_first,
        call_lines=decision.call_lines,
        clocks=running,
        ruleset_version=ruleset.version,
        calendar_version=rules.calendar.version,
        explanation=[each.answer(text) for each in explained],
    )
