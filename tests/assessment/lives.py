"""Named lives of a case, each with something that counts otherwise: (fact, hour, the hour at which it is due)."""

from uuid import UUID

from contracts.facts import case as facts
from contracts.facts import closing
from tests.assessment.builders import after, dispatched, handled

IN_TIME = [(dispatched(), 0, 4), (handled(), 3)]
LATE = [(dispatched(), 0, 4), (handled(), 6)]
OPEN = [(dispatched(), 0, 4)]
REWORK = [
    (dispatched(), 0, 4), (handled(), 3), (closing.CaseRework(round=2, unit="U1", reason="x"), 5, 7), (handled(number=2), 8),
]  # fmt: skip
RETURNED = [
    (dispatched(), 0, 4), (facts.CaseReturned(unit="U1", reason="x"), 1), (dispatched("U2", 2), 2, 6), (handled("U2", 2), 3),
]  # fmt: skip
REFUSED_RETURN = [
    (dispatched(), 0, 4), (facts.CaseReturned(unit="U1", reason="x"), 1), (dispatched("U1", 2), 2, 5), (handled("U1", 2), 6),
]  # fmt: skip
UNDER_REVIEW = [(dispatched(), 0, 4), (facts.CaseReturned(unit="U1", reason="x"), 1)]
UNDER_REVIEW_LATE = [(dispatched(), 0, 4), (facts.CaseReturned(unit="U1", reason="x"), 5)]
ASKED_ABOUT = [*UNDER_REVIEW, (facts.CaseConsultOpened(units=("U1", "U2"), superior="T"), 5)]
RETURNED_LATE = [*UNDER_REVIEW_LATE, (dispatched("U2", 2), 6, 10)]
REFUSED_LATE = [*UNDER_REVIEW_LATE, (dispatched("U1", 2), 6, 6)]
REFUSED_TWICE = [
    *REFUSED_LATE, (facts.CaseReturned(unit="U1", reason="x"), 6.5), (dispatched("U1", 3), 7, 7), (handled("U1", 3), 8),
]  # fmt: skip
VOIDED = [(dispatched(), 0, 4), (facts.CaseVoided(reason="test"), 1)]
EXTENDED = [(dispatched(), 0, 4), (facts.CaseExtended(approved=True, reason="x"), 2, 8), (handled(), 7)]
APPEALED = [
    (dispatched(), 0, 4),
    (handled(), 6),
    (facts.CaseAppealDecided(round=1, unit="U1", granted=True), 9),
]
ESCALATED = [
    (dispatched(), 0, 4), (facts.CaseEscalated(round=2, lead="U2", former_lead="U1", cause="overdue"), 5, 9), (handled("U2", 2), 8),
]  # fmt: skip
ASKED_FOR_HELP = [
    (dispatched(), 0, 4), (facts.CaseEscalated(round=2, lead="U2", former_lead="U1", cause="asked"), 1, 5), (handled("U2", 2), 8),
]  # fmt: skip
NOT_SIGNED = [
    (dispatched(), 0, 4), (facts.CaseEscalated(round=2, lead="U2", former_lead="U1", cause="overdue", clock="sign"), 1, 5), (handled("U2", 2), 3),
]  # fmt: skip
CONSULTED = [
    (dispatched(), 0, 4), (facts.CaseConsultOpened(units=("U1", "U2"), superior="T"), 1), (facts.CaseDesignated(round=2, lead="U2", note="x"), 6, 9),
]  # fmt: skip
SUSPENDED = [(dispatched(), 0, 4), (facts.CaseSuspended(cause="frost", until=after(90)), 3)]
SUSPENDED_TOO_LATE = [(dispatched(), 0, 4), (facts.CaseSuspended(cause="frost", until=after(90)), 5)]
RESUMED = [*SUSPENDED, (facts.CaseResumed(), 9, 10), (handled(), 10)]
RESUMED_LATE = [*SUSPENDED_TOO_LATE, (facts.CaseResumed(), 9, 9)]
FINISHED_AFTER_RESUMED_LATE = [*SUSPENDED_TOO_LATE, (facts.CaseResumed(), 9, 10), (handled(), 9.5)]
VOIDED_IN_REWORK = [*REWORK[:3], (facts.CaseVoided(reason="test"), 6)]
MERGED = [*REWORK[:3], (facts.CaseMerged(master_case_id=UUID(int=1)), 6)]
UNMERGED = [
    *MERGED,
    (facts.CaseUnmerged(master_case_id=UUID(int=1), reason="x"), 8),
    (dispatched("U2", 3), 9, 12),
]
ALL = [
    *(IN_TIME, LATE, OPEN, REWORK, RETURNED, REFUSED_RETURN, VOIDED, EXTENDED, APPEALED, ESCALATED),
    *(
        ASKED_FOR_HELP,
        NOT_SIGNED,
        CONSULTED,
        SUSPENDED,
        SUSPENDED_TOO_LATE,
        RESUMED,
        RESUMED_LATE,
        FINISHED_AFTER_RESUMED_LATE,
    ),
    *(VOIDED_IN_REWORK, MERGED, UNMERGED),
    *(UNDER_REVIEW, UNDER_REVIEW_LATE, ASKED_ABOUT, RETURNED_LATE, REFUSED_LATE, REFUSED_TWICE),
]
