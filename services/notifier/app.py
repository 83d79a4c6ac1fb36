"""Puts the notifier together."""

from collections.abc import Sequence
from datetime import UTC, datetime
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

from contracts import topics
from contracts.facts.notice import NoticeEnded, NoticeUnitTold
from contracts.vocabulary import DeliveryStatus, Urgency
from delivery.channels.timing import Timetable
from delivery.consumer import Handler
from delivery.database import Connection, Database
from delivery.idempotency import forgetting
from delivery.service import Service
from services.notifier import api, deliveries_api, stream_api, trial_api
from services.notifier.deliverer import Deliverer
from services.notifier.handlers import CASE_FACTS, DIRECTORY_FACTS, on_case_events, on_directory_facts
from services.notifier.housekeeping import keep_house
from services.notifier.mail import api as mail_api
from services.notifier.mail.mailman import Mailman
from services.notifier.mail.reading import go_on_reading
from services.notifier.metrics import CIRCUITS_OPEN, DELIVERIES_OPEN, NOTICE_WAIT
from services.notifier.pages import forms_api, pages_api
from services.notifier.pages.site import SITE
from services.notifier.people import api as people_api
from services.notifier.people import notices_store
from services.notifier.people.handlers import on_case_events as tell_people
from services.notifier.people.passing_on import go_on_passing_on
from services.notifier.people.teller import Teller
from services.notifier.people.telling import Defaults
from services.notifier.people.words import Style
from services.notifier.replaying import go_on_replaying
from services.notifier.settings import Settings
from services.notifier.store import circuits, delivery_log, restored
from services.notifier.store.by_status import OPEN
from services.notifier.store.directory import KnownDirectory
from services.notifier.tail import Tail


def create_service(settings: Settings) -> Service:
    service = Service(
        "notifier",
        settings,
        writes={topics.NOTICES: [NoticeEnded, NoticeUnitTold]},
        routers=[
            *(api.router, deliveries_api.router, stream_api.router, trial_api.router),
            *(people_api.router, mail_api.router),
            *(SITE.router, forms_api.router, pages_api.router),
        ],
    )
    known = service.app.state.known = KnownDirectory()
    service.consume(topics.DIRECTORY, on_directory_facts, DIRECTORY_FACTS)
    service.consume(topics.CASES, _working(settings, known), CASE_FACTS, every=0.02)
    deliverer = Deliverer(service.database, settings)
    tail = service.app.state.tail = Tail(service.database, known=known)
    service.after_commit(deliverer.wake)
    service.after_commit(tail.wake)
    service.before_start(partial(restored.number_anew, service.database))
    service.run_alongside("deliveries", deliverer.run)
    service.run_alongside("stream", tail.run)
    service.run_alongside("replays", partial(go_on_replaying, service.database))
    service.run_alongside("housekeeping", partial(keep_house, service.database, settings))
    service.run_alongside("first answers", forgetting(service.database))
    zone = ZoneInfo(settings.time_zone)
    style = Style(zone, settings.desk_url)
    teller = Teller(service.database, settings, style)
    service.run_alongside("notices", teller.run)
    passing_on = partial(go_on_passing_on, service.database, known, _defaults(settings))
    service.run_alongside("orders to units that are gone", passing_on)
    mailman = Mailman(service.database, settings, style)
    service.run_alongside("mail", mailman.run)
    service.run_alongside("mail of the feed", partial(go_on_reading, service.database, Timetable(zone)))
    service.measure("deliveries and notices", partial(_measure, service.database))
    return service


def _working(settings: Settings, known: KnownDirectory) -> Handler:
    """What a batch of facts means for subscribers and for people on duty, in one transaction."""
    defaults = _defaults(settings)

    async def work(connection: Connection, events: Sequence[Any]) -> None:
        await on_case_events(connection, events, known=known)
        await tell_people(connection, events, defaults=defaults)

    return work


def _defaults(settings: Settings) -> Defaults:
    return Defaults(Timetable(ZoneInfo(settings.time_zone)), settings.desk_unit)


async def _measure(database: Database) -> None:
    async with database.connection() as connection:
        counts = await delivery_log.open_by_status(connection)
        CIRCUITS_OPEN.set(await circuits.open_ones(connection))
    for status in OPEN & set(DeliveryStatus):
        DELIVERIES_OPEN.labels(status).set(counts.get(status, 0))
    async with database.connection() as connection:
        waits = await notices_store.waiting(connection, datetime.now(UTC))
    for urgency in Urgency:
        NOTICE_WAIT.labels(urgency).set(waits.get(urgency, 0.0))
