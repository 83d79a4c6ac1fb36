"""The desk as a browser without a screen meets it: the queue, a case, commands by forms."""

import html
import re
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import httpx
import pytest

from contracts.facts.report import ReportedFacts
from delivery.service import Service
from tests.router.desk_visits import SignedIn, file_report, give_by_form, state_of


async def test_the_queue_is_in_order_and_counted(router: Service, signed_in: SignedIn) -> None:
    for facts in ({}, {"trapped": 1}, {"injured": 1}):
        await file_report(router, category="E01-01", facts=ReportedFacts(**facts))
    page = (await (await signed_in("admin")).get("/")).text
    assert _levels(page) == ["critical", "urgent", "general"]
    for count in (
        "<strong>3</strong> Open",
        "<strong>0</strong> Late",
        "<strong>2</strong> Urgent or critical",
    ):
        assert count in page


async def test_what_is_late_is_red_and_says_by_how_much(
    router: Service, signed_in: SignedIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = await file_report(router, category="E01-01")
    monkeypatch.setattr(router.app.state.rules, "_now", lambda: datetime.now(UTC) + timedelta(days=60))
    browser = await signed_in("admin")
    page = (await browser.get("/?overdue=true")).text
    assert "<strong>1</strong> Late" in page
    assert re.search(r'class="due red"><span class="relative">\d+ d( \d+ h)? late</span>', page)
    assert 'class="bar red"' in (await browser.get(f"/cases/{case}")).text
    assert case not in (await browser.get("/?overdue=false")).text


def _levels(page: str) -> list[str]:
    return re.findall(r'<tr role="row" class="(\w+)"', page)


async def test_filters_and_pages(
    router: Service, signed_in: SignedIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("services.router.desk.api._A_PAGE", 2)
    for facts in ({}, {"trapped": 1}, {}, {"injured": 1}, {}):
        await file_report(router, category="E01-01", facts=ReportedFacts(**facts))
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
    case = await file_report(router, lon=None, lat=None)
    browser = await signed_in("operator")
    assert case in (await browser.get("/")).text
    assert (await give_by_form(browser, case, "reject", reason="spam")).status_code == 303
    assert case not in (await browser.get("/")).text
    assert case in (await browser.get("/?state=rejected")).text


async def test_a_case_page_tells_all_about_it(router: Service, signed_in: SignedIn) -> None:
    case = await file_report(router, facts=ReportedFacts(trapped=1))
    page = (await (await signed_in("admin")).get(f"/cases/{case}")).text
    for part in ("C01-05", "路灯不亮", "Critical", "Emergency", "Waiting to be signed", "D111", "Sign", "the place is safe and clean",
                 "the form states people trapped", "Dispatched", 'class="mark"', 'class="bar green"', "working days"):  # fmt: skip
        assert part in page, part


async def test_what_the_classifier_was_not_sure_of_is_shown_to_who_classifies(
    router: Service, signed_in: SignedIn
) -> None:
    unsure = await file_report(router, category=None, text="树的问题")
    browser = await signed_in("dispatcher", unit="UD")
    page = (await browser.get(f"/cases/{unsure}")).text
    assert "The classifier proposes</dt><dd>C04-01 Tree down or broken branch, C04-03" in page
    given = await file_report(router, category="C01-05", text="树的问题")
    assert "The classifier proposes" not in (await browser.get(f"/cases/{given}")).text


async def test_of_a_long_history_the_newest_part_is_shown(
    router: Service, signed_in: SignedIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("services.router.desk.api._LONGEST_HISTORY", 2)
    case = await file_report(router)
    browser = await signed_in("admin", unit="UD")
    await give_by_form(browser, case, "sign")
    told = (await browser.get(f"/cases/{case}")).text.split('<ol class="history">')[1]
    assert re.findall(r"<strong>([^<]+)</strong>", told) == ["Signed", "Dispatched"]


async def test_a_unit_signs_records_and_finishes_by_forms(
    http: httpx.AsyncClient, router: Service, signed_in: SignedIn
) -> None:
    case = await file_report(router, category="V01-02")
    browser = await signed_in("unit_lead", unit="UD11", sub="p-1")
    for command, filled in [
        ("sign", {"handler": "p-7"}),
        ("progress", {"note": "已联系诉求人", "contacted": "true"}),
        ("finish", {"result": "已答复", "evidence_method": "call", "evidence": "0", "excused": ""}),
    ]:
        answer = await give_by_form(browser, case, command, **filled)
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
    case = await file_report(router)
    browser = await signed_in("admin", unit="UD")
    await give_by_form(browser, case, "sign")
    answer = await give_by_form(
        browser, case, "finish", result="换了灯泡", evidence_method="photo", evidence="0"
    )
    assert answer.status_code == 422
    field = re.search(r'<div class="field wrong">.*?</div>', answer.text, re.S)
    assert field
    assert 'name="evidence"' in field[0]
    assert "a check by photo needs evidence" in field[0]
    assert "换了灯泡</textarea>" in answer.text
    assert '<option value="photo" selected>' in answer.text
    assert await state_of(http, case) == "handling"
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
    case = await file_report(router)
    browser = await signed_in("admin", unit="UD")
    answer = await give_by_form(browser, case, "progress", note="看过了", evidence=evidence)
    assert answer.status_code == 422
    assert says in answer.text
    assert f'value="{evidence}"' in answer.text


async def test_a_case_that_has_moved_on_meanwhile_is_shown_as_it_is_now(
    router: Service, signed_in: SignedIn
) -> None:
    case = await file_report(router)
    browser = await signed_in("admin", unit="UD")
    stale = {"expected_version": "1", "note": "到场查看"}
    answer = await browser.post(f"/cases/{case}/commands/progress", data=stale)
    assert answer.status_code == 409
    assert "the case is at version 3" in answer.text
    assert "到场查看</textarea>" in answer.text
    await give_by_form(browser, case, "sign")
    again = await browser.post(
        f"/cases/{case}/commands/return", data={"reason": "非我单位", "expected_version": "3"}
    )
    assert again.status_code == 409
    signed = await browser.post(f"/cases/{case}/commands/sign", data={"handler": "p-9"})
    assert signed.status_code == 409
    assert "Not done: Sign" in signed.text
    assert "p-9" in signed.text, "what was typed is not lost with its form"


async def test_only_what_the_caller_may_do_is_offered(router: Service, signed_in: SignedIn) -> None:
    case = await file_report(router, category="E01-01")  # led by the grid worker UD111
    assert "commands/sign" in (await (await signed_in("unit_lead", unit="UD11")).get(f"/cases/{case}")).text
    page = (await (await signed_in("operator")).get(f"/cases/{case}")).text
    assert "commands/sign" not in page
    assert "commands/remind" in page
    assert "Nothing is yours" in (await (await signed_in("assessor")).get(f"/cases/{case}")).text


async def test_a_command_that_is_not_his_is_refused(router: Service, signed_in: SignedIn) -> None:
    case = await file_report(router, category="E01-01")
    browser = await signed_in("operator")
    assert (await browser.post(f"/cases/{case}/commands/sign", data={})).status_code == 403
    assert (await browser.post(f"/cases/{case}/commands/fly", data={})).status_code == 404


async def test_another_units_cases(router: Service, signed_in: SignedIn) -> None:
    sealed = await file_report(router, category="V05-01", lon=3.0, lat=3.0)
    there = await file_report(router, category="E01-01", lon=3.0, lat=3.0)
    browser = await signed_in("unit_lead", unit="UD11")
    answers = [await browser.get(f"/cases/{case}") for case in (sealed, str(uuid4()), there)]
    assert [answer.status_code for answer in answers] == [404, 404, 403]
    pages = {re.sub(r"/cases/[-\w]{36}", "", answer.text) for answer in answers[:2]}
    assert len(pages) == 1, "a sealed case is answered like one that does not exist"
    assert "No case meets" in (await browser.get("/")).text


async def test_hostile_text_is_only_text(router: Service, signed_in: SignedIn) -> None:
    hostile = "</p><script>alert(1)</script><img src=x onerror=alert(2)>\"'"
    case = await file_report(router, text=hostile)
    browser = await signed_in("admin", unit="UD", name="<b>me</b>")
    await give_by_form(browser, case, "progress", note=hostile)
    refused = await give_by_form(browser, case, "progress", note=hostile, evidence='"><script>')
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
    answer = await browser.get("/pages.css")
    assert answer.headers["content-type"].startswith("text/css")
    assert "immutable" in answer.headers["cache-control"]
    assert answer.text.count("http") == 0, "nothing comes from elsewhere"
