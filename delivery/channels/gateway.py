"""SMS, app and calls: each message is posted to one gateway, signed as our webhooks are."""

from datetime import UTC, datetime
from types import TracebackType

import aiohttp
import orjson
from standardwebhooks import Webhook

from delivery.channels.channel import Answer, Outcome, OutwardMessage
from delivery.channels.settings import ChannelSettings

TIME_LIMIT = 10.0
_PASSING = {408, 425, 429}


class GatewayChannel:
    """Posts `{id, medium, to, language, subject, text}`; 2xx means that the gateway answers for it from now on."""

    def __init__(self, settings: ChannelSettings) -> None:
        self._url = settings.gateway_url
        self._secret = settings.gateway_secret.get_secret_value()
        self._session = aiohttp.ClientSession(
            # the postman says how many are under way; waiting here would count as the gateway's slowness
            connector=aiohttp.TCPConnector(limit=0),
            timeout=aiohttp.ClientTimeout(total=TIME_LIMIT),
            cookie_jar=aiohttp.DummyCookieJar(),
            headers={"user-agent": "casegrid/1"},
        )

    async def __aenter__(self) -> "GatewayChannel":
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._session.close()

    async def send(self, message: OutwardMessage) -> Answer:
        body = _body(message)
        try:
            async with self._session.post(
                self._url,
                data=body,
                headers=_headers(message, body, self._secret, message.at or datetime.now(UTC)),
                allow_redirects=False,
            ) as response:
                return _answer(response.status, response.headers.get("retry-after"))
        except TimeoutError:
            return Answer(Outcome.PASSING, error="timeout")
        except (aiohttp.ClientError, OSError) as error:
            return Answer(Outcome.PASSING, error=type(error).__name__)


def _body(message: OutwardMessage) -> bytes:
    return orjson.dumps(
        {
            "id": str(message.id),
            "medium": message.medium,
            "to": message.address,
            "language": message.language,
            "subject": message.subject,
            "text": message.text,
        }
    )


def _headers(message: OutwardMessage, body: bytes, secret: str, at: datetime) -> dict[str, str]:
    name = f"msg_{message.id.hex}"
    return {
        "content-type": "application/json",
        "webhook-id": name,
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": Webhook(secret).sign(name, at, body.decode()),
    }


def _answer(status: int, retry_after: str | None) -> Answer:
    if 200 <= status < 300:
        return Answer(Outcome.TAKEN, code=status)
    if status in _PASSING or status >= 500:
        asked = (
            float(retry_after) if retry_after and retry_after.isascii() and retry_after.isdigit() else None
        )
        return Answer(Outcome.PASSING, code=status, retry_after=asked)
    return Answer(Outcome.LASTING, code=status)
