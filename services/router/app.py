"""The router, put together."""

from datetime import UTC, datetime
from functools import partial

from contracts import topics
from contracts.events import facts_on
from contracts.facts.report import ReportFeedbackGiven, ReportReminded, ReportSubmitted, ReportWithdrawn
from contracts.vocabulary import Tier, Urgency
from delivery.idempotency import forgetting
from delivery.ledger import LANDED, settled_day
from delivery.service import Service
from services.router.cases import api, bulletins_api, store
from services.router.cases.settling import settle_cases
from services.router.cases.timers import run_timers
from services.router.clocks import api as clocks_api
from services.router.current_rules import CurrentRules
from services.router.decision import api as decision_api
from services.router.desk import api as desk_api
from services.router.directory import api as directory_api
from services.router.duplicates import api as duplicates_api
from services.router.handlers import on_report_events
from services.router.metrics import OLDEST_UNDISPATCHED, OPEN_CASES, UNACCOUNTED, UNACCOUNTED_OLDEST
from services.router.rulesets import api as rulesets_api
from services.router.settings import Settings
from services.router.simulation import api as simulation_api
from services.router.weather import api as weather_api
from services.router.weather.heeding import heed_warnings

_REPORTED = (ReportSubmitted, ReportReminded, ReportWithdrawn, ReportFeedbackGiven)
_DIRECTORY_BYTES = 64 * 1024 * 1024
_RULESET_BYTES = 8 * 1024 * 1024


def create_service(settings: Settings) -> Service:
    service = Service(
        "router",
        settings,
        writes={
            topic: facts_on(topic) for topic in (topics.CASES, *topics.DISPATCH.values(), topics.DIRECTORY)
        },
        routers=[
            *(api.router, duplicates_api.router, decision_api.router, directory_api.router, desk_api.router),
            *(rulesets_api.router, simulation_api.router, clocks_api.router, weather_api.router),
            bulletins_api.router,
        ],
        large_bodies={"/v1/directory/imports": _DIRECTORY_BYTES, "/v1/rulesets": _RULESET_BYTES},
    )
    rules = service.app.state.rules = CurrentRules(settings)
    service.before_start(partial(rules.begin, service.database))
    # at once: the rounds of intake's relay have gathered the reports already
    reports = service.consume(topics.REPORTS, partial(on_report_events, current=rules), _REPORTED, every=0)
    if settings.overtakes:
        service.consume_ahead(reports, rules.cannot_wait)
    service.run_alongside("timers", partial(run_timers, service, rules))
    service.run_alongside("first answers", forgetting(service.database))
    service.run_alongside("new directories", partial(settle_cases, service, rules))
    service.run_alongside("weather", partial(heed_warnings, service, rules))
    service.measure("cases", partial(_measure, service, rules))
    return service


async def _measure(service: Service, rules: CurrentRules) -> None:
    async with service.database.connection() as connection:
        counts = await store.open_cases(connection)
        OLDEST_UNDISPATCHED.set(await store.oldest_undispatched(connection))
        LANDED.labels("cases").set(await store.count_cases(connection, *settled_day(datetime.now(UTC))))
        now = rules.moment().at
        for row in await store.unaccounted(connection, now):
            UNACCOUNTED.labels(row.what).set(row.count)
            UNACCOUNTED_OLDEST.labels(row.what).set((now - row.oldest).total_seconds() if row.oldest else 0)
    for tier in Tier:
        for urgency in Urgency:
            OPEN_CASES.labels(tier, urgency).set(0)
    for led_by, level, count in counts:
        OPEN_CASES.labels(led_by, level).set(count)
