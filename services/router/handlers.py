"""What the router does with reports: decide, remember, announce; a whole batch in one transaction."""

from typing import Any

from contracts.envelope import ReportEnvelope
from contracts.facts.report import ReportSubmitted
from contracts.vocabulary import CaseState
from delivery.database import Connection
from delivery.logs import log
from services.router.cases.saving_store import Change, file_cases
from services.router.current_rules import CurrentRules
from services.router.decision.routing import grid_of
from services.router.metrics import CASES_DISPATCHED, REPORT_TO_DISPATCH
from services.router.workflow.case import Case
from services.router.workflow.lifecycle import open_case
from services.router.workflow.situation import Around, Rules


async def on_reports(
    connection: Connection, reports: list[ReportEnvelope[Any]], current: CurrentRules
) -> None:
    rules = await current.get(connection)
    moment = current.moment()  # one for the batch
    cases = [_new_case(report) for report in reports]
    located = rules.directory.locate([(case.place.lon, case.place.lat) for case in cases])
    opened = [
        open_case(case, _around(case, grid, rules), rules, moment.caused_by(report.event_id))
        for case, grid, report in zip(cases, located, reports, strict=True)
    ]
    await file_cases(connection, [Change(case, events) for case, events in opened], rules)
    for case, _ in opened:
        _tell(case)


def _around(case: Case, located: str | None, rules: Rules) -> Around:
    return Around(grid=grid_of(case.place, located, rules.directory))


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
    if case.state is CaseState.REPORTED:
        log.info("case waits at the intake desk", case_id=case.case_id)
    if case.dispatched_at is None:
        return
    CASES_DISPATCHED.labels(case.tier, case.urgency).inc()
    REPORT_TO_DISPATCH.observe((case.dispatched_at - case.reported_at).total_seconds())
    log.info(
        "case dispatched", case_id=case.case_id, unit=case.lead, category=case.category, urgency=case.urgency
    )
