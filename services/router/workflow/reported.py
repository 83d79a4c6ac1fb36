"""The case that a report begins."""

from contracts.envelope import ReportEnvelope
from contracts.facts.report import ReportSubmitted
from contracts.vocabulary import Role
from services.router.workflow.case import Case


def new_case(report: ReportEnvelope[ReportSubmitted]) -> Case:
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
        attachments=said.attachments,
        received_by=None if report.actor.role is Role.RESIDENT else report.actor.unit,
    )
