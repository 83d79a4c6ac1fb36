"""What the router does with reports: decide, remember, announce; a whole batch in one transaction."""

from collections.abc import Sequence
from typing import Any

from contracts.envelope import Message, ReportEnvelope
from contracts.events import messages_of
from contracts.facts.report import ReportSubmitted
from contracts.vocabulary import CaseState
from delivery.database import Connection
from delivery.logs import log
from services.router.cases import store
from services.router.current_rules import CurrentRules
from services.router.decision.routing import grid_of
from services.router.duplicates.candidates import candidate_of
from services.router.duplicates.handlers import keep_links, on_follow_ups
from services.router.duplicates.linking import link_batch
from services.router.duplicates.store import look_around
from services.router.metrics import CASES_DISPATCHED, REPORT_TO_DISPATCH
from services.router.workflow.case import Case
from services.router.workflow.lifecycle import CaseEvent, open_case


async def on_report_events(
    connection: Connection, events: list[ReportEnvelope[Any]], current: CurrentRules
) -> None:
    """A report comes before its follow-ups, so all reports of a batch may go first."""
    reports = [event for event in events if isinstance(event.data, ReportSubmitted)]
    follow_ups = [event for event in events if not isinstance(event.data, ReportSubmitted)]
    if reports:
        await on_reports(connection, reports, current)
    if follow_ups:
        await on_follow_ups(connection, follow_ups, current)


async def on_reports(
    connection: Connection, reports: list[ReportEnvelope[Any]], current: CurrentRules
) -> None:
    rules = await current.get(connection)
    moment = current.moment()  # one for the batch
    cases = [_new_case(report) for report in reports]
    located = rules.directory.locate([(case.place.lon, case.place.lat) for case in cases])
    grids = [grid_of(case.place, grid, rules.directory) for case, grid in zip(cases, located, strict=True)]
    new = [
        candidate_of(case, grid, rules.directory, rules.ruleset)
        for case, grid in zip(cases, grids, strict=True)
    ]
    linked = link_batch(new, await look_around(connection, new))
    opened = [
        open_case(case, grid, rules, moment.caused_by(report.event_id))
        for case, grid, report in zip(cases, grids, reports, strict=True)
    ]
    events = [event for _, said in opened for event in said]
    await store.file_cases(
        connection, [case for case, _ in opened], events, published(events), rules.directory
    )
    await keep_links(
        connection, list(zip((case.case_id for case in cases), linked, strict=True)), rules, moment
    )
    for case, _ in opened:
        _tell(case)


def published(events: Sequence[CaseEvent]) -> list[list[Message]]:
    """The records of each event."""
    return [messages_of("router", event) for event in events]


def _new_case(report: ReportEnvelope[ReportSubmitted]) -> Case:
    said = report.data
    return Case(
        case_id=report.case_id,
        report_id=said.report_id,
        correlation_id=report.correlation_id,
        channel=said.channel,
        reported_at=report.occurred_at,
        text=said.text,
        place=said.place,
        stated=said.facts,
        wanted_category=said.category,
        confidential=said.confidential,
        reporter_ref=said.reporter_ref,
    )


def _tell(case: Case) -> None:
    if case.state is not CaseState.DISPATCHED or case.dispatched_at is None:
        log.info("case waits at the intake desk", case_id=case.case_id)
        return
    CASES_DISPATCHED.labels(case.tier, case.urgency).inc()
    REPORT_TO_DISPATCH.observe((case.dispatched_at - case.reported_at).total_seconds())
    log.info(
        "case dispatched", case_id=case.case_id, unit=case.lead, category=case.category, urgency=case.urgency
    )
