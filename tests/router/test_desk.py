"""The desk as a browser without a screen meets it: signing in, the queue, a case, commands by forms."""

import html
import re
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import httpx
import pytest

from contracts.facts.report import ReportedFacts
from delivery.service import Service
from services.router.handlers import on_reports
from tests.router.builders import a_report

OURS = {"Sec-Fetch-Site": "same-origin"}
SignedIn = Callable[..., Any]


async def _file(router: Service, **report: Any) -> str:
    submitted = a_report(**{"at": datetime.now(UTC)} | report)
    async with router.database.transaction() as connection:
        await on_reports(connection, [submitted], router.app.state.rules)
    return str(submitted.case_id)


@pytest.fixture
async def browser(router: Service, http: httpx.AsyncClient) -> AsyncIterator[httpx.AsyncClient]:
    """Somebody who has not signed in, reads English, and sends forms from our own pages."""
    transport = httpx.ASGITransport(router.app, raise_app_exceptions=False)
    headers = OURS | {"Accept-Language": "en-GB,en;q=0.9,zh;q=0.5"}
    async with httpx.AsyncClient(transport=transport, base_url="http://router", headers=headers) as client:
        yield client


@pytest.fixture
def signed_in(browser: httpx.AsyncClient, token: Callable[..., str]) -> SignedIn:
    """`await signed_in("unit_lead", unit="UD111")`: the browser after the sign-in form."""

    async def sign_in(*roles: str, **claims: Any) -> httpx.AsyncClient:
        answer = await browser.post("/sign-in", data={"token": token(*roles, **claims), "next": "/"})
        assert (answer.status_code, answer.headers["location"]) == (303, "/"), answer.text
        return browser

    return sign_in


async def _give(browser: httpx.AsyncClient, case: str, command: str, **filled: Any) -> httpx.Response:
    """Fills in the form of the command that stands on the page."""
    page = (await browser.get(f"/cases/{case}")).text
    form = re.search(rf'action="/cases/{case}/commands/{command}".*?</form>', page, re.S)
    assert form, f"no form for {command}"
    hidden = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', form[0]))
    return await browser.post(f"/cases/{case}/commands/{command}", data=hidden | filled)


async def _state(http: httpx.AsyncClient, case: str) -> str:
    state: str = (await http.get(f"/v1/cases/{case}")).json()["state"]
    return state


async def test_signing_in_gives_a_cookie_that_scripts_and_other_sites_cannot_use(
    browser: httpx.AsyncClient, token: Callable[..., str]
) -> None:
    asked = await browser.get("/")
    assert (asked.status_code, "Access token" in asked.text) == (401, True)
    answer = await browser.post(
        "/sign-in", data={"token": f" {token('unit_lead', unit='UD11')}\n", "next": "/"}
    )
    cookie = answer.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=strict" in cookie
    assert (await browser.get("/")).status_code == 200
    await browser.post("/sign-out")
    assert (await browser.get("/")).status_code == 401


async def test_who_was_sent_to_a_case_comes_to_it_after_signing_in(
    browser: httpx.AsyncClient, router: Service, token: Callable[..., str]
) -> None:
    case = await _file(router)
    assert f'name="next" value="/cases/{case}"' in (await browser.get(f"/cases/{case}")).text
    answer = await browser.post("/sign-in", data={"token": token("admin"), "next": f"/cases/{case}"})
    assert answer.headers["location"] == f"/cases/{case}"


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ("", "Paste a token first"),
        ("nonsense", "not valid or has expired"),
        (None, "not valid or has expired"),
    ],
)
async def test_a_token_that_opens_nothing_is_refused_in_words(
    browser: httpx.AsyncClient, token: Callable[..., str], given: str | None, says: str
) -> None:
    expired = token("admin", exp=1)
    answer = await browser.post("/sign-in", data={"token": expired if given is None else given})
    assert answer.status_code == 401
    assert says in answer.text
    assert "set-cookie" not in answer.headers
    assert expired not in answer.text


async def test_a_session_that_is_over_is_said_to_be(
    browser: httpx.AsyncClient, token: Callable[..., str]
) -> None:
    browser.cookies.set("casegrid_desk", token("admin", exp=1))
    answer = await browser.get("/")
    assert (answer.status_code, "Your session has ended" in answer.text) == (401, True)


async def test_the_cookie_opens_pages_and_never_the_api(router: Service, signed_in: SignedIn) -> None:
    case = await _file(router)
    browser = await signed_in("admin")
    assert (await browser.get(f"/cases/{case}")).status_code == 200
    assert (await browser.get(f"/v1/cases/{case}")).status_code == 401
    assert (await browser.post(f"/v1/cases/{case}/commands/sign", json={})).status_code == 401


@pytest.mark.parametrize(
    "headers",
    [{"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"}, {"Sec-Fetch-Site": "none"},
     {"Origin": "http://elsewhere"}, {"Origin": "null"}, {}],
)  # fmt: skip
async def test_a_form_from_elsewhere_is_refused(
    http: httpx.AsyncClient, router: Service, signed_in: SignedIn, headers: dict[str, str]
) -> None:
    case = await _file(router)
    browser = await signed_in("admin")
    del browser.headers["sec-fetch-site"]
    answer = await browser.post(f"/cases/{case}/commands/sign", data={}, headers=headers)
    assert answer.status_code == 403
    assert await _state(http, case) == "dispatched"


async def test_an_older_browser_is_known_by_its_origin(
    http: httpx.AsyncClient, router: Service, signed_in: SignedIn
) -> None:
    case = await _file(router)
    browser = await signed_in("admin")
    del browser.headers["sec-fetch-site"]
    answer = await browser.post(f"/cases/{case}/commands/sign", data={}, headers={"Origin": "http://router"})
    assert answer.status_code == 303
    assert await _state(http, case) == "handling"


@pytest.mark.parametrize("path", ["/", "/sign-in", "/cases/nonsense", "/?state=nonsense", "/?after=nonsense"])
async def test_every_page_is_shut_to_what_is_not_ours(signed_in: SignedIn, path: str) -> None:
    headers = (await (await signed_in("admin")).get(path)).headers
    policy = headers["content-security-policy"]
    assert policy.startswith("default-src 'none'; style-src 'self';")
    assert "form-action 'self'" in policy
    assert "frame-ancestors 'none'" in policy
    assert headers["cache-control"] == "no-store"
    assert headers["content-type"] == "text/html; charset=utf-8"


@pytest.mark.parametrize(("path", "status"), [("/?state=nonsense", 422), ("/?after=nonsense", 422),
                                              ("/?unit=%00", 422), ("/cases/nonsense", 404)])  # fmt: skip
async def test_bad_questions_get_a_page_too(signed_in: SignedIn, path: str, status: int) -> None:
    assert (await (await signed_in("admin")).get(path)).status_code == status


async def test_the_queue_is_in_order_and_counted(router: Service, signed_in: SignedIn) -> None:
    for facts in ({}, {"trapped": 1}, {"injured": 1}):
        await _file(router, category="E01-01", facts=ReportedFacts(**facts))
    await _file(router, category="E01-01", at=datetime.now(UTC) - timedelta(days=60))
    page = (await (await signed_in("admin")).get("/")).text
    assert _levels(page) == ["critical", "urgent", "general", "general"]
    for count in (
        "<strong>4</strong> Open",
        "<strong>1</strong> Late",
        "<strong>2</strong> Urgent or critical",
    ):
        assert count in page


def _levels(page: str) -> list[str]:
    return re.findall(r'<tr role="row" class="(\w+)"', page)


async def test_filters_and_pages(
    router: Service, signed_in: SignedIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("services.router.desk.api._A_PAGE", 2)
    for facts in ({}, {"trapped": 1}, {}, {"injured": 1}, {}):
        await _file(router, category="E01-01", facts=ReportedFacts(**facts))
    browser = await signed_in("admin")
    assert _levels((await browser.get("/?urgency=urgent&state=&unit=")).text) == ["urgent"]
    assert _levels((await browser.get("/?state=closed")).text) == []
    seen, path = [], "/?tier=grid"
    while path:
        page = (await browser.get(path)).text
        seen += _levels(page)
        link = re.search(r'rel="next" href="([^"]+)"', page)
        path = html.unescape(link[1]) if link else ""
        assert not path or "tier=grid" in path
    assert seen == ["critical", "urgent", "general", "general", "general"]


async def test_what_is_at_rest_is_not_in_the_queue(
    http: httpx.AsyncClient, router: Service, signed_in: SignedIn
) -> None:
    case = await _file(router, lon=None, lat=None)
    browser = await signed_in("operator")
    assert case in (await browser.get("/")).text
    assert (await _give(browser, case, "reject", reason="spam")).status_code == 303
    assert case not in (await browser.get("/")).text
    assert case in (await browser.get("/?state=rejected")).text


async def test_a_case_page_tells_all_about_it(router: Service, signed_in: SignedIn) -> None:
    case = await _file(router, facts=ReportedFacts(trapped=1))
    page = (await (await signed_in("admin")).get(f"/cases/{case}")).text
    for part in ("C01-05", "路灯不亮", "Critical", "Emergency", "Waiting to be signed", "D111", "Sign",
                 "Somebody is trapped", "Dispatched", 'class="mark"', 'class="bar green"', "working days"):  # fmt: skip
        assert part in page, part


async def test_a_unit_signs_records_and_finishes_by_forms(
    http: httpx.AsyncClient, router: Service, signed_in: SignedIn
) -> None:
    case = await _file(router, category="V01-02")
    browser = await signed_in("unit_lead", unit="UD11", sub="p-1")
    for command, filled in [
        ("sign", {"handler": "p-7"}),
        ("progress", {"note": "已联系诉求人", "contacted": "true"}),
        ("finish", {"result": "已答复", "evidence_method": "call", "evidence": "0", "excused": ""}),
    ]:
        answer = await _give(browser, case, command, **filled)
        assert (answer.status_code, answer.headers["location"]) == (303, f"/cases/{case}?done={command}")
    page = (await browser.get(f"/cases/{case}?done=finish")).text
    assert "Done: Finish" in page
    assert "已联系诉求人" in page
    events = (await http.get(f"/v1/cases/{case}/history")).json()["items"]
    assert {"case.signed", "case.progress", "case.handled"} <= {event["type"] for event in events}
    assert next(event for event in events if event["type"] == "case.signed")["actor"]["person"] == "p-1"


async def test_what_is_refused_stands_beside_its_field_and_the_input_is_kept(
    http: httpx.AsyncClient, router: Service, signed_in: SignedIn
) -> None:
    case = await _file(router)
    browser = await signed_in("admin", unit="UD")
    await _give(browser, case, "sign")
    answer = await _give(browser, case, "finish", result="换了灯泡", evidence_method="photo", evidence="0")
    assert answer.status_code == 422
    field = re.search(r'<div class="field wrong">.*?</div>', answer.text, re.S)
    assert field
    assert 'name="evidence"' in field[0]
    assert "a check by photo needs evidence" in field[0]
    assert "换了灯泡</textarea>" in answer.text
    assert '<option value="photo" selected>' in answer.text
    assert await _state(http, case) == "handling"
    chinese = await browser.post(
        f"/cases/{case}/commands/finish?lang=zh", data={"result": "换了", "evidence_method": "photo"}
    )
    assert "该核查方式需要证据" in chinese.text


@pytest.mark.parametrize(
    ("evidence", "says"), [("many", "valid integer"), ("101", "less than or equal to 100")]
)
async def test_what_the_model_refuses_is_said_too(
    router: Service, signed_in: SignedIn, evidence: str, says: str
) -> None:
    case = await _file(router)
    browser = await signed_in("admin", unit="UD")
    answer = await _give(browser, case, "progress", note="看过了", evidence=evidence)
    assert answer.status_code == 422
    assert says in answer.text
    assert f'value="{evidence}"' in answer.text


async def test_a_case_that_has_moved_on_meanwhile_is_shown_as_it_is_now(
    router: Service, signed_in: SignedIn
) -> None:
    case = await _file(router)
    browser = await signed_in("admin", unit="UD")
    stale = {"expected_version": "1", "note": "到场查看"}
    answer = await browser.post(f"/cases/{case}/commands/progress", data=stale)
    assert answer.status_code == 409
    assert "the case is at version 3" in answer.text
    assert "到场查看</textarea>" in answer.text
    await _give(browser, case, "sign")
    again = await browser.post(
        f"/cases/{case}/commands/return", data={"reason": "非我单位", "expected_version": "3"}
    )
    assert again.status_code == 409
    signed = await browser.post(f"/cases/{case}/commands/sign", data={"handler": "p-9"})
    assert signed.status_code == 409
    assert "Not done: Sign" in signed.text
    assert "p-9" in signed.text, "what was typed is not lost with its form"


async def test_only_what_the_caller_may_do_is_offered(router: Service, signed_in: SignedIn) -> None:
    case = await _file(router, category="E01-01")  # led by the grid worker UD111
    assert "commands/sign" in (await (await signed_in("unit_lead", unit="UD11")).get(f"/cases/{case}")).text
    page = (await (await signed_in("operator")).get(f"/cases/{case}")).text
    assert "commands/sign" not in page
    assert "commands/remind" in page
    assert "Nothing is yours" in (await (await signed_in("assessor")).get(f"/cases/{case}")).text


async def test_a_command_that_is_not_his_is_refused(router: Service, signed_in: SignedIn) -> None:
    case = await _file(router, category="E01-01")
    browser = await signed_in("operator")
    assert (await browser.post(f"/cases/{case}/commands/sign", data={})).status_code == 403
    assert (await browser.post(f"/cases/{case}/commands/fly", data={})).status_code == 404


async def test_another_units_cases(router: Service, signed_in: SignedIn) -> None:
    sealed = await _file(router, category="V05-01", lon=3.0, lat=3.0)
    there = await _file(router, category="E01-01", lon=3.0, lat=3.0)
    browser = await signed_in("unit_lead", unit="UD11")
    answers = [await browser.get(f"/cases/{case}") for case in (sealed, str(uuid4()), there)]
    assert [answer.status_code for answer in answers] == [404, 404, 403]
    pages = {re.sub(r"/cases/[-\w]{36}", "", answer.text) for answer in answers[:2]}
    assert len(pages) == 1, "a sealed case is answered like one that does not exist"
    assert "No case meets" in (await browser.get("/")).text


async def test_hostile_text_is_only_text(router: Service, signed_in: SignedIn) -> None:
    hostile = "</p><script>alert(1)</script><img src=x onerror=alert(2)>\"'"
    case = await _file(router, text=hostile)
    browser = await signed_in("admin", unit="UD", name="<b>me</b>")
    await _give(browser, case, "progress", note=hostile)
    refused = await _give(browser, case, "progress", note=hostile, evidence='"><script>')
    for page in (await browser.get("/"), await browser.get(f"/cases/{case}"), refused,
                 await browser.get('/?unit="><script>')):  # fmt: skip
        assert "<script" not in page.text
        assert "<img" not in page.text
        assert "<b>" not in page.text
    assert html.escape("<script>alert(1)</script>") in (await browser.get(f"/cases/{case}")).text


async def test_the_language_is_asked_kept_or_the_browsers(signed_in: SignedIn) -> None:
    browser = await signed_in("admin")
    assert '<html lang="en">' in (await browser.get("/")).text
    assert '<html lang="zh-CN">' in (await browser.get("/?lang=zh")).text
    assert '<html lang="zh-CN">' in (await browser.get("/")).text, "kept"


async def test_the_style_is_served_once_and_for_long(browser: httpx.AsyncClient) -> None:
    answer = await browser.get("/desk.css")
    assert answer.headers["content-type"].startswith("text/css")
    assert "immutable" in answer.headers["cache-control"]
    assert answer.text.count("http") == 0, "nothing comes from elsewhere"
