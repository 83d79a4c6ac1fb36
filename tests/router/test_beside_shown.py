"""Of a report with two cases each shows and links the other, as far as the caller may see that one."""

import httpx
import pytest

from delivery.service import Service
from tests.databases import As
from tests.router.builders import a_report
from tests.router.desk_visits import SignedIn
from tests.router.several_reports import rows_of, work

LIFT = {"category": "V03-05", "text": "老楼申请加装电梯，着火了"}  # a matter that everybody may know
AID = {"category": "V03-02", "text": "我来申请低保，家里着火了"}  # confidential


async def _two(router: Service, **said: str) -> tuple[str, str]:
    await work(router, report := a_report(**said))
    (row,) = await rows_of(router, "select case_id from cases where application = $1", report.case_id)
    return str(report.case_id), str(row["case_id"])


async def _of_unit(router: Service, case_id: str, unit: str) -> None:
    """The case is that unit's alone."""
    change = {"lead": unit, "tracker": None, "co_handlers": [], "copies": []}
    async with router.database.transaction() as connection:
        await connection.execute(
            """update cases set lead = $3, involved = array[$3], body = body || $2::jsonb where case_id = $1""",
            case_id,
            change,
            unit,
        )


async def test_each_of_the_two_links_the_other(router: Service, http: httpx.AsyncClient) -> None:
    application, emergency = await _two(router, **LIFT)
    shown = (await http.get(f"/v1/cases/{application}")).json()
    assert shown["emergency"] == emergency
    assert {name: shown["beside"][name] for name in ("relation", "case_id", "link", "urgency", "state")} == {
        "relation": "emergency",
        "case_id": emergency,
        "link": f"/v1/cases/{emergency}",
        "urgency": "critical",
        "state": "dispatched",
    }
    assert shown["beside"]["text_zh"].startswith("并行的突发事件案件：")
    assert shown["beside"]["text_zh"].endswith("（特急，待签收）")
    back = (await http.get(shown["beside"]["link"])).json()["beside"]
    assert (back["relation"], back["case_id"]) == ("application", application)
    assert back["text_en"].startswith("the application that goes on beside it: ")
    listed = {case["case_id"]: case["beside"] for case in (await http.get("/v1/cases")).json()["items"]}
    assert listed == {application: shown["beside"], emergency: back}


async def test_a_case_without_another_says_so(router: Service, http: httpx.AsyncClient) -> None:
    await work(router, report := a_report())
    shown = (await http.get(f"/v1/cases/{report.case_id}")).json()
    assert (shown["beside"], shown["emergency"], shown["application"]) == (None, None, None)


@pytest.mark.parametrize(
    ("lang", "title", "back"),
    [
        ("zh", "并行的突发事件案件", "并行的审批案件"),
        ("en", "The emergency opened beside it", "The application beside it"),
    ],
)
async def test_the_desk_links_them(
    router: Service, signed_in: SignedIn, lang: str, title: str, back: str
) -> None:
    application, emergency = await _two(router, **AID)
    browser = await signed_in("admin")
    page = (await browser.get(f"/cases/{application}?lang={lang}")).text
    assert title in page
    assert f'href="/cases/{emergency}"' in page
    page = (await browser.get(f"/cases/{emergency}?lang={lang}")).text
    assert back in page
    assert f'href="/cases/{application}"' in page


async def test_who_may_not_see_the_other_learns_at_most_that_it_is_there(
    router: Service, http: httpx.AsyncClient, as_: As, signed_in: SignedIn
) -> None:
    application, emergency = await _two(router, **LIFT)
    await _of_unit(router, emergency, "UD122")
    worker = as_("grid_worker", unit="UD122")
    assert (await http.get(f"/v1/cases/{application}", headers=worker)).status_code == 403
    shown = (await http.get(f"/v1/cases/{emergency}", headers=worker)).json()
    assert shown["application"] == application
    assert shown["beside"].keys() == {"relation", "case_id", "text_zh", "text_en"}
    assert "outside your jurisdiction" in shown["beside"]["text_en"]
    page = (await (await signed_in("grid_worker", unit="UD122")).get(f"/cases/{emergency}")).text
    assert "It lies outside your jurisdiction." in page
    assert f'href="/cases/{application}"' not in page


async def test_of_a_confidential_case_nobody_else_learns_that_it_is_there(
    router: Service, http: httpx.AsyncClient, as_: As, signed_in: SignedIn
) -> None:
    application, emergency = await _two(router, **AID)
    await _of_unit(router, emergency, "UD122")
    worker = as_("grid_worker", unit="UD122")
    assert (await http.get(f"/v1/cases/{application}", headers=worker)).status_code == 404
    told = [
        (await http.get(path, headers=worker)).text
        for path in (f"/v1/cases/{emergency}", f"/v1/cases/{emergency}/history", "/v1/cases")
    ]
    signed = await http.post(f"/v1/cases/{emergency}/commands/sign", headers=worker)
    told += [
        signed.text,
        (await (await signed_in("grid_worker", unit="UD122")).get(f"/cases/{emergency}")).text,
    ]
    assert all(emergency in text for text in told)
    assert not any(application in text for text in told)
