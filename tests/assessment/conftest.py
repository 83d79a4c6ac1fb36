"""Assessment on a database of its own."""

from collections.abc import AsyncIterator, Awaitable, Callable

import httpx
import pytest

from delivery.service import Service
from delivery.settings import ServiceSettings
from services.assessment.app import create_service
from services.assessment.settings import Settings


@pytest.fixture
async def assessment(
    settings: ServiceSettings, create_database: Callable[[str], Awaitable[str]]
) -> AsyncIterator[Service]:
    await create_database("assessment")
    service = create_service(Settings(**settings.model_dump()))
    await service.database.open()
    yield service
    await service.database.close()


@pytest.fixture
async def http(assessment: Service, token: Callable[..., str]) -> AsyncIterator[httpx.AsyncClient]:
    """A supervisor's client."""
    transport = httpx.ASGITransport(assessment.app, raise_app_exceptions=False)
    headers = {"Authorization": f"Bearer {token('supervisor')}"}
    async with httpx.AsyncClient(
        transport=transport, base_url="http://assessment", headers=headers
    ) as client:
        yield client
