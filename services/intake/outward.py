"""What a resident is told of a case: the outward step that each event leads to (domain §11.6), and why."""

from datetime import datetime
from typing import Any, NamedTuple

from contracts.envelope import CaseEnvelope
from contracts.vocabulary import Clock, ClockAction, OutwardStep
from services.intake.reasons import Reason, reason_of

STEP_AFTER: dict[str, OutwardStep] = {
    "case.accepted": OutwardStep.ACCEPTED,
    "case.filed": OutwardStep.ACCEPTED,
    "case.unmerged": OutwardStep.ACCEPTED,
    "case.reclassified": OutwardStep.ACCEPTED,
    "case.dispatched": OutwardStep.DISPATCHED,
    "case.returned": OutwardStep.DISPATCHED,
    "case.consult_opened": OutwardStep.DISPATCHED,
    "case.designated": OutwardStep.DISPATCHED,
    "case.escalated": OutwardStep.DISPATCHED,
    "case.signed": OutwardStep.HANDLING,
    "case.progress": OutwardStep.HANDLING,
    "case.extended": OutwardStep.HANDLING,
    "case.suspended": OutwardStep.HANDLING,
    "case.resumed": OutwardStep.HANDLING,
    "case.rework": OutwardStep.HANDLING,
    "case.redo": OutwardStep.HANDLING,
    "case.reopened": OutwardStep.HANDLING,
    "approval.started": OutwardStep.HANDLING,
    "approval.materials_asked": OutwardStep.HANDLING,
    "approval.defined": OutwardStep.HANDLING,
    "approval.reviewed": OutwardStep.HANDLING,
    "approval.reopened": OutwardStep.HANDLING,
    "case.handled": OutwardStep.FEEDBACK,
    "case.check_requested": OutwardStep.FEEDBACK,
    "case.checked": OutwardStep.FEEDBACK,
    "approval.approved": OutwardStep.FEEDBACK,
    "approval.refused": OutwardStep.FEEDBACK,
    "case.closed": OutwardStep.CLOSED,
    "case.archived": OutwardStep.CLOSED,
    "case.rejected": OutwardStep.CLOSED,
    "case.handed_over": OutwardStep.CLOSED,
    "case.voided": OutwardStep.CLOSED,
}

# from here on another case's steps are those of the report, and back
JOINS = ("case.merged", "case.unmerged")

STEP_ZH: dict[OutwardStep, str] = {
    OutwardStep.REPORTED: "上报",
    OutwardStep.ACCEPTED: "受理立案",
    OutwardStep.DISPATCHED: "派遣",
    OutwardStep.HANDLING: "处置",
    OutwardStep.FEEDBACK: "反馈",
    OutwardStep.CLOSED: "结案",
}


class Standing(NamedTuple):
    """Where a case stands once a fact is known, and the limit that the fact sets."""

    step: OutwardStep
    reason: Reason | None = None
    expected_by: datetime | None = None


def standing_after(event: CaseEnvelope[Any]) -> Standing | None:
    """None where a resident sees no change; time that was asked for and not given is none, nor is a note that is not
    for him."""
    step = STEP_AFTER.get(event.type)
    is_for_him = event.data.said("approved", True) and event.data.said("public", True)
    if step is None or not is_for_him:
        return None
    expected_by = _limit_of_handling(event)
    return Standing(step, reason_of(event, expected_by), expected_by)


def _limit_of_handling(event: CaseEnvelope[Any]) -> datetime | None:
    limits = {
        change.name: change.limit_at for change in event.clocks if change.action is not ClockAction.STOP
    }
    return limits.get(Clock.HANDLE) or limits.get(Clock.CONTROL)
