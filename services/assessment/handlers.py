"""What assessment does with the events of cases: note them, and draw up the assignments anew."""

from typing import Any

from contracts.envelope import CaseEnvelope
from delivery.database import Connection, once_committed
from services.assessment import store
from services.assessment.assignments import assignments
from services.assessment.cohort import outcome
from services.assessment.metrics import FINISHED


async def on_case_events(connection: Connection, events: list[CaseEnvelope[Any]]) -> None:
    await store.add_notes(connection, events)
    notes = await store.lock_notes(connection, {event.case_id for event in events})
    drawn_up = {case_id: assignments(said) for case_id, said in notes.items()}
    await store.replace_assignments(connection, drawn_up)
    for event in events:
        finished = drawn_up[event.case_id].get(event.data.said("round") or 0)
        if event.type == "case.handled" and finished is not None:
            once_committed(FINISHED.labels(outcome(finished, event.occurred_at)).inc)
