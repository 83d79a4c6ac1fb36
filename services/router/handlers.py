"""What the router does with reports: decide, remember, announce; a whole batch in one transaction."""

from contextlib import suppress
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
from services.router.workflow.commands.intake import ResolveOnSpotData
from services.router.workflow.lifecycle import CaseEvent, Incomplete, open_case
from services.router.workflow.situation import Around, Moment, OnSpot, Rules


async def on_reports(
    connection: Connection, reports: list[ReportEnvelope[Any]], current: CurrentRules
) -> None:
    rules = await current.get(connection)
    moment = current.moment()  # one for the batch
    cases = [_new_case(report) for report in reports]
    located = rules.directory.locate([(case.place.lon, case.place.lat) for case in cases])
    opened = [
        _open(report, case, grid, rules, moment)
        for case, grid, report in zip(cases, located, reports, strict=True)
    ]
    await file_cases(connection, [Change(case, events) for case, events in opened], rules)
    for case, _ in opened:
        _tell(case)


def _open(
    report: ReportEnvelope[ReportSubmitted], case: Case, located: str | None, rules: Rules, moment: Moment
) -> tuple[Case, list[CaseEvent]]:
    """What a grid worker has settled already is registered so; what his guard refuses goes the ordinary way; what
    nobody may lead waits at the intake desk."""
    grid, moment = grid_of(case.place, located, rules.directory), moment.caused_by(report.event_id)
    done = report.data.on_spot
    if done is not None:
        settled = OnSpot(report.actor, ResolveOnSpotData.model_validate(done.model_dump()))
        with suppress(Incomplete):
            return open_case(case, Around(grid=grid, on_spot=settled), rules, moment)
    with suppress(Incomplete):
        return open_case(case, Around(grid=grid), rules, moment)
    return open_case(case, Around(), rules, moment)


def _new_case(report: ReportEnvelope[ReportSubmitted]) -> Case:
    said = report.data
    return Case(
        case_id=report.case_id,
        report_id=said.report_id,
        correlation_id=report.correlation_id,
        channel=said.channel,
        reported_at=report.occurred_at,
        text=said.text,
        kind=said.kind,
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
