"""Intake, put together."""

from contracts import topics
from delivery.service import Service
from services.intake import api, follow_ups_api, similar_api
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
    return service
