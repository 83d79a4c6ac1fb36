"""Two replicas on hosts whose clocks differ by more than a lease lasts: nobody is told twice what is on its way."""

from datetime import UTC, datetime, timedelta

import pytest

from contracts.vocabulary import Urgency
from delivery.channels.settings import ChannelSettings
from delivery.database import Database
from services.notifier.people import teller
from services.notifier.people.teller import Teller
from tests.notifier.case_facts import a_dispatch, an_event
from tests.notifier.people_told import STYLE, Kept, a_contact, clock_ahead, heard


@pytest.mark.parametrize(("claims", "looks"), [(0, 5), (-5, 0)])
async def test_what_one_replica_sends_the_other_does_not(
    database: Database, monkeypatch: pytest.MonkeyPatch, claims: int, looks: int
) -> None:
    an_hour_ago = datetime.now(UTC) - timedelta(hours=1)
    await a_contact(database, "LIGHTS")
    order = a_dispatch(lead="LIGHTS", co_handlers=(), copies=())
    await heard(database, an_event(order, urgency=Urgency.CRITICAL, recorded_at=an_hour_ago))
    begun = []
    for minutes in (claims, looks):
        monkeypatch.setattr(teller, "datetime", clock_ahead(minutes))
        begun.append(await Teller(database, ChannelSettings(), STYLE).turn(Kept()))
    first, second = begun
    assert first
    assert not second
