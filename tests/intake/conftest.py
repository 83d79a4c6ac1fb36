"""Intake on a database of its own; what it announces stays in its outbox."""

from collections.abc import AsyncIterator, Awaitable, Callable

import httpx
import pytest

from delivery.service import Service
from delivery.settings import ServiceSettings
from services.intake.app import create_service
from services.intake.settings import Settings


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
