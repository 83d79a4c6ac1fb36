"""The page of a case shows what may be the same matter, and one tap merges it."""

import re
from typing import Any

import httpx
import pytest

from contracts.facts import report as facts
from delivery.service import Service
from tests.router.builders import a_report
from tests.router.candidates import METRE
from tests.router.desk_visits import SignedIn
from tests.router.several_reports import a_report_by, follow_up, work

pytestmark = pytest.mark.usefixtures("http")


async def _two(router: Service) -> tuple[Any, Any]:
    first, second = a_report_by("anna", text="我家门口路灯不亮"), a_report_by("bert", lat=1.0 + 5 * METRE)
    await work(router, first)
    await work(router, second)
    return first, second


@pytest.mark.parametrize(("lang", "title"), [("zh", "可能重复"), ("en", "Possibly the same matter")])
async def test_a_dispatcher_sees_the_score_and_merges_with_one_tap(
    router: Service, signed_in: SignedIn, http: httpx.AsyncClient, lang: str, title: str
) -> None:
    first, second = await _two(router)
    browser = await signed_in("dispatcher")
    page = (await browser.get(f"/cases/{second.case_id}?lang={lang}")).text
    assert title in page
    assert f'href="/cases/{first.case_id}"' in page
    assert re.search(r"\b5 (米|m)\b", page)
    assert "我家门口" not in page
    form = re.search(r'action="[^"]+/merge">(.*?)</form>', page, re.S)
    assert form
    hidden = dict(re.findall(r'name="(\w+)" value="([^"]*)"', form[1]))
    assert hidden["master_case_id"] == str(first.case_id)
    answer = await browser.post(f"/cases/{second.case_id}/commands/merge", data=hidden)
    assert answer.status_code == 303
    assert (await http.get(f"/v1/cases/{second.case_id}")).json()["state"] == "merged"
    assert f'href="/cases/{first.case_id}"' in (await browser.get(f"/cases/{second.case_id}")).text
    page = (await browser.get(f"/cases/{first.case_id}")).text
    assert re.search(r"<dt>(并入的上报|Reports that joined)</dt><dd>1</dd>", page)
    assert title not in page


async def test_a_unit_does_not_see_what_may_be_the_same(router: Service, signed_in: SignedIn) -> None:
    _, second = await _two(router)
    page = (await (await signed_in("unit_lead", unit="UD")).get(f"/cases/{second.case_id}?lang=en")).text
    assert "What was reported" in page
    assert "Possibly the same matter" not in page


async def test_a_reporters_wish_is_shown_to_who_decides(router: Service, signed_in: SignedIn) -> None:
    report = a_report()
    await work(router, report)
    withdrawn = facts.ReportWithdrawn(report_id=report.data.report_id, reason="已经修好了")
    await work(router, follow_up(report, withdrawn))
    leader = await signed_in("shift_leader")
    page = (await leader.get(f"/cases/{report.case_id}?lang=zh")).text
    assert "撤回上报" in page
    assert "已经修好了" in page
    assert "<strong>1</strong> Reporters want a decision" in (await leader.get("/?lang=en")).text
    assert str(report.case_id) in (await leader.get("/?wished=true")).text
    assert str(report.case_id) not in (await leader.get("/?wished=false")).text
    unit = await signed_in("unit_lead", unit="UD")
    assert "Reporters want" not in (await unit.get("/?lang=en")).text
    assert str(report.case_id) in (await unit.get("/?wished=false")).text
