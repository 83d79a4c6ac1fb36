"""Puts the notifier together."""

from functools import partial

from contracts import topics
from delivery.database import Database
from delivery.service import Service
from services.notifier import api, api_deliveries, api_stream
from services.notifier.deliverer import Deliverer
from services.notifier.handlers import CASE_FACTS, DIRECTORY_FACTS, on_case_events, on_directory_facts
from services.notifier.housekeeping import Housekeeper
from services.notifier.metrics import CIRCUITS_OPEN, DELIVERIES_OPEN
from services.notifier.replaying import Replayer
from services.notifier.settings import Settings
from services.notifier.store import circuits, delivery_log
from services.notifier.store.directory import KnownDirectory
from services.notifier.tail import Tail

_OPEN = ("created", "sending", "temporary-failure")


def create_service(settings: Settings) -> Service:
    service = Service(
        "notifier",
        settings,
        writes=[topics.NOTICES],
        routers=[api.router, api_deliveries.router, api_stream.router],
    )
    known = KnownDirectory()
    service.consume(topics.DIRECTORY, on_directory_facts, DIRECTORY_FACTS)
    service.consume(topics.CASES, partial(on_case_events, known=known), CASE_FACTS, every=0.02)
    deliverer = Deliverer(service.database, settings)
    tail = service.app.state.tail = Tail(service.database, known=known)
    service.after_commit(deliverer.wake)
    service.after_commit(tail.wake)
    service.run_alongside("deliveries", deliverer.run)
    service.run_alongside("stream", tail.run)
    service.run_alongside("replays", Replayer(service.database).run)
    service.run_alongside("housekeeping", Housekeeper(service.database, settings).run)
    service.measure(partial(_measure, service.database))
    return service


async def _measure(database: Database) -> None:
    async with database.connection() as connection:
        counts = await delivery_log.open_by_status(connection)
        CIRCUITS_OPEN.set(await circuits.open_ones(connection))
    for status in _OPEN:
        DELIVERIES_OPEN.labels(status).set(counts.get(status, 0))
