"""Signing in at the desk: who may, whose forms are taken, what no page gives away."""

from collections.abc import Callable

import httpx
import pytest

from delivery.service import Service
from tests.router.desk_visits import SignedIn, file_report, state_of


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


@pytest.mark.parametrize(
    ("asked", "kept_for_https"),
    [
        ("http://desk.example", True),  # as it comes from what ends TLS in front of us
        ("https://desk.example", True),
        ("http://10.0.0.5:8002", True),
        ("http://localhost:8002", False),
        ("http://127.0.0.1:8002", False),
        ("http://[::1]:8002", False),
    ],
)
async def test_the_cookie_is_for_https_alone_except_on_this_machine(
    browser: httpx.AsyncClient, token: Callable[..., str], asked: str, kept_for_https: bool
) -> None:
    answer = await browser.post(f"{asked}/sign-in", data={"token": token("admin"), "next": "/"})
    assert ("secure" in answer.headers["set-cookie"].lower()) is kept_for_https


async def test_who_was_sent_to_a_case_comes_to_it_after_signing_in(
    browser: httpx.AsyncClient, router: Service, token: Callable[..., str]
) -> None:
    case = await file_report(router)
    assert f'name="next" value="/cases/{case}"' in (await browser.get(f"/cases/{case}")).text
    answer = await browser.post("/sign-in", data={"token": token("admin"), "next": f"/cases/{case}"})
    assert answer.headers["location"] == f"/cases/{case}"


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ("", "Paste a token first"),
        ("nonsense", "not valid or has expired"),
        ("x" * 4_000, "too long for a browser"),
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
    case = await file_report(router)
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
    case = await file_report(router)
    browser = await signed_in("admin")
    del browser.headers["sec-fetch-site"]
    answer = await browser.post(f"/cases/{case}/commands/sign", data={}, headers=headers)
    assert answer.status_code == 403
    assert await state_of(http, case) == "dispatched"


async def test_an_older_browser_is_known_by_its_origin(
    http: httpx.AsyncClient, router: Service, signed_in: SignedIn
) -> None:
    case = await file_report(router)
    browser = await signed_in("admin")
    del browser.headers["sec-fetch-site"]
    answer = await browser.post(f"/cases/{case}/commands/sign", data={}, headers={"Origin": "https://router"})
    assert answer.status_code == 303
    assert await state_of(http, case) == "handling"


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
