"""What a postman claims is sent before the lease passes, however slowly the other side answers."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import replace

import pytest
from uuid_utils.compat import uuid7

from contracts.vocabulary import Language, Medium
from delivery.channels import gateway, postman, smtp
from delivery.channels.channel import Answer, Channel, Outcome, OutwardMessage
from delivery.channels.postman import LEASE, SENDING, Postman
from delivery.channels.settings import ChannelSettings
from delivery.channels.smtp import SmtpChannel
from tests.mailbox import receiving_mail

MESSAGE = OutwardMessage(uuid7(), Medium.EMAIL, "duty@lights.example", Language.EN, "order", "sign it")


class Greedy(Postman[int]):
    """Has more to send than anybody could."""

    def __init__(self) -> None:
        super().__init__(ChannelSettings())
        self.most_claimed = 0
        self.recorded = 0

    async def claim(self, room: Mapping[Medium, int]) -> Sequence[int]:
        limit = room.get(Medium.EMAIL, 0)
        self.most_claimed = max(self.most_claimed, limit + len(self._under_way))
        return range(limit)

    def medium(self, claimed: int) -> Medium:
        return Medium.EMAIL

    def message(self, claimed: int, channel: Channel) -> OutwardMessage:
        return MESSAGE

    async def record(self, answered: Sequence[tuple[int, Answer | None]]) -> None:
        self.recorded += len(answered)


class Slow:
    """Answers when it is let."""

    def __init__(self) -> None:
        self.lets = asyncio.Event()
        self.asked = 0

    async def send(self, message: OutwardMessage) -> Answer:
        self.asked += 1
        await self.lets.wait()
        return Answer(Outcome.TAKEN)


async def test_nothing_is_claimed_that_would_wait_for_its_turn() -> None:
    one, channel = Greedy(), Slow()
    for _ in range(3):
        await one.turn(channel)
        await asyncio.sleep(0)
    assert (one.most_claimed, channel.asked) == (SENDING, SENDING)
    channel.lets.set()
    await one.settle()
    assert one.recorded == SENDING


def test_the_lease_is_well_beyond_what_any_channel_takes() -> None:
    longest = max(smtp.TIME_LIMIT, gateway.TIME_LIMIT)
    assert longest < postman._FINISH_SECONDS
    assert 3 * longest < LEASE.total_seconds()


async def sent_through(pauses: dict[str, float]) -> tuple[Answer, int]:
    async with receiving_mail() as box:
        box.pauses = pauses
        settings = ChannelSettings(smtp_host="127.0.0.1", smtp_port=box.port, smtp_security="none")
        answer = await SmtpChannel(settings).send(MESSAGE)
        return answer, len(box.mails)


async def test_the_time_limit_is_that_of_the_whole_message(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(smtp, "TIME_LIMIT", 0.6)
    answer, mails = await sent_through({"RCPT": 0.4, "DATA": 0.4})
    assert (answer, mails) == (Answer(Outcome.PASSING, error="TimeoutError"), 0)


async def test_a_mail_that_was_taken_is_not_sent_again_for_a_slow_farewell(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(smtp, "TIME_LIMIT", 0.6)
    monkeypatch.setattr(smtp, "_QUIT_SECONDS", 0.1)
    answer, mails = await sent_through({"QUIT": 5})
    assert (answer, mails) == (Answer(Outcome.TAKEN, 250), 1)


@pytest.mark.parametrize("breaks", ["\u2028", "\u2029", "\x85", "\r\n"])
async def test_a_subject_of_several_lines_is_sent_as_one(breaks: str) -> None:
    async with receiving_mail() as box:
        settings = ChannelSettings(smtp_host="127.0.0.1", smtp_port=box.port, smtp_security="none")
        answer = await SmtpChannel(settings).send(replace(MESSAGE, subject=f"new{breaks}order"))
    assert (answer.outcome, box.mails[0]["Subject"]) == (Outcome.TAKEN, "new order")
