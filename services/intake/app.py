"""Intake, put together."""

from datetime import UTC, datetime
from functools import partial
from zoneinfo import ZoneInfo

from contracts import topics
from contracts.events import facts_on
from contracts.facts.directory import AreaDefined, UnitDefined
from contracts.facts.notice import NoticeReporterTold
from delivery.channels.timing import Timetable
from delivery.ledger import LANDED, settled_day
from delivery.service import Service
from services.intake import api, directory_store, follow_ups_api, similar_api, store
from services.intake.front_door import FrontDoor
from services.intake.handlers import HEARD, on_case_events
from services.intake.housekeeping import clear_vault
from services.intake.residents.courier import Courier
from services.intake.settings import Settings


def create_service(settings: Settings) -> Service:
    service = Service(
        "intake",
        settings,
        writes={topics.REPORTS: facts_on(topics.REPORTS), topics.NOTICES: [NoticeReporterTold]},
        routers=[api.front, similar_api.router, api.router, follow_ups_api.router],
    )
    service.app.state.front_door = FrontDoor(service.database)
    service.app.state.reporter_secret = settings.reporter_secret.get_secret_value().encode()
    zone = ZoneInfo(settings.time_zone)
    service.app.state.zone = zone
    by_day = Timetable(zone)
    service.consume(topics.CASES, partial(on_case_events, timetable=by_day), HEARD, every=0.5)
    service.consume(topics.DIRECTORY, directory_store.keep, [AreaDefined, UnitDefined])
    courier = Courier(service.database, settings, settings.status_url, zone)
    service.run_alongside("messages to reporters", courier.run)
    service.run_alongside("retention", partial(clear_vault, service.database, settings.vault_days))
    service.measure("reports", partial(_measure, service))
    return service


async def _measure(service: Service) -> None:
    async with service.database.connection() as connection:
        LANDED.labels("reports").set(await store.count_reports(connection, *settled_day(datetime.now(UTC))))
