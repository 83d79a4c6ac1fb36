"""Mail that hangs delays no reporter who is told by SMS."""

import asyncio
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from contracts.vocabulary import Medium
from delivery.channels import postman
from delivery.service import Service
from tests.delivery.hanging_mail import MailHangs
from tests.intake.residents_post import Post


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
