"""What tests of the desk do again and again: a report filed, a form filled in, a case looked at."""

import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import httpx

from delivery.service import Service
from tests.router.several_reports import filed

SignedIn = Callable[..., Any]


async def file_report(router: Service, **report: Any) -> str:
    """Just now: the desk shows how long ago."""
    return await filed(router, **{"at": datetime.now(UTC)} | report)


async def give_by_form(browser: httpx.AsyncClient, case: str, command: str, **filled: Any) -> httpx.Response:
    """Fills in the form of the command that stands on the page."""
    page = (await browser.get(f"/cases/{case}")).text
    form = re.search(rf'action="/cases/{case}/commands/{command}".*?</form>', page, re.S)
    assert form, f"no form for {command}"
    hidden = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', form[0]))
    return await browser.post(f"/cases/{case}/commands/{command}", data=hidden | filled)


async def state_of(http: httpx.AsyncClient, case: str) -> str:
    state: str = (await http.get(f"/v1/cases/{case}")).json()["state"]
    return state
