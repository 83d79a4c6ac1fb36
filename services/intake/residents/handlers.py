"""What facts mean for reporters: messages written in the facts' own transaction."""

from collections.abc import Sequence
from typing import Any

from uuid_utils.compat import uuid7

from contracts.envelope import CaseEnvelope
from delivery.channels.timing import Timetable
from delivery.database import Connection
from services.intake.residents import residents_store
from services.intake.residents.due import (
    Kind,
    asked_about,
    messages_of,
    newest,
    reports_begun_anew,
    says_it_again,
)


async def on_case_events(
    connection: Connection, events: Sequence[CaseEnvelope[Any]], *, timetable: Timetable
) -> None:
    """Call it when the batch's merges are known."""
    reports = await residents_store.reachable(connection, {event.case_id for event in events})
    if not reports:
        return
    told = await residents_store.last_told(connection, [report.report_id for report in reports])
    cases = asked_about(events)
    standings = await residents_store.standings(connection, cases) if cases else {}
    due = newest(list(messages_of(events, reports, told, standings, timetable)))
    if due:
        moved = [message.report.report_id for message in due if message.kind is Kind.PROGRESS]
        await residents_store.supersede(connection, moved, reports_begun_anew(due))
        known = await residents_store.last_gone_out(connection, moved) if moved else {}
        new = [(uuid7(), message, says_it_again(message, known)) for message in due]
        await residents_store.add(connection, new)
