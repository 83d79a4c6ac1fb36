"""Mail that hangs delays no reporter who is told by SMS."""

import asyncio
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from contracts.vocabulary import Medium
from delivery.channels import postman
from delivery.channels.channel import Answer, Outcome, OutwardMessage
from delivery.service import Service
from tests.intake.residents_post import Post


class MailHangs:
    def __init__(self) -> None:
        self.lets = asyncio.Event()
        self.begun: list[Medium] = []

    async def send(self, message: OutwardMessage) -> Answer:
        self.begun.append(message.medium)
        if message.medium is Medium.EMAIL:
            await self.lets.wait()
        return Answer(Outcome.TAKEN, 250)


async def test_reporters_are_texted_while_mail_hangs(
    intake: Service, http: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postman, "SENDING", 2)
    post, channel = Post(intake, http), MailHangs()
    post.now = datetime.now(UTC) + timedelta(seconds=5)
    for number in range(3):
        await post.report({"email": f"p{number}@example.org"})
    await post.report()
    await post.courier.turn(channel)
    await asyncio.sleep(0)
    assert sorted(channel.begun) == [Medium.EMAIL, Medium.EMAIL, Medium.SMS]
    channel.lets.set()
    await post.courier.settle()
    assert await post.courier.turn(channel) == 1, "the third mail"
    await post.courier.settle()
