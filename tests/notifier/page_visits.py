"""What tests of the subscriptions' pages do again and again: sign in, fill in a form, find what a page says."""

import html
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx

FORM = {"name": "lights", "channel": "webhook"}


@asynccontextmanager
async def visiting(
    client: httpx.AsyncClient, token: str | None, lang: str = "en", app: Any = None
) -> AsyncIterator[httpx.AsyncClient]:
    """A browser without a screen that sends forms from our own pages; signed in with `token`, if there is one.

    `app` where it is not served on a port.
    """
    headers = {"Sec-Fetch-Site": "same-origin", "Accept-Language": lang}
    transport = httpx.ASGITransport(app) if app else None
    async with httpx.AsyncClient(
        base_url=client.base_url, headers=headers, timeout=10, transport=transport
    ) as browser:
        if token is not None:
            answer = await browser.post("/sign-in", data={"token": token, "next": "/"})
            assert (answer.status_code, answer.headers["location"]) == (303, "/"), answer.text
        yield browser


async def created(browser: httpx.AsyncClient, **filled: Any) -> tuple[str, str]:
    """Its page's path and its secret, after the form for a new webhook."""
    key = hidden((await browser.get("/new")).text, "/new")
    answer = await browser.post("/new", data=key | FORM | {"url": "http://127.0.0.1:9/hook"} | filled)
    assert answer.status_code == 200, answer.text
    path = re.search(r'href="(/subscriptions/[0-9a-f-]{36})"', answer.text)
    secret = re.search(r">(whsec_[^<]+)</textarea>", answer.text)
    assert path
    assert secret
    return path[1], html.unescape(secret[1])


def hidden(page: str, action: str) -> dict[str, str]:
    """What the form that leads to `action` sends without being filled in."""
    form = re.search(rf'<form[^>]*action="{action}".*?</form>', page, re.S)
    assert form, f"no form for {action}"
    return dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', form[0]))


async def give(browser: httpx.AsyncClient, path: str, command: str, **filled: Any) -> httpx.Response:
    """Fills in the form of the command that stands on the page."""
    action = f"{path}/commands/{command}"
    return await browser.post(action, data=hidden((await browser.get(path)).text, action) | filled)


def tags(page: str) -> list[str]:
    return re.findall(r'class="tag state-\w+"><span[^>]*>.</span>([^<]+)<', page)


def figures(page: str) -> list[str]:
    """What was read, examined and matched by a filter that was tried."""
    return re.findall(r"<dd>([\d,]+)</dd></div>", page)


def errors(page: str) -> dict[str, str]:
    """What is wrong, by the control that it stands beside."""
    return dict(re.findall(r'class="error" id="([\w.]+)-wrong">([^<]+)<', page))
