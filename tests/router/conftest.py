"""The router on a database of its own, with the square district in force."""

from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import datetime
from typing import Any

import httpx
import pytest

from delivery.service import Service
from delivery.settings import ServiceSettings
from services.router.app import create_service
from services.router.current_rules import CurrentRules
from services.router.settings import Settings
from tests.router.builders import NOON, an_import


@pytest.fixture
async def router(
    settings: ServiceSettings, create_database: Callable[[str], Awaitable[str]]
) -> AsyncIterator[Service]:
    """On its database alone: what it announces stays in its outbox."""
    await create_database("router")
    service = create_service(Settings(**settings.model_dump()))
    await service.database.open()
    await service.app.state.rules.begin(service.database)
    yield service
    await service.database.close()


class Time:
    """A clock that the test turns."""

    def __init__(self) -> None:
        self.now = NOON

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def time() -> Time:
    return Time()


@pytest.fixture
def current(router: Service, time: Time) -> CurrentRules:
    """The router's rules, in that time."""
    rules = CurrentRules(Settings(**router.settings.model_dump()), time)
    router.app.state.rules = rules
    return rules


@pytest.fixture
def noon(router: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is that time: at night a dark street is more urgent by itself."""
    monkeypatch.setattr(router.app.state.rules, "_now", lambda: NOON)


@pytest.fixture
async def http(router: Service, token: Callable[..., str]) -> AsyncIterator[httpx.AsyncClient]:
    """An administrator's client; the directory is imported."""
    transport = httpx.ASGITransport(router.app, raise_app_exceptions=False)
    headers = {"Authorization": f"Bearer {token('admin', unit='UD')}"}
    async with httpx.AsyncClient(transport=transport, base_url="http://router", headers=headers) as client:
        answer = await client.post("/v1/directory/imports", json=an_import())
        assert answer.status_code == 201, answer.text
        yield client


@pytest.fixture
async def browser(router: Service, http: httpx.AsyncClient) -> AsyncIterator[httpx.AsyncClient]:
    """Somebody who has not signed in, reads English, and sends forms from our own pages."""
    transport = httpx.ASGITransport(router.app, raise_app_exceptions=False)
    headers = {"Sec-Fetch-Site": "same-origin", "Accept-Language": "en-GB,en;q=0.9,zh;q=0.5"}
    async with httpx.AsyncClient(transport=transport, base_url="https://router", headers=headers) as client:
        yield client


@pytest.fixture
def signed_in(browser: httpx.AsyncClient, token: Callable[..., str]) -> Callable[..., Any]:
    """`await signed_in("unit_lead", unit="UD111")`: the browser after the sign-in form."""

    async def sign_in(*roles: str, **claims: Any) -> httpx.AsyncClient:
        answer = await browser.post("/sign-in", data={"token": token(*roles, **claims), "next": "/"})
        assert (answer.status_code, answer.headers["location"]) == (303, "/"), answer.text
        return browser

    return sign_in
