"""A way out on which mail hangs until the test lets it go, and everything else is taken."""

import asyncio

from contracts.vocabulary import Medium
from delivery.channels.channel import Answer, Outcome, OutwardMessage


class MailHangs:
    def __init__(self) -> None:
        self.lets = asyncio.Event()
        self.begun: list[Medium] = []

    async def send(self, message: OutwardMessage) -> Answer:
        self.begun.append(message.medium)
        if message.medium is Medium.EMAIL:
            await self.lets.wait()
        return Answer(Outcome.TAKEN, 250)
