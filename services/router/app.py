"""The router, put together."""

from functools import partial

from contracts import topics
from contracts.facts.report import ReportFeedbackGiven, ReportReminded, ReportSubmitted, ReportWithdrawn
from contracts.vocabulary import Tier, Urgency
from delivery.service import Service
from services.router.cases import api, store
from services.router.current_rules import CurrentRules
from services.router.directory import api as directory_api
from services.router.duplicates import api as duplicates_api
from services.router.handlers import on_report_events
from services.router.metrics import OLDEST_UNDISPATCHED, OPEN_CASES
from services.router.settings import Settings

_REPORTED = (ReportSubmitted, ReportReminded, ReportWithdrawn, ReportFeedbackGiven)
_DIRECTORY_BYTES = 64 * 1024 * 1024


def create_service(settings: Settings) -> Service:
    service = Service(
        "router",
        settings,
        writes=[topics.CASES, *topics.DISPATCH.values(), topics.DIRECTORY],
        routers=[api.router, duplicates_api.router, directory_api.router],
        large_bodies={"/v1/directory/imports": _DIRECTORY_BYTES},
    )
    rules = service.app.state.rules = CurrentRules(settings)
    # at once: the rounds of intake's relay have gathered the reports already
    service.consume(topics.REPORTS, partial(on_report_events, current=rules), _REPORTED, every=0)
    service.measure(partial(_measure, service))
    return service


async def _measure(service: Service) -> None:
    async with service.database.connection() as connection:
        counts = await store.open_cases(connection)
        OLDEST_UNDISPATCHED.set(await store.oldest_undispatched(connection))
    for tier in Tier:
        for urgency in Urgency:
            OPEN_CASES.labels(tier, urgency).set(0)
    for led_by, level, count in counts:
        OPEN_CASES.labels(led_by, level).set(count)
