"""Reports worked on a real database, several of the same matter too, and what is there afterwards."""

from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

import httpx
from uuid_utils.compat import uuid7

from contracts.envelope import SYSTEM, Actor, ReportEnvelope
from contracts.events import event_of
from delivery.service import Service
from services.router.cases.store import find_case
from services.router.handlers import on_report_events
from services.router.workflow.case import Case
from tests.router.builders import NOON, a_report


async def work(router: Service, *events: Any) -> None:
    async with router.database.transaction() as connection:
        await on_report_events(connection, list(events), router.app.state.rules)


async def filed(router: Service, **report: Any) -> str:
    """Of a report that has been worked, its case."""
    submitted = a_report(**report)
    await work(router, submitted)
    return str(submitted.case_id)


async def rows_of(router: Service, query: str, *values: Any) -> list[Any]:
    async with router.database.connection() as connection:
        return list(await connection.fetch(query, *values))


async def case_of(router: Service, case_id: UUID) -> Case:
    async with router.database.connection() as connection:
        case = await find_case(connection, case_id)
    assert case is not None
    return case


async def urgency_of(router: Service, case_id: UUID) -> str:
    """As lists are ordered by it."""
    (row,) = await rows_of(router, "select urgency from cases where case_id = $1", case_id)
    return str(row["urgency"])


def a_report_by(reporter: str | None, *, component_id: str | None = None, **more: Any) -> ReportEnvelope[Any]:
    report = a_report(**more)
    place = report.data.place.model_copy(update={"component_id": component_id})
    data = report.data.model_copy(update={"reporter_ref": reporter, "place": place})
    return report.model_copy(update={"data": data})


def follow_up(report: ReportEnvelope[Any], fact: Any, actor: Actor = SYSTEM) -> ReportEnvelope[Any]:
    ids = {"event_id": uuid7(), "correlation_id": report.correlation_id, "case_id": report.case_id}
    event = event_of(fact, occurred_at=NOON, recorded_at=NOON, actor=actor, **ids)
    assert isinstance(event, ReportEnvelope)
    return event


async def close(router: Service, case_id: UUID, at: datetime) -> None:
    """As the workflow leaves it, without the way there."""
    async with router.database.transaction() as connection:
        await connection.execute(
            """update cases set state = 'closed', wake_at = null, body = body || '{"state": "closed"}'
               where case_id = $1""",
            case_id,
        )
        await connection.execute(
            "insert into case_events values ($1, 99, $2, 'case.closed', $3, '{}')", case_id, uuid4(), at
        )


async def merge(http: httpx.AsyncClient, case_id: UUID, master: UUID) -> None:
    answer = await http.post(
        f"/v1/cases/{case_id}/commands/merge", json={"data": {"master_case_id": str(master)}}
    )
    assert answer.status_code == 200, answer.text
