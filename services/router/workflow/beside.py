"""The emergency beside an application: an approval is never hurried, so what is critical in it is a case of its own.

Domain §11.4.3: approval rows never change procedure, a linked emergency case is opened beside them.
"""

from collections.abc import Iterable

from contracts.facts.case import CaseFiled
from contracts.vocabulary import Procedure
from services.router.decision.classification import likely_code
from services.router.workflow.case import Case
from services.router.workflow.lifecycle import CaseEvent
from services.router.workflow.situation import Rules


def emergency_beside(before: Case, filed: Case, events: Iterable[CaseEvent], rules: Rules) -> Case | None:
    """What is to be opened now that `events` have filed an application; None mostly, and when it is there already.

    The rest of the report goes with it, shown to no more people than the application; but not who reported: it is one
    report, and he hears of his application.
    """
    if filed.emergency is None or before.emergency is not None:
        return None
    return Case(
        case_id=filed.emergency,
        report_id=filed.report_id,
        correlation_id=filed.correlation_id,
        channel=filed.channel,
        reported_at=filed.reported_at,
        text=filed.text,
        place=filed.place,
        kind=filed.kind,
        stated=filed.stated,
        wanted_category=_category(filed, events, rules),
        confidential=filed.confidential,
        private_at_least=filed.privacy,
        application=filed.case_id,
    )


def _category(application: Case, events: Iterable[CaseEvent], rules: Rules) -> str:
    """By the floor that held; else what its words speak of, if that is no application again; else unclassified."""
    reasons = (
        reason for event in events if isinstance(event.data, CaseFiled) for reason in event.data.reasons
    )
    floors = (rules.ruleset.urgency.floors.get(reason.rule) for reason in reasons)
    named = next((floor.category for floor in floors if floor and floor.category), None)
    if named is not None:
        return named
    code, _ = likely_code(None, application.text, rules.ruleset, rules.classify)
    proposed = rules.ruleset.category(code)
    return (
        proposed.code if proposed.procedure is not Procedure.APPROVAL else rules.ruleset.category(None).code
    )
