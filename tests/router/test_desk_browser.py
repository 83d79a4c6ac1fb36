"""The desk in a real browser: what a duty person does with it, on a wide screen and on a phone."""

import asyncio
import re
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime

import httpx
import pytest
import uvicorn
from playwright.async_api import Browser

from contracts.facts.report import ReportedFacts
from delivery.service import Service
from deploy.local.ports import free_port
from services.router.handlers import on_reports
from tests.browsing import LONG_WORD, Watched, needs_chromium
from tests.page_rules import CONTRASTS
from tests.router.builders import a_report

pytestmark = needs_chromium


@pytest.fixture
async def desk(router: Service, http: httpx.AsyncClient) -> AsyncIterator[str]:
    """The router's address on a port of loopback; two cases are filed."""
    reports = [
        a_report(category="E01-01", at=datetime.now(UTC), text=f"路灯不亮 {LONG_WORD}", facts=facts)
        for facts in (ReportedFacts(), ReportedFacts(trapped=1))
    ]
    async with router.database.transaction() as connection:
        await on_reports(connection, reports, router.app.state.rules)
    port = free_port()
    server = uvicorn.Server(uvicorn.Config(router.app, port=port, log_level="warning", lifespan="off"))
    serving = asyncio.create_task(server.serve())
    while not server.started:
        await asyncio.sleep(0.01)
    yield f"http://127.0.0.1:{port}"
    server.should_exit = True
    await serving


class AtTheDesk(Watched):
    async def sign_in(self, desk: str, token: str, *, lang: str = "en") -> None:
        await self.page.goto(f"{desk}/sign-in?lang={lang}")
        await self.page.locator("#token").fill(token)
        await self.page.locator("main button").click()
        await self.page.wait_for_url(re.compile(r"/$"))


async def test_a_duty_person_signs_a_case_and_sees_it_in_the_history(
    desk: str, chromium: Browser, token: Callable[..., str]
) -> None:
    watched = AtTheDesk(page := await chromium.new_page())
    await watched.sign_in(desk, token("unit_lead", unit="UD111"))
    first = page.get_by_role("row").nth(1)
    assert "Critical" in await first.inner_text()
    await first.get_by_role("link").click()
    await page.get_by_role("button", name="Sign", exact=True).click()
    assert "Done: Sign" in await page.get_by_role("status").inner_text()
    assert "Signed" in await page.locator(".history li").first.inner_text()
    assert "Being handled" in await page.locator(".tags").inner_text()
    assert await page.locator("svg.map .mark").is_visible()
    assert await page.get_by_label("Note").is_visible(), "what is usually done next stands open"
    watched.assert_undisturbed()


async def test_a_refusal_is_read_out_beside_its_field(
    desk: str, chromium: Browser, token: Callable[..., str]
) -> None:
    page = await chromium.new_page()
    await AtTheDesk(page).sign_in(desk, token("unit_lead", unit="UD111"))
    await page.get_by_role("row").nth(1).get_by_role("link").click()
    await page.locator("summary", has_text="Return").click()
    await page.locator("#command-return button").click()
    reason = page.locator("#return-reason")
    assert await reason.get_attribute("aria-invalid") == "true"
    beside = await reason.get_attribute("aria-describedby")
    assert await page.locator(f"#{beside}").inner_text() == "Field required"


async def test_the_language_is_changed_where_one_is(
    desk: str, chromium: Browser, token: Callable[..., str]
) -> None:
    watched = AtTheDesk(page := await chromium.new_page())
    await watched.sign_in(desk, token("unit_lead", unit="UD111"))
    await page.get_by_role("row").nth(1).get_by_role("link").click()
    await page.get_by_role("link", name="中文").click()
    assert await page.locator("#history").inner_text() == "办理经过"
    await page.locator(".crumb a").click()
    assert await page.locator("h1").inner_text() == "待办队列"
    watched.assert_undisturbed()


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("size", [(360, 740), (320, 640)])
async def test_nothing_is_wider_than_a_phone(
    desk: str, chromium: Browser, token: Callable[..., str], lang: str, size: tuple[int, int]
) -> None:
    width, height = size
    context = await chromium.new_context(viewport={"width": width, "height": height})
    watched = AtTheDesk(page := await context.new_page())
    await page.goto(f"{desk}/sign-in")
    await watched.assert_fits(width)
    await watched.sign_in(desk, token("admin", unit="UD", name=LONG_WORD), lang=lang)
    await watched.assert_fits(width)
    await page.locator("tbody a").first.click()
    await page.evaluate("document.querySelectorAll('details').forEach(each => { each.open = true })")
    await watched.assert_fits(width)
    watched.assert_undisturbed()


async def test_every_control_has_a_name_and_is_large_enough_for_a_thumb(
    desk: str, chromium: Browser, token: Callable[..., str]
) -> None:
    page = await chromium.new_page()
    await AtTheDesk(page).sign_in(desk, token("admin", unit="UD"))
    await page.locator("tbody a").first.click()
    assert (
        await page.evaluate(
            """[...document.querySelectorAll('input:not([type=hidden]), select, textarea')]
           .filter(control => !control.labels.length).map(control => control.id)"""
        )
        == []
    )
    assert (
        await page.evaluate(
            """[...document.querySelectorAll('button, summary')]
           .filter(each => each.checkVisibility() && each.getBoundingClientRect().height < 44)
           .map(each => each.textContent.trim())"""
        )
        == []
    )


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_all_text_has_the_contrast_of_aa(
    desk: str, chromium: Browser, token: Callable[..., str], scheme: str
) -> None:
    context = await chromium.new_context(color_scheme=scheme)  # type: ignore[arg-type]
    watched = AtTheDesk(page := await context.new_page())
    await page.goto(f"{desk}/")
    assert await page.evaluate(CONTRASTS) == []
    await watched.sign_in(desk, token("admin", unit="UD"))
    assert await page.evaluate(CONTRASTS) == []
    await page.locator("tbody a").first.click()
    assert await page.evaluate(CONTRASTS) == []
