"""A letter that could not be sent comes again as the same letter; an address that left is not sent to again."""

from datetime import timedelta
from itertools import cycle
from typing import Any

from contracts.vocabulary import Urgency
from delivery.channels.channel import Answer, Outcome, OutwardMessage
from tests.notifier.mails import OUTSIDE, Mails, a_fact
from tests.notifier.rows import happened

AWAY = Answer(Outcome.PASSING, 421)


def told(message: OutwardMessage) -> tuple[Any, str, str]:
    return message.id, message.subject, message.text


async def test_a_letter_that_is_sent_again_is_the_same_letter(mails: Mails, agency: Any) -> None:
    await mails.subscribe(agency)
    chances = cycle([0.0, 0.99, 0.5])
    mails.mailman._chance = lambda: next(chances)
    await happened(mails.service.database, [a_fact(recorded_at=mails.now) for _ in range(3)])
    mails.kept.plan = [AWAY] * 2
    sent = await mails.brings()
    for _ in range(100):
        sent += await mails.brings(mails.now + timedelta(seconds=0.1))
    assert [told(message) for message in sent] == [told(sent[0])] * 3


async def test_a_letter_comes_again_whole_though_some_of_it_is_two_days_old(
    mails: Mails, agency: Any
) -> None:
    """The service was away so long; the first attempt fails."""
    await mails.subscribe(agency)
    before = mails.now
    for at in (before, before + timedelta(hours=40)):
        await happened(mails.service.database, [a_fact(recorded_at=at)])
    mails.kept.plan = [AWAY]
    sent = await mails.brings(before + timedelta(hours=49))
    sent += await mails.brings(mails.now + timedelta(minutes=1))
    assert [told(message) for message in sent] == [told(sent[0])] * 2


async def test_what_came_since_is_a_letter_of_its_own(mails: Mails, agency: Any) -> None:
    """Whoever got the first, though we did not hear so, may drop what comes under its id."""
    await mails.subscribe(agency)
    mails.kept.plan = [AWAY]
    await happened(mails.service.database, [a_fact(recorded_at=mails.now)])
    (first,) = await mails.brings()
    for urgency in (Urgency.CRITICAL, Urgency.URGENT):
        await happened(mails.service.database, [a_fact(recorded_at=mails.now, urgency=urgency)])
    sent = await mails.brings(mails.now + timedelta(minutes=1))
    assert len(sent) == 2
    assert told(first) in [told(message) for message in sent]


async def test_who_has_left_is_brought_back_by_himself_alone(mails: Mails, agency: Any) -> None:
    subscription = await mails.subscribe(agency)
    await happened(mails.service.database, [a_fact()])
    (message,) = await mails.brings()
    where = f"/v1/subscriptions/{subscription}"
    await mails.client.post(message.unsubscribe.removeprefix(OUTSIDE))
    for status in ("active", "paused"):
        refused = await mails.client.patch(where, json={"status": status}, headers=agency)
        assert refused.status_code == 409, refused.text
    renamed = await mails.client.patch(where, json={"name": "lamps"}, headers=agency)
    assert (renamed.status_code, renamed.json()["status"]) == (200, "disabled")
    other = {"target": {"address": "other@lights.example"}}
    moved = await mails.client.patch(where, json=other, headers=agency)
    assert (moved.status_code, moved.json()["status"], moved.json()["confirmed_at"]) == (200, "active", None)
