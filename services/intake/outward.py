"""What a resident is told of a case: the outward step that each event leads to (domain §11.6)."""

from contracts.vocabulary import OutwardStep

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
    "case.suspended": OutwardStep.HANDLING,
    "case.resumed": OutwardStep.HANDLING,
    "case.rework": OutwardStep.HANDLING,
    "case.redo": OutwardStep.HANDLING,
    "case.reopened": OutwardStep.HANDLING,
    "approval.started": OutwardStep.HANDLING,
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
