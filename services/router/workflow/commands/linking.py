"""One matter, several reports: merge, unmerge, remind; and what changes a case from beside: lines, urgency, privacy."""

from collections.abc import Iterator
from typing import Any, Literal
from uuid import UUID

from pydantic import Field

from contracts.envelope import ClockChange
from contracts.facts import case as facts
from contracts.facts.reason import Reason
from contracts.vocabulary import CaseState, Clock, Privacy, Procedure, Tier, Urgency
from delivery.redaction import redact
from services.router.clocks import running
from services.router.clocks.limits import due_at, parse_limit
from services.router.decision.urgency import floors_that_hold
from services.router.workflow.case import Case
from services.router.workflow.commands.closing import everybody_asked, everybody_told
from services.router.workflow.commands.confirming import moot, new_doubts
from services.router.workflow.commands.endangering import (
    WITH_A_LEAD,
    becomes_one,
    clocks_of,
    emergency_to_open,
    fields_of,
    told_of_the_worst,
)
from services.router.workflow.commands.intake import PlacedData
from services.router.workflow.situation import Data, Lack, Note, PersonReference, Reference, Said, Situation
from services.router.workflow.standing_in import where_it_lies

_UNMERGE_WITHIN = parse_limit("5 work_day")
_PUBLIC_LINES = ("110", "119", "120", "122", "utility")
_NOT_A_MASTER = {
    CaseState.MERGED,
    CaseState.CLOSED,
    CaseState.ARCHIVED,
    CaseState.REJECTED,
    CaseState.HANDED_OVER,
    CaseState.VOIDED,
}
HANDLED = frozenset({CaseState.HANDLED, CaseState.CHECKING, CaseState.FEEDBACK})
"""The work is done: what is reported now, somebody has to look at again, or a person finds that it was meant before."""
# beside those of the order (T40): with whom an emergency waits for its next one
_SET_ANEW = (Clock.SIGN, Clock.CONTACT, Clock.CONTROL, Clock.RETURN_REVIEW, Clock.CONSULT)
_GUARDED = {Privacy.CONFIDENTIAL, Privacy.SEALED}


class MergeData(Data):
    master_case_id: UUID
    score: float | None = Field(None, ge=0, le=1)


class JoinData(Data):
    report_id: UUID


class UnmergeData(PlacedData):
    reason: Note


class CallLineData(Data):
    line: Reference = Field(description="110, 119, 120, 122, utility, or a line that the ruleset names")


class RemindData(Data):
    report_id: UUID | None = None


class SetUrgencyData(Data):
    urgency: Urgency
    reason: Note


class RaisedData(SetUrgencyData):
    """What the system brings: the soft points that were counted anew."""

    reasons: tuple[Reason, ...] = ()
    floors: tuple[str, ...] | None = None


class SetPrivacyData(Data):
    privacy: Privacy
    reporter_consents: bool = False


class VoidData(Data):
    reason: Literal["test", "entered_in_error", "withdrawn"]
    asked_by: PersonReference = Field(description="opaque reference of the person who asked for it")


def merged(at: Situation) -> Said:
    return Said(
        facts.CaseMerged(master_case_id=at.data.master_case_id, score=at.data.score, automatic=at.by_system())
    )


def lacks_a_master(at: Situation) -> Iterator[Lack]:
    case, master = at.case, at.around.master
    if master is None or master.case_id == case.case_id:
        yield Lack("/data/master_case_id", "no such case")
        return
    if Privacy.SEALED in (case.privacy, master.privacy):
        yield Lack("/data/master_case_id", "what is sealed is merged with nothing")
    if master.state in _NOT_A_MASTER or (at.by_system() and master.state in HANDLED):
        yield Lack("/data/master_case_id", f"that case is {master.state}")
    if _loses_its_danger(case, master):
        yield Lack("/data/master_case_id", "no unit works on that case: an emergency goes on by itself")
    if at.by_system() and master.state is CaseState.SUSPENDED and new_doubts(case, master, at.rules):
        yield Lack(
            "/data/master_case_id", "nobody works on that case: what may be dangerous goes on by itself"
        )
    directory = at.rules.directory
    areas = [where_it_lies(each, directory) or "" for each in (case, master)]
    district = [directory.chain(area).get(Tier.DISTRICT) for area in areas]
    if case.grid is not None and district[0] != district[1]:
        yield Lack("/data/master_case_id", "that case lies in another jurisdiction")
    if at.by_system() and (case.privacy in _GUARDED or master.privacy in _GUARDED or case.confidential):
        yield Lack("/data/master_case_id", "a confidential case is merged by a person")


def _loses_its_danger(case: Case, master: Case) -> bool:
    """Somebody must work on an emergency; one that is not filed yet has nobody to lose."""
    emergency = case.procedure is Procedure.EMERGENCY or case.urgency is Urgency.CRITICAL
    both_wait = case.procedure is None and master.procedure is None
    return emergency and master.state not in WITH_A_LEAD and not both_wait


def joined(at: Situation) -> Said:
    return Said(facts.CaseJoined(report_id=at.data.report_id))


def unjoined(at: Situation) -> Said:
    """The others may all have been told, or asked."""
    if Clock.FEEDBACK in at.case.clocks:
        going_on = everybody_told(at, at.case.told)
    else:
        going_on = everybody_asked(at, at.case.visits)
    return Said(facts.CaseUnjoined(report_id=at.data.report_id), clocks=going_on)


def unmerged(at: Situation) -> Said:
    assert at.case.master is not None, "a merged case has a master"
    return Said(facts.CaseUnmerged(master_case_id=at.case.master, reason=redact(at.data.reason).text))


def lacks_a_right_to_unmerge(at: Situation) -> Iterator[Lack]:
    if at.case.grid is not None and at.data.place is not None:
        yield Lack("/data/place", "its place is known already")
    if at.case.merged_at and at.at > due_at(at.case.merged_at, _UNMERGE_WITHIN, at.rules.calendar):
        yield Lack("/", "more than 5 working days have passed since the merge")


def line_called(at: Situation) -> Said:
    named = at.rules.ruleset.urgency.lines.get(at.data.line)
    words = {"name": named.zh or None, "name_en": named.en or None} if named else {}
    return Said(facts.CaseLineCalled(line=at.data.line, **words))


def lacks_a_known_line(at: Situation) -> Iterator[Lack]:
    known = {*_PUBLIC_LINES, *at.rules.ruleset.urgency.lines}
    if at.data.line not in known:
        yield Lack("/data/line", f"one of {', '.join(sorted(known))}")


def reminded(at: Situation) -> Said:
    return Said(facts.CaseReminded(report_id=at.data.report_id or at.case.report_id))


def lacks_a_reporter(at: Situation) -> Iterator[Lack]:
    if at.data.report_id is not None and at.data.report_id not in at.reports:
        yield Lack("/data/report_id", "not a report of this case")


def urgency_set(at: Situation) -> Said:
    urgency = at.data.urgency
    endangered = becomes_one(at, urgency)
    begun = clocks_of(at, urgency, at.case.lead) if endangered else ()
    sooner = (_sooner(at, clock) for clock in _SET_ANEW)
    changes = (*sooner, *begun, *moot(at))
    fact = facts.CaseUrgencyChanged(
        before=at.case.urgency,
        reason=redact(at.data.reason).text,
        reasons=getattr(at.data, "reasons", ()),
        emergency=emergency_to_open(at, urgency),
        **_known_of(at),
        **(fields_of(at, urgency, at.case.lead) if endangered else told_of_the_worst(at, urgency)),
    )
    return Said(fact, {"urgency": urgency}, tuple(change for change in changes if change))


def _known_of(at: Situation) -> dict[str, Any]:
    """The floors that a joining report brought; what a person knew who lowers it."""
    if at.data.urgency.level > at.case.urgency.level or at.decision is None:
        return {"floors": getattr(at.data, "floors", None)}
    own = floors_that_hold(at.decision.reasons, at.rules.ruleset)
    return {"floors": tuple(dict.fromkeys((*own, *at.case.heard))), "points": at.decision.points}


def _sooner(at: Situation, clock: Clock) -> ClockChange | None:
    """Set anew where that makes it shorter."""
    ticking = at.case.clocks.get(clock)
    if ticking is None or ticking.due is None:
        return None
    calendar = at.rules.calendar_for(clock, at.case.lead)
    change = running.start(clock, at.kind(at.data.urgency), at.at, at.rules.ruleset, calendar)
    return change if change and change.limit_at and change.limit_at < ticking.due else None


def lacks_a_right_to_set_urgency(at: Situation) -> Iterator[Lack]:
    if at.data.urgency is at.case.urgency:
        yield Lack("/data/urgency", f"the case is {at.case.urgency} already")
    if at.data.urgency.level < at.case.urgency.level and at.by_system():
        yield Lack("/data/urgency", "urgency never falls by itself")
    if at.actor.unit is not None and at.actor.unit == at.lead and not at.by_system():
        yield Lack("/", "the lead unit does not change the urgency of its own case")


def privacy_set(at: Situation) -> Said:
    return Said(facts.CasePrivacyChanged(before=at.case.privacy, after=at.data.privacy))


def lacks_consent(at: Situation) -> Iterator[Lack]:
    if at.data.privacy is at.case.privacy:
        yield Lack("/data/privacy", f"the case is {at.case.privacy} already")
    if at.data.privacy.level < at.case.privacy.level and not at.data.reporter_consents:
        yield Lack("/data/reporter_consents", "privacy is lowered only with the reporter's consent")


def voided(at: Situation) -> Said:
    return Said(facts.CaseVoided(reason=at.data.reason, asked_by=at.data.asked_by))


def lacks_their_parting(at: Situation) -> Iterator[Lack]:
    """Voided, it would leave others in a case that nobody works; who asked again himself is not parted from himself."""
    own = at.case.reporter_ref
    if any(own is None or joined.reporter_ref != own for joined in at.around.joined):
        yield Lack("/", "other reports have joined it: take them out first (unmerge)")


def lacks_for_voiding(at: Situation) -> Iterator[Lack]:
    yield from lacks_their_parting(at)
    if at.actor.person is None or at.data.asked_by == at.actor.person:
        yield Lack("/data/asked_by", "who asks for a void does not decide it")
