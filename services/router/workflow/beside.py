"""The emergency beside an application: an approval is never hurried, so what is critical in it is a case of its own.

Domain §11.4.3: approval rows never change procedure, a linked emergency case is opened beside them.
"""

from collections.abc import Iterable, Iterator
from contextlib import suppress

from contracts.facts.case import CaseFiled, CaseUrgencyChanged
from contracts.facts.confirmation import CaseConfirmed
from contracts.vocabulary import Procedure
from services.router.decision.classification import likely_code
from services.router.decision.urgency import mentioned
from services.router.workflow.calling import lines_of
from services.router.workflow.case import Case
from services.router.workflow.commands.confirming import feared_of
from services.router.workflow.lifecycle import CaseEvent, Incomplete, called, open_case
from services.router.workflow.raising import Changed
from services.router.workflow.situation import Around, Moment, Rules


def opened_beside(
    before: Case, after: Case, events: Iterable[CaseEvent], rules: Rules, moment: Moment
) -> Changed | None:
    """The emergency of an application that `events` have filed or made critical, as far as the system carries it; at
    the intake desk, when nobody may lead it. None mostly, and when it is there already."""
    if after.emergency is None or before.emergency is not None:
        return None
    events = tuple(events)
    emergency, said = _opened(reported_beside(after, events, rules), after.grid, rules, moment)
    confirmed = any(isinstance(event.data, CaseConfirmed) for event in events)
    lines = lines_of(feared_of(before, rules), rules.ruleset) if confirmed else ()
    emergency, more = called(emergency, lines, rules, moment)
    return emergency, [*said, *more]


def _opened(emergency: Case, grid: str | None, rules: Rules, moment: Moment) -> Changed:
    with suppress(Incomplete):
        return open_case(emergency, Around(grid=grid), rules, moment)
    return open_case(emergency, Around(), rules, moment)


def reported_beside(application: Case, events: Iterable[CaseEvent], rules: Rules) -> Case:
    """The rest of the report goes with it, shown to no more people than the application; but not who reported: it is
    one report, and he hears of his application. What somebody has judged or heard by phone holds for it too."""
    assert application.emergency is not None, "it has been named"
    return Case(
        case_id=application.emergency,
        report_id=application.report_id,
        correlation_id=application.correlation_id,
        channel=application.channel,
        reported_at=application.reported_at,
        text=application.text,
        place=application.place,
        kind=application.kind,
        stated=application.stated,
        wanted_category=_category(application, events, rules),
        confidential=application.confidential,
        raised_to=application.raised_to,
        confirmed=application.confirmed,
        answered=application.answered,
        lines=application.lines,
        private_at_least=application.privacy,
        application=application.case_id,
    )


def _category(application: Case, events: Iterable[CaseEvent], rules: Rules) -> str:
    """By the floor that made it critical; else what its words speak of, if that is no application again; else
    unclassified."""
    known = rules.ruleset.urgency.floors
    named = (
        known[name].category
        for event in events
        for name in _floors(event, application, rules)
        if name in known
    )
    if (category := next(filter(None, named), None)) is not None:
        return category
    code, _ = likely_code(None, application.text, rules.ruleset, rules.classify)
    proposed = rules.ruleset.category(code)
    return (
        proposed.code if proposed.procedure is not Procedure.APPROVAL else rules.ruleset.category(None).code
    )


def _floors(event: CaseEvent, application: Case, rules: Rules) -> Iterator[str]:
    """Of what is filed those that hold; of what is raised those that a joining report brought, then those that its own
    words speak of, for nobody denies them any more."""
    match event.data:
        case CaseFiled(reasons=reasons):
            yield from (reason.rule for reason in reasons)
        case CaseUrgencyChanged(floors=floors):
            yield from floors or ()
            areas = rules.directory.chain(application.grid or "").values()
            yield from mentioned(application.text, rules.ruleset, areas)
