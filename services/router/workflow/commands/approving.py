"""The procedure of approval: the community defines, the town reviews, the district decides, everybody may object."""

from collections.abc import Iterator

from pydantic import Field

from contracts.facts import approval
from contracts.facts import case as facts
from contracts.vocabulary import Clock, Role, Tier
from delivery.redaction import redact
from services.router.directory.directory import Unit
from services.router.workflow.commands.closing import lacks_time_to_reopen, why_reopened
from services.router.workflow.commands.linking import lacks_their_parting
from services.router.workflow.knowing import general_to_hear
from services.router.workflow.situation import Data, Lack, Note, Said, Situation, general_above, stopped

_OF_A_UNIT = (Role.UNIT_LEAD, Role.HANDLER, Role.GRID_WORKER)


class MaterialsData(Data):
    materials: tuple[Note, ...] = Field(min_length=1, max_length=50, description="the full list, at once")


class DefineData(Data):
    materials_complete: bool
    household_checked: bool


class RefuseData(Data):
    reason: Note
    way_to_object: Note


class ReasonData(Data):
    reason: Note


class ReviewData(Data):
    opinion: Note


class ObjectionData(Data):
    objection: Note
    received_by: Tier = Tier.COMMUNITY


class AnswerData(Data):
    answer: Note


class WithdrawData(Data):
    identity_checked: bool


def materials_asked(at: Situation) -> Said:
    return Said(
        approval.ApprovalMaterialsAsked(materials=tuple(redact(each).text for each in at.data.materials))
    )


def lacks_a_first_asking(at: Situation) -> Iterator[Lack]:
    if at.case.materials_asked:
        yield Lack("/", "the materials were asked for already: the full list is told at once")


def materials_received(_: Situation) -> Said:
    return Said(approval.ApprovalMaterialsReceived())


def lacks_an_asking(at: Situation) -> Iterator[Lack]:
    if not at.case.materials_asked or at.case.materials_came:
        yield Lack("/", "no materials are awaited")


def defined(at: Situation) -> Said:
    unit = general_above(Tier.TOWN, at.generals, steps=0)
    assert unit is not None, "the guard has found it"
    fact = approval.ApprovalDefined(household_checked=at.data.household_checked, unit=unit.code)
    return Said(fact, {"tier": Tier.TOWN})


def lacks_to_define(at: Situation) -> Iterator[Lack]:
    for name in ("materials_complete", "household_checked"):
        if not getattr(at.data, name):
            yield Lack(f"/data/{name}", "the next tier gets a complete application")
    if general_above(Tier.TOWN, at.generals, steps=0) is None:
        yield Lack("/", "no town answers for the grid")


def refused(at: Situation) -> Said:
    fact = approval.ApprovalRefused(
        reason=redact(at.data.reason).text,
        way_to_object=redact(at.data.way_to_object).text,
        outcome="not_eligible" if at.case.state == "defining" else "refused",
    )
    return Said(fact)


def lacks_a_person(at: Situation) -> Iterator[Lack]:
    if at.by_system() or at.actor.person is None:
        yield Lack("/", "a named person decides, never the system")


def returned_one_step(at: Situation) -> Said:
    """Each tier returns one step only; where the directory has nobody there any more, the next above has that turn."""
    tier = Tier.COMMUNITY if at.case.tier is Tier.TOWN else Tier.TOWN
    unit = general_above(tier, at.generals, steps=0)
    assert unit is not None, "the guard has found it"
    fact = approval.ApprovalReturned(reason=redact(at.data.reason).text, unit=unit.code)
    return Said(fact, {"tier": tier})


def lacks_whom_to_return_to(at: Situation) -> Iterator[Lack]:
    if not at.generals:
        yield Lack("/", "no unit answers for the grid any more")


def reviewed(at: Situation) -> Said:
    unit = _who_decides(at)
    assert unit is not None, "the guard has found it"
    publicised_by = tuple(at.generals[tier].code for tier in _PUBLICISE if tier in at.generals)
    opinion = redact(at.data.opinion).text
    fact = approval.ApprovalReviewed(opinion=opinion, unit=unit.code, publicised_by=publicised_by)
    return Said(fact, {"tier": Tier.DISTRICT})


_PUBLICISE = (Tier.COMMUNITY, Tier.TOWN)


def _who_decides(at: Situation) -> Unit | None:
    competent = (at.rules.directory.serving(kind, Tier.DISTRICT, at.grid or "") for kind in at.category.lead)
    return next(filter(None, (*competent, at.generals.get(Tier.DISTRICT))), None)


def lacks_a_district(at: Situation) -> Iterator[Lack]:
    if _who_decides(at) is None:
        yield Lack("/", "no unit of the district answers for the grid")


def objection_recorded(at: Situation) -> Said:
    unit = _general_of(at, at.data.received_by)
    return Said(approval.ApprovalObjection(received_by=at.data.received_by, unit=unit))


def _general_of(at: Situation, tier: Tier) -> str | None:
    unit = at.generals.get(tier)
    return unit.code if unit else None


def lacks_a_receiver(at: Situation) -> Iterator[Lack]:
    if at.data.received_by not in (Tier.COMMUNITY, Tier.TOWN):
        yield Lack("/data/received_by", "objections are received by the community or the town")


def objection_answered(at: Situation) -> Said:
    """The clock runs on while another objection is open."""
    tier = _answering(at) or Tier.TOWN
    fact = approval.ApprovalObjectionAnswered(answered_by=tier, unit=_general_of(at, tier))
    return Said(fact, clocks=stopped(at.case, Clock.OBJECTION_ANSWER) if at.case.objections == 1 else ())


def lacks_an_objection(at: Situation) -> Iterator[Lack]:
    received = at.case.objections_at
    if not at.case.objections:
        yield Lack("/", "no objection is open")
    elif received and _answering(at) not in received:
        yield Lack(
            "/", f"the tier that received an objection answers it: {', '.join(dict.fromkeys(received))}"
        )


def _answering(at: Situation) -> Tier | None:
    """The desk answers for whoever received the first."""
    unit = at.rules.directory.units.get(at.actor.unit or "") if at.actor.role in _OF_A_UNIT else None
    return unit.tier if unit is not None else next(iter(at.case.objections_at), None)


def approved(at: Situation) -> Said:
    return Said(approval.ApprovalApproved(decided_by=at.actor.person or ""))


def lacks_publicity(at: Situation) -> Iterator[Lack]:
    yield from lacks_a_person(at)
    if at.case.publicity_ends is None or at.at < at.case.publicity_ends:
        yield Lack("/", "publicity at the town and the community has not ended")
    if at.case.objections:
        yield Lack("/", "an objection is not answered")


def reopened(at: Situation) -> Said:
    """The whole way anew, as any other case is worked anew: each tier judges what is known now."""
    unit, above = general_above(Tier.COMMUNITY, at.generals, steps=0), general_to_hear(Tier.COMMUNITY, at)
    assert unit is not None, "the guard has found it"
    fact = approval.ApprovalReopened(
        round=at.case.round + 1,
        unit=unit.code,
        reason=why_reopened(at),
        supervisor=above.code if above and above.code != unit.code else None,
    )
    return Said(fact, {"tier": Tier.COMMUNITY})


def lacks_for_reopening(at: Situation) -> Iterator[Lack]:
    yield from lacks_time_to_reopen(at)
    yield from lacks_whom_to_return_to(at)


def withdrawn(at: Situation) -> Said:
    return Said(facts.CaseVoided(reason="withdrawn", asked_by="applicant"))


def lacks_for_withdrawing(at: Situation) -> Iterator[Lack]:
    yield from lacks_their_parting(at)
    if not at.data.identity_checked:
        yield Lack("/data/identity_checked", "check that it is the applicant who withdraws")
