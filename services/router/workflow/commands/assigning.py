"""Who leads: returned, given again, designated after a consultation, taken over by the parent tier."""

from collections.abc import Iterator
from datetime import datetime

from pydantic import Field

from contracts.facts import case as facts
from contracts.vocabulary import Clock, Tier, Urgency
from delivery.redaction import redact
from services.router.clocks.limits import due_at, parse_limit
from services.router.decision.guards import is_in_conflict
from services.router.decision.routing import copies_of
from services.router.directory.directory import Unit
from services.router.rulesets.ruleset import UNCLASSIFIED
from services.router.workflow.commands.going_on import begins_anew, goes_on
from services.router.workflow.knowing import matter_of
from services.router.workflow.situation import (
    Data,
    Lack,
    Note,
    Reference,
    Said,
    Situation,
    stopped,
    told_of,
)

_RETURN_AFTER_SIGN = {
    Urgency.CRITICAL: parse_limit("30 minute"),
    Urgency.URGENT: parse_limit("30 minute"),
    Urgency.ELEVATED: parse_limit("2 work_hour"),
    Urgency.GENERAL: parse_limit("2 work_hour"),
}


class ReturnData(Data):
    reason: Note
    assignment_revoked: bool = Field(False, description="the person named when signing has been released")


class RedispatchData(Data):
    lead: Reference = Field(description="the same unit when the return is refused")
    co_handlers: tuple[Reference, ...] = ()
    reason: Note | None = None


class ReclassifyData(Data):
    category: Reference
    reason: Note


class ConsultData(Data):
    units: tuple[Reference, ...] = Field(min_length=1, max_length=20)


class DesignateData(Data):
    lead: Reference
    co_handlers: tuple[Reference, ...] = ()
    note: Note


class EscalateData(Data):
    reason: Note | None = None
    cannot_handle_alone: bool = Field(
        False, description="the community's word: from now on it is an emergency"
    )


class OverdueData(EscalateData):
    """What the timer brings: the clock whose stage L2 has come."""

    clock: Clock


def returned(at: Situation) -> Said:
    return Said(facts.CaseReturned(unit=at.lead or "", reason=redact(at.data.reason).text))


def lacks_a_right_to_return(at: Situation) -> Iterator[Lack]:
    case = at.case
    if case.designated:
        yield Lack("/", "a designated unit may not return the case")
    if len(case.returned_by) >= 2:
        yield Lack("/", "returned twice already: ask for a consultation")
    if case.worked:
        yield Lack("/", "work on it is recorded already")
    if case.handler is not None and not at.data.assignment_revoked:
        yield Lack("/data/assignment_revoked", "release the person who was named first")
    if (until := return_until(at)) is not None and at.at > until:
        yield Lack("/", "the time to return it has passed")


def return_until(at: Situation) -> datetime | None:
    """The sign limit of this order, and a while after it."""
    case = at.case
    if case.sign_by is None:
        return None
    return due_at(
        case.sign_by, _RETURN_AFTER_SIGN[case.urgency], at.rules.calendar_for(Clock.SIGN, case.lead)
    )


def redispatched(at: Situation) -> Said:
    case, lead = at.case, at.rules.directory.units[at.data.lead]
    assert case.procedure is not None, "what was returned had been dispatched"
    same = lead.code == case.lead
    co_handlers = at.data.co_handlers or (case.co_handlers if same else ())
    fact = facts.CaseDispatched(
        round=case.round + 1,
        lead=lead.code,
        co_handlers=co_handlers,
        copies=_told_of_it(at, lead, co_handlers),
        tracker=case.tracker,
        procedure=case.procedure,
        privacy=case.privacy,
        report_id=case.report_id,
        reported_at=case.reported_at,
        **told_of(case, case.privacy),
    )
    awaited = set(case.awaited) & set(co_handlers)
    clocks = goes_on(at) if same else begins_anew(at, lead.code)
    return Said(fact, {"tier": lead.tier}, (*clocks, *(() if awaited else stopped(case, Clock.REPORT_IN))))


def _told_of_it(at: Situation, lead: Unit, co_handlers: tuple[str, ...]) -> tuple[str, ...]:
    """Who was told before, and who is told of what a unit of that tier leads."""
    case, acting = at.case, (lead.code, *co_handlers)
    assert case.procedure is not None, "what was returned had been dispatched"
    told = copies_of(lead.tier, matter_of(at), case.urgency, case.procedure, without=acting)
    return tuple(unit for unit in dict.fromkeys((*case.copies, *told)) if unit not in acting)


def lacks_a_gone_lead(at: Situation) -> Iterator[Lack]:
    """What no unit has returned is given again only where the directory has its unit no longer."""
    if at.case.lead in at.rules.directory.units:
        yield Lack("/", f"{at.case.lead} leads it: it may return the case, or another tier take it over")
    yield from lacks_a_unit(at)


def lacks_a_unit(at: Situation) -> Iterator[Lack]:
    yield from _unfit(at, "/data/lead", at.data.lead)
    yield from _unfit_helpers(at, "/data/co_handlers", at.data.co_handlers)


def _unfit_helpers(at: Situation, pointer: str, codes: tuple[str, ...]) -> Iterator[Lack]:
    """Those that may not help with it, nor be asked about it."""
    for number, code in enumerate(codes):
        unit = at.rules.directory.units.get(code)
        if unit is None:
            yield Lack(f"{pointer}/{number}", f"no unit {code!r}")
        elif is_in_conflict(unit, matter_of(at)):
            yield Lack(f"{pointer}/{number}", f"{code} is complained of, or reports to who is")


def _unfit(at: Situation, pointer: str, code: str) -> Iterator[Lack]:
    """A lead answers for the grid, and no work is pushed down to a tier whose list does not have it (§11.4)."""
    unit = at.rules.directory.units.get(code)
    if unit is None:
        yield Lack(pointer, f"no unit {code!r}")
    elif not answers_for(unit, at):
        yield Lack(pointer, f"{code} does not answer for the grid {at.grid}")
    elif list(Tier).index(unit.tier) < list(Tier).index(at.category.tier) and unit.tier in _LISTED:
        yield Lack(pointer, f"{at.category.code} is not on the list of the tier {unit.tier}")
    elif is_in_conflict(unit, matter_of(at)):
        yield Lack(pointer, f"{code} is complained of, or reports to who is")


_LISTED = (Tier.GRID, Tier.COMMUNITY)


def answers_for(unit: Unit, at: Situation) -> bool:
    return at.rules.directory.chain(at.grid or "").get(unit.tier) == unit.area


def reclassified(at: Situation) -> Said:
    return Said(facts.CaseReclassified(reason=redact(at.data.reason).text, category=at.data.category))


def lacks_another_category(at: Situation) -> Iterator[Lack]:
    if at.data.category not in at.rules.ruleset.categories:
        yield Lack(
            "/data/category", f"no category {at.data.category!r} in ruleset {at.rules.ruleset.version}"
        )
    elif at.data.category == at.case.category:
        yield Lack("/data/category", "the case has this category already")


def lacks_a_category_at_all(at: Situation) -> Iterator[Lack]:
    """A person classifies what nobody could, after the dispatch; a wrong category is the lead's to say."""
    if at.case.category != UNCLASSIFIED:
        yield Lack("/", "it is classified, and a unit has it: that one returns it as the wrong category")
    yield from lacks_another_category(at)


def consult_opened(at: Situation) -> Said:
    units = tuple(dict.fromkeys((*filter(None, (at.lead,)), *at.data.units)))
    return Said(facts.CaseConsultOpened(units=units, superior=_lowest_common_superior(at, units)))


def _lowest_common_superior(at: Situation, units: tuple[str, ...]) -> str:
    """Who is complained of decides nothing, nor who reports to one."""
    directory, matter = at.rules.directory, matter_of(at)
    lines = [list(directory.above(unit))[1:] for unit in units]
    common = [code for code in lines[0] if all(code in line for line in lines[1:])] if lines else []
    fit = [code for code in common if not is_in_conflict(directory.units[code], matter)]
    if fit:
        return fit[0]
    district = at.generals.get(Tier.DISTRICT)
    return district.code if district else units[0]


def lacks_a_dispute(at: Situation) -> Iterator[Lack]:
    if len(at.case.returned_by) < 2 and len(set(at.data.units)) < 2:
        yield Lack("/data/units", "a consultation needs a second return, or two units that both deny it")
    yield from _unfit_helpers(at, "/data/units", at.data.units)


def designated(at: Situation) -> Said:
    lead = at.rules.directory.units[at.data.lead]
    fact = facts.CaseDesignated(
        round=at.case.round + 1,
        lead=lead.code,
        co_handlers=at.data.co_handlers,
        note=redact(at.data.note).text,
    )
    return Said(fact, {"tier": lead.tier}, tuple(begins_anew(at, lead.code)))
