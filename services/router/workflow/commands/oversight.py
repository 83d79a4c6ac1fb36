"""From above: stages of escalation, cards, a superior's word; and the appeal of a unit that was late."""

from collections.abc import Iterator
from typing import Literal

from pydantic import Field

from contracts.facts import case as facts
from contracts.vocabulary import Clock, Tier
from delivery.redaction import redact
from services.router.clocks.running import LEAD_CLOCKS
from services.router.workflow.case import Case, highest
from services.router.workflow.knowing import general_to_hear
from services.router.workflow.situation import Data, Lack, Note, PersonReference, Said, Situation
from services.router.workflow.standing_in import superior_now, tracker_now


class OverseeData(Data):
    note: Note
    card: Literal["none", "yellow", "red"] = "none"


class StageData(Data):
    """What the timer brings: which stage of which clock, and how many tiers up must know."""

    clock: Clock
    stage: Literal["L0", "L1", "L2", "L3"]
    responsible: Tier | None
    share: float | None = None


class AppealData(Data):
    reason: Note
    evidence: int = Field(ge=1, le=100)


class AppealDecisionData(Data):
    granted: bool
    agreed_by: PersonReference | None = Field(
        None, description="who granted it at the first level; both levels must say yes"
    )


_CARD: dict[str, Literal["none", "yellow", "red"]] = {"L0": "none", "L1": "yellow", "L2": "red", "L3": "red"}
_TIERS_UP = {"L0": 0, "L1": 1, "L2": 1, "L3": 2}


def supervised(at: Situation) -> Said:
    if isinstance(at.data, StageData):
        return Said(_stage(at, at.data))
    card = highest(at.case.card, at.data.card)
    return Said(facts.CaseSupervised(card=card, supervisor=at.actor.unit, note=redact(at.data.note).text))


def _stage(at: Situation, said: StageData) -> facts.CaseSupervised:
    above = general_to_hear(said.responsible, at, _TIERS_UP[said.stage])
    told = _reminded(said.clock, at) if said.stage == "L0" else above and above.code
    card = highest(at.case.card, _CARD[said.stage])
    late = None if said.stage == "L0" else whose(said.clock, at)
    return facts.CaseSupervised(
        clock=said.clock, stage=said.stage, share=said.share, card=card, supervisor=told, late=late
    )


def whose(clock: Clock, at: Situation) -> tuple[str, ...]:
    """The units that had to meet it, as far as the directory has them still; none where the desk had to."""
    case, directory = at.case, at.rules.directory
    match clock:
        case Clock.ACCEPT | Clock.CLASSIFY | Clock.DISPATCH | Clock.RETURN_REVIEW | Clock.APPEAL:
            units: tuple[str | None, ...] = ()
        case Clock.REPORT_IN:
            units = case.awaited
        case Clock.VERIFY:
            units = (tracker_now(case, directory),)
        case Clock.CHECK:
            units = (case.checker,)
        case Clock.FEEDBACK:
            units = (case.first_responsible,)
        case Clock.CONSULT:
            units = (superior_now(case, directory),)
        case Clock.OBJECTION_ANSWER:
            first = at.generals.get(case.objections_at[0]) if case.objections_at else None
            units = (first.code,) if first else ()
        case _:
            units = (at.lead,)
    return tuple(unit for unit in units if unit in directory.units)


def _reminded(clock: Clock, at: Situation) -> str | None:
    """Of what others have to do the unit that leads is not."""
    return at.lead if clock in LEAD_CLOCKS else None


def appeal_opened(at: Situation) -> Said:
    round_ = late_round(at) or 0
    return Said(facts.CaseAppealOpened(round=round_, unit=late_unit(at.case, round_)))


def late_unit(case: Case, round_: int) -> str:
    """Who had it then; of a case that was kept before this was, who has it now."""
    return case.late_units.get(round_) or case.lead or ""


def may_appeal(case: Case) -> tuple[str, ...]:
    return tuple(dict.fromkeys(late_unit(case, round_) for round_ in case.late_rounds)) or (case.lead or "",)


def late_round(at: Situation) -> int | None:
    """The last round in which a limit passed and that was not appealed yet: of the speaker's own, if there is one."""
    left = [round_ for round_ in at.case.late_rounds if round_ not in at.case.appealed]
    own = [round_ for round_ in left if late_unit(at.case, round_) == at.actor.unit]
    if at.actor.unit in may_appeal(at.case):
        left = own
    return left[-1] if left else None


def lacks_lateness(at: Situation) -> Iterator[Lack]:
    if late_round(at) is None:
        yield Lack("/", "no limit of this case has passed that was not appealed already")
    if at.case.appeal_open:
        yield Lack("/", "an appeal is open")


def appeal_decided(at: Situation) -> Said:
    round_ = at.case.appealed[-1]
    fact = facts.CaseAppealDecided(
        round=round_, unit=late_unit(at.case, round_), granted=at.data.granted, level=Tier.DISTRICT
    )
    return Said(fact)


def lacks_an_open_appeal(at: Situation) -> Iterator[Lack]:
    """Of what is closed nothing else can be late any more."""
    if not at.case.appeal_open:
        yield Lack("/", "no appeal is open")


def lacks_both_levels(at: Situation) -> Iterator[Lack]:
    yield from lacks_an_open_appeal(at)
    if at.data.granted and at.data.agreed_by in (None, at.actor.person):
        yield Lack("/data/agreed_by", "granted only when both levels say yes: name who did at the first")
    if at.data.granted and at.case.appeal_open and at.data.agreed_by is not None:
        late = late_unit(at.case, at.case.appealed[-1])
        if late in at.rules.directory.units_of(at.data.agreed_by):
            yield Lack("/data/agreed_by", f"{late} was late: it does not decide its own appeal")
