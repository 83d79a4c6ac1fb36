"""What intake hears back: the steps of cases, for the residents who ask."""

from typing import Any

from contracts.envelope import CaseEnvelope
from delivery.database import Connection
from services.intake import store


async def on_case_events(connection: Connection, events: list[CaseEnvelope[Any]]) -> None:
    await store.add_progress(connection, events)
