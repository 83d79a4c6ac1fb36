"""Intake, put together."""

from contracts import topics
from contracts.events import FACTS
from delivery.service import Service
from services.intake import api
from services.intake.front_door import FrontDoor
from services.intake.handlers import on_case_events
from services.intake.outward import STEP_AFTER
from services.intake.settings import Settings


def create_service(settings: Settings) -> Service:
    service = Service("intake", settings, writes=[topics.REPORTS], routers=[api.front, api.router])
    service.app.state.front_door = FrontDoor(service.database)
    service.app.state.reporter_secret = settings.reporter_secret.get_secret_value().encode()
    service.consume(topics.CASES, on_case_events, [FACTS[name] for name in STEP_AFTER], every=0.1)
    return service
