"""What assessment does with the events of cases: note them, and draw up the assignments anew."""

from collections.abc import Collection
from typing import Any
from uuid import UUID

from contracts.envelope import CaseEnvelope
from delivery.database import Connection, once_committed
from services.assessment import store
from services.assessment.assignments import assignments
from services.assessment.cohort import Assignment, outcome
from services.assessment.metrics import FINISHED


async def on_case_events(connection: Connection, events: list[CaseEnvelope[Any]]) -> None:
    await store.add_notes(connection, events)
    drawn_up = await draw_up(connection, {event.case_id for event in events})
    for event in events:
        finished = drawn_up[event.case_id].get(event.data.said("round") or 0)
        if event.type == "case.handled" and finished is not None:
            once_committed(FINISHED.labels(outcome(finished, event.occurred_at)).inc)


async def draw_up(connection: Connection, case_ids: Collection[UUID]) -> dict[UUID, dict[int, Assignment]]:
    """The assignments of the cases by round, as all that is noted of them makes them; kept."""
    notes = await store.lock_notes(connection, case_ids)
    drawn_up = {case_id: assignments(said) for case_id, said in notes.items()}
    await store.replace_assignments(connection, drawn_up)
    return drawn_up
