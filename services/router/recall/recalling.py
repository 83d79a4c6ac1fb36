"""Cases as their events on cases.v1 made them, which a restored database has forgotten and everybody else knows."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from uuid import UUID

from contracts.envelope import ReportEnvelope
from contracts.facts.report import ReportSubmitted
from contracts.vocabulary import CaseState, Clock, ClockAction
from services.router.workflow.beside import reported_beside
from services.router.workflow.case import Case
from services.router.workflow.lifecycle import CaseEvent, at_first_sight, at_the_desk, replay
from services.router.workflow.raising import Changed
from services.router.workflow.reported import new_case
from services.router.workflow.situation import Moment, Rules


class HistoryLacking(LookupError):
    """Of a case some events, or its report, are not among what was read."""

    def __init__(self, case_id: UUID, version: int) -> None:
        super().__init__(f"case {case_id}: what was before its version {version} is not known")


def recalled(
    known: Mapping[UUID, Case],
    reports: Mapping[UUID, ReportEnvelope[ReportSubmitted]],
    published: Mapping[UUID, Sequence[CaseEvent]],
    rules: Rules,
    moment: Moment,
) -> Iterator[Changed]:
    """By case: those `known` to the database, what was reported since, and what was published since, in order. Raises
    HistoryLacking.

    Of an application also the emergency beside it, which no report begins; one of which nothing was published yet
    waits at the desk.
    """
    reported = {case_id: new_case(report) for case_id, report in reports.items() if case_id not in known}
    beside: dict[UUID, Case] = {}
    for case_id, events in published.items():
        start = known.get(case_id) or reported.get(case_id)
        if start is not None:
            yield _told(start, events, rules, moment)
            beside |= {case.case_id: case for case in _named_in(start, events, rules)}
    for case_id, start in beside.items():
        if case_id not in known:
            yield _told(start, published.get(case_id, ()), rules, moment)
    for case_id in published.keys() - known.keys() - reported.keys() - beside.keys():
        raise HistoryLacking(case_id, published[case_id][0].case_version)


def _told(start: Case, events: Sequence[CaseEvent], rules: Rules, moment: Moment) -> Changed:
    for version, event in enumerate(events, start.version + 1):
        if event.case_version != version:
            raise HistoryLacking(start.case_id, event.case_version)
    begun = start if start.version else _begun(start, events, rules, moment._replace(at=start.reported_at))
    return replay(begun, events), [*events]


def _begun(case: Case, events: Sequence[CaseEvent], rules: Rules, moment: Moment) -> Case:
    """As it stood before the first of its events, which none of them says."""
    if _waited_at_the_desk(case, events):
        return at_the_desk(case, rules, moment)
    if events[0].type == "case.verify_requested":
        return at_first_sight(case, rules, moment)
    return case


def _waited_at_the_desk(case: Case, events: Sequence[CaseEvent]) -> bool:
    """Its clock there ran already when something was first said of it, or has to run, for it waits there still."""
    changes = (change for event in events for change in event.clocks if change.name is Clock.ACCEPT)
    if (first := next(changes, None)) is not None:
        return first.action is not ClockAction.START
    return replay(case, events).state is CaseState.REPORTED


def _named_in(case: Case, events: Sequence[CaseEvent], rules: Rules) -> Iterable[Case]:
    """The emergency beside an application, as the application was when the two were parted."""
    for number, event in enumerate(events):
        had_one = case.emergency is not None
        case = replay(case, [event])
        if not had_one and case.emergency is not None:
            said = [other for other in events[number:] if other.occurred_at == event.occurred_at]
            yield reported_beside(replay(case, said[1:]), said, rules)
