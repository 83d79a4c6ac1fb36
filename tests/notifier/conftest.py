"""Fixtures of the notifier's tests."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress

import httpx
import pytest

from delivery.database import Database
from delivery.service import Service
from delivery.settings import ServiceSettings
from services.notifier.app import create_service
from services.notifier.deliverer import Deliverer
from services.notifier.settings import Settings
from tests.notifier.mails import OUTSIDE, Mails
from tests.notifier.receiver import Receiver, receiving
from tests.notifier.served import serving


@pytest.fixture
def notifier_settings(settings: ServiceSettings) -> Settings:
    return Settings(**settings.model_dump(), allow_private_targets=True)


@pytest.fixture
async def database(open_database: Callable[[str], Awaitable[Database]]) -> Database:
    return await open_database("notifier")


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    async with receiving() as one:
        yield one


@pytest.fixture
async def second_receiver() -> AsyncIterator[Receiver]:
    async with receiving() as one:
        yield one


@pytest.fixture
async def deliverer(database: Database, notifier_settings: Settings) -> AsyncIterator[Deliverer]:
    """The delivery loop at work, woken by commits as in the service."""
    one = Deliverer(database, notifier_settings)
    database.after_commit = one.wake
    task = asyncio.create_task(one.run())
    yield one
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task


@pytest.fixture
async def notifier(notifier_settings: Settings, create_database: Callable[[str], Awaitable[str]]) -> Service:
    """The service with its database, not started."""
    await create_database("notifier")
    return create_service(notifier_settings)


@pytest.fixture
async def client(notifier: Service) -> AsyncIterator[httpx.AsyncClient]:
    async with serving(notifier) as one:
        yield one


@pytest.fixture
def agency(token: Callable[..., str]) -> dict[str, str]:
    return {"Authorization": f"Bearer {token('agency', unit='LIGHTS', sub='p-lights')}"}


@pytest.fixture
def other_agency(token: Callable[..., str]) -> dict[str, str]:
    return {"Authorization": f"Bearer {token('agency', unit='WATER', sub='p-water')}"}


@pytest.fixture
def admin(token: Callable[..., str]) -> dict[str, str]:
    return {"Authorization": f"Bearer {token('admin', sub='p-admin')}"}


@pytest.fixture
def mail_settings(settings: ServiceSettings) -> Settings:
    return Settings(**settings.model_dump(), smtp_host="mail.example", mail_url=OUTSIDE)


@pytest.fixture
async def mails(
    mail_settings: Settings, create_database: Callable[[str], Awaitable[str]]
) -> AsyncIterator[Mails]:
    """The endpoints on a database; the loops are run by the test."""
    await create_database("notifier")
    service = create_service(mail_settings)
    await service.database.open()
    transport = httpx.ASGITransport(service.app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="https://notifier") as client:
        one = Mails(service, mail_settings, client)
        await one.brings()
        yield one
    await service.database.close()
