"""Intake on a database of its own; what it announces stays in its outbox."""

from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime

import httpx
import pytest

from delivery.service import Service
from delivery.settings import ServiceSettings
from services.intake.app import create_service
from services.intake.settings import Settings
from tests.intake.residents_post import Post, next_noon


@pytest.fixture
async def intake(
    settings: ServiceSettings, create_database: Callable[[str], Awaitable[str]]
) -> AsyncIterator[Service]:
    await create_database("intake")
    service = create_service(Settings(**settings.model_dump(), reporter_secret="a secret of the test"))
    await service.database.open()
    yield service
    await service.database.close()


@pytest.fixture
async def http(intake: Service, token: Callable[..., str]) -> AsyncIterator[httpx.AsyncClient]:
    """An operator's client."""
    transport = httpx.ASGITransport(intake.app, raise_app_exceptions=False)
    headers = {"Authorization": f"Bearer {token('operator', sub='op-1')}"}
    async with httpx.AsyncClient(transport=transport, base_url="http://intake", headers=headers) as client:
        yield client


@pytest.fixture
def post(intake: Service, http: httpx.AsyncClient) -> Post:
    """Its courier, at the next noon: after what the door does, which goes by the real time, and in no quiet hour."""
    one = Post(intake, http)
    one.now = next_noon(datetime.now(UTC))
    return one
