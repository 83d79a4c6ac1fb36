"""Signing in to the subscriptions' pages: who may, whose forms are taken, and every word in both languages."""

import re
from pathlib import Path

import pytest

from contracts import topics
from contracts.events import HOME
from contracts.vocabulary import DeliveryStatus, Language, Tier, Urgency
from services.notifier.mail.lines import Pace
from services.notifier.pages import view, words
from services.notifier.scope import Relation
from tests.notifier.page_visits import FORM, visiting


async def test_who_may_not_subscribe_is_told_so_and_may_sign_in_as_another(client, token):
    for bearer in (token("handler", unit="LIGHTS"), token("agency"), token(unit="LIGHTS")):
        async with visiting(client, bearer) as browser:
            for path in ("/", "/new"):
                answer = await browser.get(path)
                assert (answer.status_code, 'href="/sign-in"' in answer.text) == (403, True)
            assert (await browser.post("/new", data=FORM)).status_code == 403


async def test_nothing_is_shown_before_signing_in(client):
    async with visiting(client, None) as browser:
        for path in ("/", "/new"):
            assert (await browser.get(path)).status_code == 401
        assert (await browser.post("/new", data=FORM)).status_code == 401


async def test_the_cookie_opens_pages_and_never_the_api(client, token):
    async with visiting(client, token("agency", unit="LIGHTS")) as browser:
        assert (await browser.get("/")).status_code == 200
        assert (await browser.get("/v1/subscriptions")).status_code == 401
        assert (await browser.post("/v1/filters/trial", json={"filter": {}})).status_code == 401


@pytest.mark.parametrize("headers", [{"Sec-Fetch-Site": "cross-site"}, {"Origin": "http://elsewhere"}, {}])
async def test_a_form_from_elsewhere_is_refused(client, token, agency, headers):
    async with visiting(client, token("agency", unit="LIGHTS")) as browser:
        del browser.headers["sec-fetch-site"]
        answer = await browser.post("/new", data=FORM | {"url": "http://127.0.0.1:9/"}, headers=headers)
        assert answer.status_code == 403
    assert (await client.get("/v1/subscriptions", headers=agency)).json()["items"] == []


async def test_every_page_is_shut_to_what_is_not_ours(client, token):
    async with visiting(client, token("agency", unit="LIGHTS")) as browser:
        for path in ("/", "/new", "/sign-in", "/subscriptions/nonsense"):
            headers = (await browser.get(path)).headers
            assert headers["content-security-policy"].startswith("default-src 'none'; style-src 'self';")
            assert (headers["cache-control"], headers["x-content-type-options"]) == ("no-store", "nosniff")
        style = await browser.get("/pages.css")
        assert (".figures" in style.text, ".panel" in style.text, "http" in style.text) == (True, True, False)


def test_everything_has_a_word_in_both_languages():
    sets = {
        "event": [name for name, topic in HOME.items() if topic == topics.CASES],
        "status": DeliveryStatus,
        "relation": Relation,
        "tier": Tier,
        "urgency": Urgency,
        "language": Language,
        "pace": Pace,
    }
    for table, keys in sets.items():
        assert {str(key) for key in keys} <= set(words.Voice.tables[table]), table
    for table in (words.PAGE, *words.Voice.tables.values()):
        assert all(zh and en for zh, en in table.values())


def test_every_word_that_a_page_uses_is_there():
    folder = Path(view.__file__).parent
    texts = [path.read_text() for path in [*folder.glob("templates/*.html"), *folder.glob("*.py")]]
    used = {key for text in texts for key in re.findall(r"""\b(?:say|voice)\(["'](\w+)["']\)""", text)}
    assert len(used) > 40
    assert used <= set(words.PAGE)
