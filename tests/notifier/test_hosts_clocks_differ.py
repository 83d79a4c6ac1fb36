"""A host whose clock is minutes off: nobody is told twice what is on its way, and nobody misses what it signs."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from standardwebhooks.webhooks import Webhook, WebhookVerificationError
from uuid_utils.compat import uuid7

from contracts.vocabulary import Urgency
from delivery.channels import gateway
from delivery.channels.opened import open_channels
from delivery.channels.settings import ChannelSettings
from delivery.database import Database
from services.notifier.deliverer import Deliverer
from services.notifier.people import teller
from services.notifier.people.teller import Teller
from services.notifier.retry import Answer
from services.notifier.settings import Settings
from tests.clocks import clock_ahead
from tests.gateway import SECRET as GATEWAY_SECRET
from tests.gateway import a_gateway
from tests.notifier.case_facts import a_dispatch, a_story, an_event
from tests.notifier.people_told import STYLE, Kept, a_contact, heard
from tests.notifier.rows import SECRET, a_subscription, happened


@pytest.mark.parametrize(("claims", "looks"), [(0, 5), (-5, 0)])
async def test_what_one_replica_sends_the_other_does_not(
    database: Database, monkeypatch: pytest.MonkeyPatch, claims: int, looks: int
) -> None:
    await ordered(database)
    begun = []
    for minutes in (claims, looks):
        monkeypatch.setattr(teller, "datetime", clock_ahead(minutes))
        begun.append(await Teller(database, ChannelSettings(), STYLE).turn(Kept()))
    first, second = begun
    assert first
    assert not second


async def test_a_receiver_takes_what_a_host_minutes_off_has_signed(
    database: Database, notifier_settings: Settings
) -> None:
    """Standard Webhooks bids it refuse what was signed more than five minutes away, and a refusal ends a delivery."""
    await a_subscription(database)
    await happened(database, a_story(uuid7(), a_dispatch()))
    ahead = Deliverer(database, notifier_settings, now=lambda: datetime.now(UTC) + timedelta(minutes=10))
    receiver = Verifying()
    await ahead._claim(receiver)  # type: ignore[arg-type]  # all of a channel that is used
    await asyncio.gather(*ahead._under_way)
    assert receiver.taken


async def test_nor_does_the_gateway_refuse_it(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    await ordered(database)
    monkeypatch.setattr(gateway, "datetime", clock_ahead(10))
    async with a_gateway() as theirs:
        settings = ChannelSettings(gateway_url=theirs.url, gateway_secret=GATEWAY_SECRET)
        one = Teller(database, settings, STYLE)
        async with open_channels(settings) as channel:
            await one.turn(channel)
            await one.settle()
        assert theirs.posted


async def ordered(database: Database) -> None:
    an_hour_ago = datetime.now(UTC) - timedelta(hours=1)
    await a_contact(database, "LIGHTS")
    order = a_dispatch(lead="LIGHTS", co_handlers=(), copies=())
    await heard(database, an_event(order, urgency=Urgency.CRITICAL, recorded_at=an_hour_ago))


class Verifying:
    """A way out to one target that asks whether what comes was signed just now."""

    def __init__(self) -> None:
        self.taken: list[Any] = []

    async def post(self, target: str, body: bytes, headers: dict[str, str]) -> Answer:
        try:
            self.taken.append(Webhook(SECRET).verify(body, headers))
        except WebhookVerificationError:
            return Answer(400)
        return Answer(204)
