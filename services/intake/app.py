"""Intake, put together."""

from datetime import UTC, datetime
from functools import partial

from contracts import topics
from delivery.ledger import LANDED, settled_day
from delivery.service import Service
from services.intake import api, follow_ups_api, similar_api, store
from services.intake.front_door import FrontDoor
from services.intake.handlers import HEARD, on_case_events
from services.intake.settings import Settings


def create_service(settings: Settings) -> Service:
    service = Service(
        "intake",
        settings,
        writes=[topics.REPORTS],
        routers=[api.front, similar_api.router, api.router, follow_ups_api.router],
    )
    service.app.state.front_door = FrontDoor(service.database)
    service.app.state.reporter_secret = settings.reporter_secret.get_secret_value().encode()
    service.consume(topics.CASES, on_case_events, HEARD, every=0.1)
    service.measure(partial(_measure, service))
    return service


async def _measure(service: Service) -> None:
    async with service.database.connection() as connection:
        LANDED.labels("reports").set(await store.count_reports(connection, *settled_day(datetime.now(UTC))))
