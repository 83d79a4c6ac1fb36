"""The subscriptions' pages in a real browser: what an agency does with them, on a wide screen and on a phone."""

import re
from itertools import pairwise

import pytest
from standardwebhooks import Webhook
from uuid_utils.compat import uuid7

from contracts.facts.case import CaseProgress
from tests.browsing import LONG_WORD, Watched, needs_chromium
from tests.notifier.case_facts import a_dispatch, a_story
from tests.notifier.rows import a_subscription, happened
from tests.page_rules import CONTRASTS
from tests.waiting import until

pytestmark = needs_chromium


@pytest.fixture
def site(client):
    return str(client.base_url).rstrip("/")


class Visit(Watched):
    """Signed in as LIGHTS."""

    def __init__(self, page, site):
        super().__init__(page)
        self.site = site

    async def sign_in(self, token, lang="en", **claims):
        await self.page.goto(f"{self.site}/sign-in?lang={lang}")
        await self.page.locator("#token").fill(token("agency", unit="LIGHTS", sub="p-lights", **claims))
        await self.follow(self.page.locator("main button"))
        await self.page.wait_for_url(re.compile(r"/$"))

    async def follow(self, locator):
        """Clicks what leads to another page, and is there when it returns."""
        async with self.page.expect_navigation():
            await locator.click()

    async def press(self, name):
        await self.follow(self.page.get_by_role("button", name=name, exact=True))

    async def fill_in(self, name, url):
        await self.page.goto(f"{self.site}/new")
        await self.page.locator("#name").fill(name)
        await self.page.locator("#url").fill(url)

    async def create(self, name, url):
        await self.fill_in(name, url)
        await self.follow(self.page.locator("form .main"))
        await self.follow(self.page.locator("main a.main"))

    async def assert_fits(self, width):
        await self.page.evaluate("document.querySelectorAll('details').forEach(each => { each.open = true })")
        await super().assert_fits(width)


async def test_an_agency_makes_a_webhook_tries_it_pauses_it_and_sees_what_was_sent(
    site, chromium, token, notifier, receiver
):
    await happened(notifier.database, a_story(uuid7(), a_dispatch(), CaseProgress(note="on the way")))
    visit = Visit(page := await chromium.new_page(), site)
    await visit.sign_in(token)
    await visit.follow(page.get_by_role("link", name="New subscription"))
    await page.get_by_label("Name").fill("路灯 lights")
    await page.get_by_label("Where to send").fill(receiver.url)
    await page.locator("summary", has_text="Types of event").click()
    await page.get_by_label("Progress").check()
    await visit.press("Try it on recent events")
    assert await page.locator(".figures dd").all_inner_texts() == ["2", "2", "1"]
    await page.locator("summary", has_text="As it would be sent").click()
    assert "on the way" in await page.locator("pre").inner_text()
    assert await page.get_by_label("Progress").is_checked(), "what was filled in stays"
    await visit.press("Create")
    Webhook(await page.get_by_label("Signing secret").input_value())
    await visit.follow(page.get_by_role("link", name="I have kept it"))
    assert "whsec_" not in await page.content()
    await visit.press("Pause")
    assert "Done: Pause" in await page.get_by_role("status").inner_text()
    await happened(notifier.database, a_story(uuid7(), CaseProgress(note="later"), a_dispatch()))
    await visit.press("Resume")
    assert "Active" in await page.locator(".tags").inner_text()
    await visit.press("Send a test")

    async def delivered():
        await page.reload()
        return "Delivered" in await page.locator(".tags").inner_text()

    await until(delivered)
    assert "204" in await page.locator(".attempts tbody tr").inner_text()
    visit.assert_undisturbed()


async def test_a_refusal_is_read_out_beside_its_field(site, chromium, token):
    visit = Visit(page := await chromium.new_page(), site)
    await visit.sign_in(token)
    await visit.fill_in("lights", "nonsense")
    await visit.press("Create")
    url = page.get_by_label("Where to send")
    assert await url.get_attribute("aria-invalid") == "true"
    beside = (await url.get_attribute("aria-describedby")).split()
    assert beside == ["url-hint", "url-wrong"]
    assert await page.locator("#url-wrong").inner_text() == "must be an https URL"
    assert await url.input_value() == "nonsense"


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("size", [(360, 740), (320, 640)])
async def test_nothing_is_wider_than_a_phone(site, chromium, token, notifier, lang, size):
    await happened(notifier.database, a_story(uuid7(), a_dispatch(text=LONG_WORD)))
    context = await chromium.new_context(viewport={"width": size[0], "height": size[1]})
    visit = Visit(page := await context.new_page(), site)
    await visit.sign_in(token, lang, name=LONG_WORD)
    await visit.assert_fits(size[0])
    await visit.fill_in(LONG_WORD, f"http://127.0.0.1:9/{LONG_WORD.lower().encode().hex()}")
    await page.locator("#units").fill(" ".join(["X" * 64, "LIGHTS"]))
    await visit.follow(page.locator("button[name=try]"))
    await visit.assert_fits(size[0])
    await visit.follow(page.locator("form .main"))
    await visit.assert_fits(size[0])
    await visit.follow(page.locator("main a.main"))
    await happened(notifier.database, a_story(uuid7(), a_dispatch()))
    await page.reload()
    await visit.assert_fits(size[0])
    await visit.follow(page.locator(".log a").first)
    await visit.assert_fits(size[0])
    await page.goto(site)
    await visit.assert_fits(size[0])
    visit.assert_undisturbed()


_UNNAMED = """[...document.querySelectorAll('input:not([type=hidden]), select, textarea')]
    .filter(each => !each.labels.length || !each.labels[0].textContent.trim()).map(each => each.id)"""
_SMALL = """[...document.querySelectorAll('button, summary, .button, select')]
    .filter(each => each.checkVisibility() && each.getBoundingClientRect().height < 44)
    .map(each => each.textContent.trim())"""
_LEVELS = "[...document.querySelectorAll('h1, h2, h3, h4')].map(each => Number(each.tagName[1]))"
_TWICE = """(() => { const ids = [...document.querySelectorAll('[id]')].map(each => each.id);
    return ids.filter((id, place) => ids.indexOf(id) !== place); })()"""
_LOST = """[...document.querySelectorAll('[aria-labelledby], [aria-describedby]')]
    .flatMap(each => `${each.getAttribute('aria-labelledby') || ''} ${each.getAttribute('aria-describedby') || ''}`.split(' '))
    .filter(id => id && !document.getElementById(id))"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_pages_can_be_heard_touched_and_read(site, chromium, token, notifier, receiver, scheme):
    """Every control has a name and room for a thumb, headings are in order, references lead somewhere, text has the
    contrast of AA."""
    await happened(notifier.database, a_story(uuid7(), a_dispatch()))
    await a_subscription(
        notifier.database, owner="LIGHTS", channel="email", target="a@b.example", secret=None
    )
    context = await chromium.new_context(color_scheme=scheme)
    visit = Visit(page := await context.new_page(), site)
    await visit.sign_in(token)
    await assert_accessible(page)
    await visit.fill_in("lights", "nonsense")
    await visit.follow(page.locator("form .main"))
    await assert_accessible(page)
    await page.locator("#url").fill(receiver.url)
    await visit.press("Try it on recent events")
    await assert_accessible(page)
    await visit.follow(page.locator("form .main"))
    await assert_accessible(page)
    await visit.follow(page.locator("main a.main"))
    await assert_accessible(page)
    await visit.press("Send a test")
    await assert_accessible(page)
    await page.goto(f"{site}/subscriptions/nonsense")
    await assert_accessible(page)


async def assert_accessible(page):
    await page.evaluate("document.querySelectorAll('details').forEach(each => { each.open = true })")
    levels = await page.evaluate(_LEVELS)
    assert levels.count(1) == 1, page.url
    assert all(after <= before + 1 for before, after in pairwise(levels)), levels
    for rule in (_UNNAMED, _SMALL, _TWICE, _LOST, CONTRASTS):
        assert await page.evaluate(rule) == [], page.url
