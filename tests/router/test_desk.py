"""The desk as a browser without a screen meets it: signing in, the queue, a case, commands by forms."""

import re
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import httpx
import pytest

from contracts.facts.report import ReportedFacts
from delivery.service import Service
from services.router.handlers import on_reports
from tests.router.builders import a_report

OURS = {"Sec-Fetch-Site": "same-origin"}


async def _file(router: Service, **report: Any) -> str:
    submitted = a_report(**{"at": datetime.now(UTC)} | report)
    async with router.database.transaction() as connection:
        await on_reports(connection, [submitted], router.app.state.rules)
    return str(submitted.case_id)


SignedIn = Callable[..., Any]


@pytest.fixture
async def browser(router: Service, http: httpx.AsyncClient) -> AsyncIterator[httpx.AsyncClient]:
    """Somebody who has not signed in, and who takes forms from our own pages."""
    transport = httpx.ASGITransport(router.app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://router", headers=OURS) as client:
        yield client


@pytest.fixture
def signed_in(browser: httpx.AsyncClient, token: Callable[..., str]) -> SignedIn:
    """`await signed_in("unit_lead", unit="UD111")`: the browser after the sign-in form."""

    async def sign_in(*roles: str, **claims: Any) -> httpx.AsyncClient:
        answer = await browser.post("/sign-in", data={"token": token(*roles, **claims), "next": "/"})
        assert (answer.status_code, answer.headers["location"]) == (303, "/"), answer.text
        return browser

    return sign_in


async def test_signing_in_gives_a_cookie_that_scripts_and_other_sites_cannot_use(
    browser: httpx.AsyncClient, token: Callable[..., str]
) -> None:
    assert (await browser.get("/")).status_code == 401
    answer = await browser.post(
        "/sign-in", data={"token": f" {token('unit_lead', unit='UD11')}\n", "next": "/"}
    )
    cookie = answer.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=strict" in cookie
    assert (await browser.get("/")).status_code == 200


async def test_the_queue_is_in_order(router: Service, signed_in: SignedIn) -> None:
    for facts in ({}, {"trapped": 1}, {"injured": 1}):
        await _file(router, category="E01-01", facts=ReportedFacts(**facts))
    page = (await (await signed_in("admin")).get("/?lang=en")).text
    assert re.findall(r'<tr role="row" class="(\w+)"', page) == ["critical", "urgent", "general"]
    assert "<strong>3</strong> Open" in page
    assert "<strong>2</strong> Urgent or critical" in page


async def test_a_case_page(router: Service, signed_in: SignedIn) -> None:
    case = await _file(router)
    answer = await (await signed_in("admin")).get(f"/cases/{case}?lang=en")
    assert answer.status_code == 200, answer.text
    assert "路灯不亮" in answer.text
    assert (await (await signed_in("admin")).get(f"/cases/{uuid4()}")).status_code == 404
