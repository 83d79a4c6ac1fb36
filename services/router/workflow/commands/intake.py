"""The intake desk: verify, accept, reject, hand over, file, and send on its way."""

from collections.abc import Iterator
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from contracts.envelope import ClockChange
from contracts.facts import approval
from contracts.facts import case as facts
from contracts.facts.report import Place
from contracts.vocabulary import Channel, Check, Clock, Privacy, Procedure, Tier
from delivery.field_types import Code, says_something
from delivery.redaction import redact
from services.router.clocks import running
from services.router.rulesets.ruleset import UNCLASSIFIED
from services.router.workflow.knowing import all_to_hear
from services.router.workflow.situation import Data, Lack, Note, Reference, Said, Situation, told_of


class FoundPlace(Place):
    """Where a person found it to be."""

    grid: Code | None = None
    component_id: Code | None = None


class PlacedData(Data):
    """Of a command that files the case; `place` is for reports that came without one that the map knows."""

    place: FoundPlace | None = None


class AcceptData(PlacedData):
    """The body of `accept`."""


class SubmitVerifyData(Data):
    result: Literal["true", "false", "not_found"]
    evidence: int = Field(0, ge=0, le=100, description="photos with position")


class RejectData(Data):
    """The reasons of domain §2.6; the law names the channel that the reporter is sent to."""

    reason: Literal[
        "legal_channel",
        "in_petition",
        "same_matter",
        "secret_or_privacy",
        "outside_government",
        "against_law_or_morals",
        "lawfully_concluded",
        "not_true",
        "spam",
    ]
    legal_channel: Note | None = None


_Named = Annotated[Reference, AfterValidator(says_something)]


class HandOverData(Data):
    receiver: _Named
    receipt: _Named | None = None
    work_remains: bool = Field(False, description="something is left to do here")


class ClassifyData(Data):
    category: Reference | None = Field(None, description="the category, where a person decides it")


class ResolveOnSpotData(Data):
    result: Note
    evidence_method: Literal["photo", "visit", "document", "call", "other"]
    evidence: int = Field(0, ge=0, le=100)


def submitted(at: Situation) -> Said:
    raise NotImplementedError("intake says it, with report.submitted")


def verify_requested(at: Situation) -> Said:
    return Said(facts.CaseVerifyRequested(unit=at.generals[Tier.GRID].code), {"grid": at.grid})


def lacks_something_to_verify(at: Situation) -> Iterator[Lack]:
    if Tier.GRID not in at.generals:
        yield Lack("/", "the place is not known, or no grid worker answers for it")
    elif at.case.privacy is Privacy.SEALED:
        yield Lack(
            "/", "a sealed matter is not looked at by the grid worker: he may be the one complained of"
        )


def verified(at: Situation) -> Said:
    return Said(facts.CaseVerified(result=at.data.result, evidence=at.data.evidence))


def lacks_a_photo(at: Situation) -> Iterator[Lack]:
    if at.data.evidence < 1:
        yield Lack("/data/evidence", "a photo with position shows what was found")


def accepted(at: Situation) -> Said:
    sealed = at.decision is not None and at.decision.privacy is Privacy.SEALED
    fact = facts.CaseAccepted(
        report_id=at.case.report_id,
        channel=Channel(at.case.channel),
        first_responsible=at.case.received_by or at.actor.unit,
        # where a person found it to be; what was reported stands in the report
        place=None if sealed else at.data.place,
    )
    return Said(fact, {"grid": at.grid})


def lacks_truth(at: Situation) -> Iterator[Lack]:
    if at.case.verified in ("false", "not_found"):
        yield Lack("/", "the grid worker did not find it; reject it with the reason not_true")


def rejected(at: Situation) -> Said:
    channel = redact(at.data.legal_channel).text if at.data.legal_channel else None
    return Said(facts.CaseRejected(reason=at.data.reason, legal_channel=channel))


def lacks_the_channel(at: Situation) -> Iterator[Lack]:
    if at.data.reason == "legal_channel" and not at.data.legal_channel:
        yield Lack("/data/legal_channel", "say which channel the law names for it")


def handed_over(at: Situation) -> Said:
    copies = all_to_hear((Tier.GRID, Tier.COMMUNITY, Tier.TOWN), at)
    receiver, receipt = redact(at.data.receiver).text, at.data.receipt
    receipt = redact(receipt).text if receipt else None
    return Said(facts.CaseHandedOver(receiver=receiver, receipt=receipt, copies=copies))


def lacks_an_end_here(at: Situation) -> Iterator[Lack]:
    if at.data.work_remains:
        yield Lack("/data/work_remains", "work remains here: call the line and go on with the case")


def filed(at: Situation) -> Said:
    decision = at.decision
    assert decision is not None, "classify is given a decision"
    fact = facts.CaseFiled(
        procedure=decision.procedure,
        privacy=decision.privacy,
        check=decision.category.check,
        visit=decision.category.visit,
        place=None if decision.privacy is Privacy.SEALED else at.case.place,
        base_urgency=decision.base_urgency,
        points=decision.points,
        confirm_by_phone=decision.confirm_by_phone,
        reasons=decision.reasons,
        recurrence_of=at.around.recurrence_of or at.case.recurrence_of,
        emergency=at.case.emergency or (at.case.emergency_id if decision.is_emergency_beside else None),
        application=at.case.application,
    )
    header = {"grid": decision.grid, "category": decision.category.code, "urgency": decision.urgency}
    return Said(fact, header | {"tier": decision.order.tier})


def lacks_a_known_category(at: Situation) -> Iterator[Lack]:
    wanted = at.data.category
    if wanted is not None and wanted not in at.rules.ruleset.categories:
        yield Lack("/data/category", f"no category {wanted!r} in ruleset {at.rules.ruleset.version}")


def dispatched(at: Situation) -> Said:
    case, decision = at.case, at.decision
    assert decision is not None, "dispatch is given a decision"
    order = decision.order
    fact = facts.CaseDispatched(
        round=case.round + 1,
        lead=order.lead,
        co_handlers=order.co_handlers,
        copies=order.copies,
        tracker=order.tracker,
        procedure=decision.procedure,
        privacy=decision.privacy,
        report_id=case.report_id,
        reported_at=case.reported_at,
        **told_of(case, decision.privacy),
    )
    return Said(fact, {"tier": order.tier}, _to_classify(at))


def _to_classify(at: Situation) -> tuple[ClockChange, ...]:
    """What nobody could classify goes to the community at once; the desk still owes it a category."""
    if at.case.category != UNCLASSIFIED:
        return ()
    clock = running.start(Clock.CLASSIFY, at.kind(), at.at, at.rules.ruleset, at.rules.calendar)
    return (clock,) if clock else ()


def resolved_on_spot(at: Situation) -> Said:
    fact = facts.CaseHandled(
        round=at.case.round + 1,
        unit=at.actor.unit or "",
        result=redact(at.data.result).text,
        evidence_method=at.data.evidence_method,
        evidence=at.data.evidence,
        on_spot=True,
        copies=all_to_hear((Tier.COMMUNITY,), at),
    )
    return Said(fact, {"tier": Tier.GRID})


def lacks_for_the_spot(at: Situation) -> Iterator[Lack]:
    if at.case.procedure is not Procedure.ON_SPOT:
        yield Lack("/", f"a case by the procedure {at.case.procedure} is not settled on the spot")
    worker = at.generals.get(Tier.GRID)
    if worker is None or at.actor.unit != worker.code:
        yield Lack("/", "only the grid worker of this grid settles it on the spot")
    if at.case.check in (Check.ONSITE, Check.PHOTO) and at.data.evidence < 1:
        yield Lack("/data/evidence", f"a check by {at.case.check} needs evidence")


def approval_started(at: Situation) -> Said:
    case = at.case
    fact = approval.ApprovalStarted(
        unit=at.generals[Tier.COMMUNITY].code,
        privacy=case.privacy,
        report_id=case.report_id,
        reported_at=case.reported_at,
        **told_of(case, case.privacy),
    )
    return Said(fact, {"tier": Tier.COMMUNITY})


def lacks_for_approval(at: Situation) -> Iterator[Lack]:
    """What the grid worker or the desk was told is the information record."""
    if at.case.procedure is not Procedure.APPROVAL:
        yield Lack("/", "not an application")
    if not at.case.text:
        yield Lack("/", "the information record is missing")
    if Tier.COMMUNITY not in at.generals:
        yield Lack("/", "no acceptance centre answers for the grid")


DISPATCH_CLOCKS = (Clock.SIGN, Clock.CONTACT, Clock.CONTROL, Clock.INTERIM, Clock.HANDLE)
