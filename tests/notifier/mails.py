"""Subscriptions by e-mail, and the letters they bring at a time that the test sets."""

from datetime import datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID

import httpx

from contracts.vocabulary import Urgency
from delivery.channels.timing import Timetable
from delivery.service import Service
from services.notifier.mail import reading
from services.notifier.mail.mailman import Mailman
from services.notifier.settings import Settings
from tests.notifier.case_facts import a_dispatch, an_event
from tests.notifier.people_told import DAY, STYLE, ZONE, Kept
from tests.notifier.subscribing import PATH

OUTSIDE = "https://notices.city.example"
ADDRESS = "duty@lights.example"


class Mails:
    """The mailman and the reader of the feed at a time that the test sets."""

    def __init__(self, service: Service, settings: Settings, client: httpx.AsyncClient) -> None:
        self.service, self.client, self.now, self.kept = service, client, DAY, Kept()
        self.read_on = partial(reading.advance, service.database, Timetable(ZONE))
        self.mailman = Mailman(service.database, settings, STYLE, now=lambda: self.now, chance=lambda: 0.5)

    async def brings(self, at: datetime | None = None) -> list[Any]:
        self.now = at or self.now
        while await self.read_on():
            pass
        while await self.mailman.turn(self.kept):
            await self.mailman.settle()
        found, self.kept.messages = self.kept.messages, []
        return found

    async def subscribe(self, headers: Any, *, confirmed: bool = True, **target: Any) -> UUID:
        body = {"name": "lights", "channel": "email", "target": {"address": ADDRESS} | target}
        answer = await self.client.post(PATH, json=body, headers=headers)
        assert answer.status_code == 201, answer.text
        await self.brings(datetime.now(ZONE) + timedelta(seconds=5))
        if confirmed:
            async with self.service.database.connection() as connection:
                token = await connection.fetchval(
                    "select confirm_token from mail_subscriptions order by created_at desc"
                )
            assert (await self.client.post(f"/v1/mail/confirm/{token}")).status_code == 200
        return UUID(answer.json()["id"])


def a_fact(fact: Any = None, **more: Any) -> Any:
    """Of which a letter tells at once."""
    return an_event(fact or a_dispatch(), **{"recorded_at": DAY, "urgency": Urgency.URGENT} | more)
