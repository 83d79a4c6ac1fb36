"""The ways out that are configured, opened together; what goes another way is answered as not configured."""

from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager

from contracts.vocabulary import Medium
from delivery.channels.channel import Answer, Channel, Outcome, OutwardMessage
from delivery.channels.gateway import GatewayChannel
from delivery.channels.settings import ChannelSettings
from delivery.channels.smtp import SmtpChannel

NOT_CONFIGURED = Answer(Outcome.NOT_CONFIGURED)
_OF_GATEWAY = (Medium.SMS, Medium.APP, Medium.CALL)


class Channels:
    """Itself a channel: sends each message by the way of its medium."""

    def __init__(self, ways: Mapping[Medium, Channel]) -> None:
        self._ways = ways

    def has(self, medium: Medium) -> bool:
        return medium in self._ways

    async def send(self, message: OutwardMessage) -> Answer:
        way = self._ways.get(message.medium)
        return NOT_CONFIGURED if way is None else await way.send(message)


@asynccontextmanager
async def open_channels(settings: ChannelSettings) -> AsyncIterator[Channels]:
    ways: dict[Medium, Channel] = {}
    async with AsyncExitStack() as stack:
        if settings.smtp_host:
            ways[Medium.EMAIL] = SmtpChannel(settings)
        if settings.gateway_url:
            gateway = await stack.enter_async_context(GatewayChannel(settings))
            ways |= dict.fromkeys(_OF_GATEWAY, gateway)
        yield Channels(ways)
