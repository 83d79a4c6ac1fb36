"""What the router does with reports: decide, remember, announce; a whole batch in one transaction."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any
from uuid import UUID

from contracts.envelope import ReportEnvelope
from contracts.facts.report import ReportSubmitted
from contracts.vocabulary import CaseState
from delivery.database import Connection, once_committed
from delivery.logs import log
from services.router.cases.saving_store import Change, file_cases, update_cases
from services.router.cases.store import lock_found
from services.router.current_rules import CurrentRules
from services.router.decision.routing import grid_of
from services.router.directory.directory import Directory
from services.router.duplicates.candidates import candidate_of
from services.router.duplicates.follow_ups import on_follow_ups
from services.router.duplicates.linking import Linked, link_batch, masters_among, with_handled
from services.router.duplicates.opening import Opening
from services.router.duplicates.score import Candidate
from services.router.duplicates.store import keep_suggestions, look_around, masters_of
from services.router.metrics import CASES_DISPATCHED, REPORT_TO_DISPATCH
from services.router.workflow.case import Case
from services.router.workflow.commands.intake import ResolveOnSpotData
from services.router.workflow.commands.linking import HANDLED
from services.router.workflow.reported import new_case
from services.router.workflow.situation import OnSpot


async def on_report_events(
    connection: Connection, events: list[ReportEnvelope[Any]], current: CurrentRules
) -> None:
    """A report comes before its follow-ups, so all reports of a batch may go first."""
    reports = [event for event in events if isinstance(event.data, ReportSubmitted)]
    follow_ups = [event for event in events if not isinstance(event.data, ReportSubmitted)]
    if reports:
        await on_reports(connection, reports, current, [event.case_id for event in follow_ups])
    if follow_ups:
        await on_follow_ups(connection, follow_ups, current)


async def on_reports(
    connection: Connection,
    reports: list[ReportEnvelope[ReportSubmitted]],
    current: CurrentRules,
    followed: Sequence[UUID] = (),
) -> None:
    """`followed` are the cases of the follow-ups in the batch: all that it works is locked at once, in one order."""
    rules = await current.to_decide(connection)
    moment = current.moment()  # one for the batch
    cases = [new_case(report) for report in reports]
    grids = _grids_of(cases, rules.directory)
    new = [
        candidate_of(case, grid, rules, handled=report.data.on_spot is not None)
        for report, case, grid in zip(reports, cases, grids, strict=True)
    ]
    linked, masters = await _linked(connection, new, followed)
    opening = Opening(masters, rules)
    opened = (
        Change(*each)
        for report, case, grid, links in zip(reports, cases, grids, linked, strict=True)
        for each in opening.open(case, grid, links, _on_spot(report), moment.caused_by(report.event_id))
    )
    filed = await file_cases(connection, opened, rules)
    await update_cases(connection, [Change(*each) for each in opening.changed()], rules)
    await file_cases(connection, [Change(*each) for each in opening.beside()], rules)
    await keep_suggestions(connection, zip((case.case_id for case in cases), linked, strict=True), moment.at)
    caused = {report.data.report_id: report.event_id for report in reports}
    for case in filed:
        once_committed(partial(_tell, case, caused[case.report_id]))


_DONE = HANDLED | {CaseState.CLOSED}


async def _linked(
    connection: Connection, new: Sequence[Candidate], followed: Sequence[UUID]
) -> tuple[list[Linked], dict[UUID, Case]]:
    """And the cases that reports join, locked: which of them are still worked is certain only then, and what was
    handled meanwhile is joined by nothing."""
    around = await look_around(connection, new)
    linked, handled = link_batch(new, around), frozenset[UUID]()

    async def found(locked: Mapping[UUID, Case]) -> set[UUID]:
        nonlocal linked, handled
        done = frozenset(case.case_id for case in locked.values() if case.state in _DONE)
        if done != handled:
            linked, handled = link_batch(new, with_handled(around, done)), done
        answering = await masters_of(connection, followed) if followed else {}
        return {*masters_among(linked), *answering.values()}

    masters = await lock_found(connection, found)
    return linked, masters


def _grids_of(cases: Sequence[Case], directory: Directory) -> list[str | None]:
    located = directory.locate([(case.place.lon, case.place.lat) for case in cases])
    return [grid_of(case.place, grid, directory) for case, grid in zip(cases, located, strict=True)]


def _on_spot(report: ReportEnvelope[ReportSubmitted]) -> OnSpot | None:
    done = report.data.on_spot
    return OnSpot(report.actor, ResolveOnSpotData.model_validate(done.model_dump())) if done else None


def _tell(case: Case, event_id: UUID) -> None:
    """`event_id` is the report's, which caused it."""
    if case.state is CaseState.REPORTED:
        log.info("case waits at the intake desk", case_id=case.case_id, event_id=event_id)
    if case.state is CaseState.MERGED:
        log.info("case merged", case_id=case.case_id, event_id=event_id, master=case.master)
    if case.dispatched_at is None:
        return
    CASES_DISPATCHED.labels(case.tier, case.urgency).inc()
    waited = (case.dispatched_at - case.reported_at).total_seconds()
    REPORT_TO_DISPATCH.observe(max(0.0, waited))  # intake's clock may be ahead of ours
    log.info(
        "case dispatched",
        case_id=case.case_id,
        event_id=event_id,
        unit=case.lead,
        category=case.category,
        urgency=case.urgency,
    )
