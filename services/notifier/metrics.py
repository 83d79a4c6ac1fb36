"""What the notifier counts."""

from collections.abc import Iterable, Mapping
from itertools import product
from typing import Any

from prometheus_client import Counter, Gauge, Histogram

from contracts.vocabulary import DeliveryStatus, Medium, NoticeStatus, Urgency
from services.notifier.store.by_status import OPEN

DELIVERIES = Counter("casegrid_deliveries", "Deliveries that ended", ["outcome"])
DELIVERY_SECONDS = Histogram(
    "casegrid_delivery_seconds",
    "From the event's recording to the subscriber's yes",
    buckets=(0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10, 60, 600, 3600, 86_400),
)
DELIVERIES_OPEN = Gauge("casegrid_deliveries_open", "Deliveries that have not ended", ["status"])
CIRCUITS_OPEN = Gauge("casegrid_circuits_open", "Active subscriptions whose target is only probed")
STREAM_CLIENTS = Gauge("casegrid_stream_clients", "Open server-sent streams")
NOTICES = Counter("casegrid_notices", "Notices to units that ended", ["medium", "urgency", "outcome"])
MAILS = Counter("casegrid_mails", "Lines mailed to subscribers that ended", ["kind", "outcome"])
NOTICE_WAIT = Gauge("casegrid_notice_wait_seconds", "Age of the oldest notice that is due", ["urgency"])

# a series that is born with its first count shows no increase
for status in DeliveryStatus:
    if status not in OPEN:
        DELIVERIES.labels(status)
for urgency, outcome in product(Urgency, NoticeStatus):
    if outcome not in OPEN:
        for medium in Medium:
            NOTICES.labels(medium, urgency, outcome)
for urgency in Urgency:
    NOTICES.labels("none", urgency, NoticeStatus.NO_CONTACT)
for kind, outcome in product(("event", "confirmation"), NoticeStatus):
    if outcome not in OPEN | {NoticeStatus.NO_CONTACT}:
        MAILS.labels(kind, outcome)


def count_notices(ended: Iterable[Mapping[str, Any]]) -> None:
    for row in ended:
        NOTICES.labels(row["medium"], row["urgency"], row["status"]).inc()


def count_mails(ended: Iterable[Mapping[str, Any]]) -> None:
    """What was stopped on its way and arrived all the same has ended twice, and counts as both."""
    for row in ended:
        MAILS.labels(row["kind"], row["status"]).inc()
