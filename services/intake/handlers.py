"""What intake hears back of its reports' cases: steps for the residents who ask, and what is reported already."""

from typing import Any

from contracts.envelope import CaseEnvelope
from contracts.events import FACTS
from delivery.database import Connection
from services.intake import matters_store, store
from services.intake.outward import JOINS, STEP_AFTER

HEARD = [FACTS[name] for name in dict.fromkeys((*STEP_AFTER, *JOINS))]


async def on_case_events(connection: Connection, events: list[CaseEnvelope[Any]]) -> None:
    await store.add_progress(connection, events)
    await store.keep_joined(connection, events)
    await matters_store.keep(connection, events)
