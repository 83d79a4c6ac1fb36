"""Each notice to a unit that ends is counted by how, also where it ends without having been tried."""

from collections.abc import Iterator
from contextlib import contextmanager

from uuid_utils.compat import uuid7

from contracts.facts.case import CaseSigned
from contracts.topics import CASES
from contracts.vocabulary import Urgency
from delivery.database import Database
from delivery.service import Service
from services.notifier.metrics import NOTICES
from tests.notifier.case_facts import a_dispatch, an_event
from tests.notifier.people_told import DAY, AtATime, a_contact, heard
from tests.taken_apart import taken_apart

Ended = dict[tuple[str, ...], float]


async def test_who_gave_no_contact_is_counted_once(database: Database) -> None:
    order = an_event(a_dispatch(co_handlers=(), copies=()), urgency=Urgency.URGENT, recorded_at=DAY)
    with _counted() as ended:
        await heard(database, order)
        await heard(database, order)
    assert ended == {("none", "urgent", "no-contact"): 1}


async def test_what_ends_in_a_batch_that_is_taken_apart_is_counted_once(notifier: Service) -> None:
    orders = [
        an_event(a_dispatch(lead=lead, co_handlers=(), copies=()), urgency=Urgency.URGENT, recorded_at=DAY)
        for lead in ("LIGHTS", "ROADS")
    ]
    await notifier.database.open()
    with _counted() as ended:
        await taken_apart(next(each for each in notifier.consumers if each.topic == CASES), *orders)
    await notifier.database.close()
    assert ended == {("none", "urgent", "no-contact"): 2}


async def test_what_a_signature_stops_is_counted_beside_what_was_sent(database: Database) -> None:
    await a_contact(database, "LIGHTS", phone="13900001111")
    order = an_event(a_dispatch(co_handlers=(), copies=()), urgency=Urgency.URGENT, recorded_at=DAY)
    with _counted() as ended:
        await heard(database, order)
        await AtATime(database).works()
        signed = CaseSigned(unit="LIGHTS", handler="p-1")
        await heard(database, an_event(signed, case_id=order.case_id, case_version=order.case_version + 1))
    assert ended == {
        (medium, "urgent", outcome): 1 for medium in ("app", "sms") for outcome in ("delivered", "stopped")
    }


async def test_what_a_newer_order_overtakes_is_counted(database: Database) -> None:
    await a_contact(database, "LIGHTS", phone="13900001111")
    case = {"case_id": uuid7(), "recorded_at": DAY, "urgency": Urgency.URGENT}
    with _counted() as ended:
        for version, lead in ((2, "LIGHTS"), (4, "ROADS")):
            order = a_dispatch(lead=lead, co_handlers=(), copies=())
            await heard(database, an_event(order, case_version=version, **case))
    assert ended == {
        ("app", "urgent", "stopped"): 1,
        ("sms", "urgent", "stopped"): 1,
        ("none", "urgent", "no-contact"): 1,
    }


def test_each_way_to_end_stands_at_nothing_before_it_happens() -> None:
    """Who watches for an increase would not see the first."""
    known = {(medium, outcome) for medium, _, outcome in _counts()}
    assert {("none", "no-contact"), ("call", "expired"), ("sms", "not-configured")} <= known
    assert not {outcome for _, outcome in known} & {"waiting", "sending", "temporary-failure"}


@contextmanager
def _counted() -> Iterator[Ended]:
    """What the metric grew by, by medium, urgency and outcome."""
    before, grown = _counts(), Ended()
    yield grown
    grown |= {key: count - before[key] for key, count in _counts().items() if count > before[key]}


def _counts() -> Ended:
    (metric,) = NOTICES.collect()
    return {
        (sample.labels["medium"], sample.labels["urgency"], sample.labels["outcome"]): sample.value
        for sample in metric.samples
        if sample.name.endswith("_total")
    }
