"""What intake hears back of its reports' cases: steps for the residents who ask, what is reported already, and
whom it concerns."""

from typing import Any

from contracts.envelope import CaseEnvelope
from contracts.events import FACTS
from delivery.channels.timing import Timetable
from delivery.database import Connection
from delivery.turns import take_turns
from services.intake import involved_store, matters_store, promises_store, store
from services.intake.outward import JOINS, STEP_AFTER
from services.intake.residents import handlers as residents
from services.intake.residents.due import ASKED, masters_among

HEARD = [FACTS[name] for name in dict.fromkeys((*STEP_AFTER, *JOINS, *ASKED, *involved_store.ALSO_SAID_BY))]


async def on_case_events(
    connection: Connection, events: list[CaseEnvelope[Any]], *, timetable: Timetable
) -> None:
    # the facts of a case and those of what is merged into it may be in batches of two replicas
    await take_turns(connection, {event.case_id for event in events} | masters_among(events))
    await store.add_progress(connection, events)
    await promises_store.keep(connection, events)
    await store.keep_joined(connection, events)
    await matters_store.keep(connection, events)
    await involved_store.keep(connection, events)
    await residents.on_case_events(connection, events, timetable=timetable)
