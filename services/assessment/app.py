"""Assessment, put together."""

from functools import partial

from contracts import topics
from contracts.facts.directory import UnitDefined
from delivery.service import Service
from services.assessment import api, store, units_store
from services.assessment.assignments import READ
from services.assessment.handlers import on_case_events
from services.assessment.metrics import OPEN
from services.assessment.settings import Settings


def create_service(settings: Settings) -> Service:
    # the topic is there for those who wait for it; nothing is said on it so far
    service = Service("assessment", settings, writes={topics.ASSESSMENTS: ()}, routers=[api.router])
    service.consume(topics.CASES, on_case_events, READ, every=0.5)
    service.consume(topics.DIRECTORY, units_store.keep, [UnitDefined])
    service.measure("assignments", partial(_measure, service))
    return service


async def _measure(service: Service) -> None:
    async with service.database.connection() as connection:
        count, late = await store.count_open(connection)
    OPEN.labels("no").set(count - late)
    OPEN.labels("yes").set(late)
