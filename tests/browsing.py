"""A real browser, where there is one, and pages of ours in it with all that goes wrong on them."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest

from tests.page_rules import BEYOND

if TYPE_CHECKING:
    from playwright.async_api import Browser, Page

_CHROMIUM = shutil.which("chromium")
_QUIETLY = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking"]
LONG_WORD = "Donaudampfschifffahrtsgesellschaftskapitänsmützenabzeichen" * 2
needs_chromium = pytest.mark.skipif(_CHROMIUM is None, reason="there is no chromium on this machine")


@pytest.fixture
async def chromium() -> AsyncIterator[Browser]:
    from playwright.async_api import async_playwright  # a quarter of a second, which only these tests need

    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=_CHROMIUM, args=_QUIETLY)
        yield browser
        await browser.close()


class Watched:
    """A page with all that its console says and all that it asks for."""

    def __init__(self, page: Page) -> None:
        self.page = page
        page.set_default_timeout(10_000)
        self.errors: list[str] = []
        self.hosts: set[str | None] = set()
        page.on("console", lambda said: self.errors.append(said.text) if said.type == "error" else None)
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.on("request", lambda request: self.hosts.add(urlsplit(request.url).hostname))

    async def assert_fits(self, width: int) -> None:
        beyond = await self.page.evaluate(BEYOND, width)
        assert await self.page.evaluate("document.documentElement.scrollWidth") <= width, beyond

    def assert_undisturbed(self) -> None:
        assert self.errors == []
        assert self.hosts - {None} == {"127.0.0.1"}
