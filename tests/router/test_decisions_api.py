"""POST /v1/decisions: a dry run that answers as the router would act, explains itself, and changes nothing."""

from typing import Any
from uuid import UUID

import httpx
import pytest

from contracts.facts.reason import Reason
from contracts.vocabulary import Urgency
from delivery.service import Service
from services.router.cases import store
from services.router.decision.explanation import explain
from services.router.handlers import on_reports
from services.router.rulesets.ruleset import SHIPPED, load_ruleset
from tests.router.builders import a_report, an_import

ASKED = {"channel": "hotline", "text": "路灯不亮", "category": "C01-05", "place": {"lon": 1.0, "lat": 1.0}}
RULES = load_ruleset()


async def _decide(http: httpx.AsyncClient, **more: Any) -> dict[str, Any]:
    answer = await http.post("/v1/decisions", json=ASKED | more)
    assert answer.status_code == 200, answer.text
    body: dict[str, Any] = answer.json()
    return body


async def test_the_answer_holds_all_that_was_decided(http: httpx.AsyncClient) -> None:
    decided = await _decide(http, at="2026-11-23T12:00:00+08:00")
    assert {name: decided[name] for name in ("category", "base_urgency", "urgency", "points", "procedure")} == {
        "category": "C01-05", "base_urgency": "general", "urgency": "general", "points": 0, "procedure": "coordinate",
    }  # fmt: skip
    assert (decided["tier"], decided["lead_unit"], decided["grid"]) == ("district", "UD", "D111")
    assert (decided["copies"], decided["co_handlers"]) == (["UD1", "UD11", "UD111"], [])
    assert (decided["confirm_by_phone"], decided["call_lines"]) == (False, [])
    assert (decided["ruleset_version"], decided["calendar_version"]) == (SHIPPED, "cn/Asia/Shanghai")
    handle = next(clock for clock in decided["clocks"] if clock["name"] == "handle")
    assert handle == {"name": "handle", "limit": "2 work_day", "due_at": "2026-11-25T04:00:00Z"}


async def test_every_reason_is_told_in_both_languages_with_the_words_that_matched(
    http: httpx.AsyncClient,
) -> None:
    decided = await _decide(
        http, text="我叫张小云，电话19900000011，楼下垃圾桶着火了", category="E01-01", channel="press",
        facts={"vulnerable": "some"}, same_reporter=3,
    )  # fmt: skip
    assert (decided["urgency"], decided["procedure"], decided["call_lines"]) == (
        "critical",
        "emergency",
        ["119"],
    )
    by_rule = {each["rule"]: each for each in decided["explanation"]}
    assert by_rule["F01"]["matched"] == "着火"
    assert by_rule["F01"]["text_en"] == "the text speaks of fire or explosion: at least critical"
    assert {rule: by_rule[rule]["points"] for rule in ("S1", "S3", "S7")} == {"S1": 15, "S3": 20, "S7": 10}
    assert all(each["text_zh"] and each["text_en"] for each in decided["explanation"])
    assert "19900000011" not in str(decided)


async def test_a_dry_run_decides_as_the_report_itself_is_decided(
    http: httpx.AsyncClient, router: Service
) -> None:
    texts = ["路灯不亮", "垃圾桶着火了", "没有人被困", "Fire drill on Saturday", "有人受伤，要求赔偿"]
    for text in texts:
        report = a_report(text=text, category="E01-01")
        async with router.database.transaction() as connection:
            await on_reports(connection, [report], router.app.state.rules)
        async with router.database.connection() as connection:
            case = await store.find_case(connection, report.case_id)
        filed = await _fact(http, report.case_id, "case.filed")
        dry = await _decide(http, text=text, category="E01-01")
        assert (dry["urgency"], dry["lead_unit"], dry["procedure"], tuple(dry["copies"]), dry["tracker"]) == (
            case.urgency, case.lead, case.procedure, case.copies, case.tracker,
        )  # fmt: skip
        assert {clock["name"] for clock in dry["clocks"]} == set(case.clocks)
        assert [each["rule"] for each in dry["explanation"]] == [each["rule"] for each in filed["reasons"]]
        assert (dry["points"], dry["confirm_by_phone"]) == (filed["points"], filed["confirm_by_phone"])
        assert all(text[slice(*each["at"])] in text for each in filed["reasons"] if each.get("at"))


async def _fact(http: httpx.AsyncClient, case: UUID, kind: str) -> dict[str, Any]:
    items = (await http.get(f"/v1/cases/{case}/history")).json()["items"]
    fact: dict[str, Any] = next(event["data"] for event in items if event["type"] == kind)
    return fact


async def test_a_dry_run_changes_nothing(http: httpx.AsyncClient, router: Service) -> None:
    counted = "select (select count(*) from cases), (select count(*) from outbox)"
    async with router.database.connection() as connection:
        before = await connection.fetch(counted)
    await _decide(http, text="着火了")
    async with router.database.connection() as connection:
        assert await connection.fetch(counted) == before


@pytest.mark.parametrize(
    ("wrong", "pointer"),
    [
        ({"text": ""}, "/text"), ({"text": "  "}, "/text"), ({"text": "x" * 4001}, "/text"), ({"text": "\x00"}, "/text"),
        ({"channel": "pigeon"}, "/channel"), ({"category": "lamp"}, "/category"), ({"place": {}}, "/place"),
        ({"place": {"lon": 50, "lat": 50}}, "/place"), ({"place": {"address": "somewhere"}}, "/place"),
        ({"place": {"lon": 1}}, "/place"), ({"place": {"lon": 181, "lat": 0}}, "/place/lon"),
        ({"facts": {"injured": -1}}, "/facts/injured"), ({"facts": {"injurd": 1}}, "/facts/injurd"),
        ({"at": "noon"}, "/at"), ({"at": "2026-11-23T12:00:00"}, "/at"), ({"at": "2041-01-01T00:00:00Z"}, "/at"),
        ({"weather_points": -1}, "/weather_points"), ({"ruleset": "none-1"}, "/ruleset"), ({"ruleset": "../x"}, "/ruleset"),
        ({"ruleset": ".."}, "/ruleset"), ({"reporter": {"phone": "19900000011"}}, "/reporter"),
        ({"complained_of": ["UD"]}, "/complained_of"), ({"same_reporter": "two"}, "/same_reporter"),
    ],
)  # fmt: skip
async def test_what_is_wrong_is_named(http: httpx.AsyncClient, wrong: dict[str, Any], pointer: str) -> None:
    answer = await http.post("/v1/decisions", json=ASKED | wrong)
    assert answer.status_code == 422, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert pointer in [error["pointer"] for error in answer.json()["errors"]]
    assert "19900000011" not in answer.text


async def test_null_is_as_absent_as_in_a_report(http: httpx.AsyncClient) -> None:
    names = (
        *(
            "kind",
            "facts",
            "occurred_at",
            "attachments",
            "confidential",
            "same_reporter",
            "distinct_reporters",
        ),
        *("near_sensitive_place", "weather_points", "recent_same_component", "complained_of", "ruleset"),
    )
    at = "2026-11-23T12:00:00+08:00"
    nothing = dict.fromkeys(("injured", "trapped", "crowd", "vulnerable"))
    assert await _decide(http, at=at, **dict.fromkeys(names)) == await _decide(http, at=at)
    assert await _decide(http, at=at, facts=nothing) == await _decide(http, at=at)


async def test_a_lone_surrogate_is_no_fault_of_ours(http: httpx.AsyncClient) -> None:
    body = b'{"channel":"web","text":"\\ud800 fire","place":{"grid":"D111"}}'
    answer = await http.post("/v1/decisions", content=body, headers={"Content-Type": "application/json"})
    assert answer.status_code == 422


async def test_nobody_asks_without_a_token(http: httpx.AsyncClient) -> None:
    assert (await http.post("/v1/decisions", json=ASKED, headers={"Authorization": ""})).status_code == 401


async def test_hours_of_duty_of_the_directory_in_force_are_kept(http: httpx.AsyncClient) -> None:
    hours = {"from": "2020-01-01T00:00:00Z", "to": "2020-01-02T00:00:00Z"}
    duty = [{"person": "p-1", "unit": "UD11", "post": "desk", **hours}]
    assert (await http.post("/v1/directory/imports", json=an_import() | {"duty": duty})).status_code == 201
    decided = await _decide(http, category="V01-02")
    assert decided["lead_unit"] == "UD1"
    assert "guard.off_duty" in [each["rule"] for each in decided["explanation"]]


_ALL_RULES = [
    *(
        f"{floor}{ending}"
        for floor in RULES.urgency.floors
        for ending in ("", ".negated", ".talk", ".risk", ".ended")
    ),
    *(f"S{number}" for number in range(1, 9)),
    *("base", "points", "kept", "category.given", "category.proposed", "category.unclassified"),
    *("procedure.danger", "procedure.beside", "lead.competence", "lead.territory"),
    *("privacy.wish", "privacy.kept", "privacy.consent"),
    *("guard.pushed_down", "guard.elsewhere", "guard.conflict", "guard.off_duty", "guard.duty_line"),
]


@pytest.mark.parametrize("rule", _ALL_RULES)
def test_a_stored_reason_is_explained_without_the_text(rule: str) -> None:
    for at in (None, (0, 2)):
        told = explain([Reason(rule=rule, effect=Urgency.URGENT, at=at, points=10)], RULES)[0]
        assert "规则 " not in told.text_zh
        assert told.text_en.isascii()
        assert "None" not in told.text_zh + told.text_en
        assert "{" not in told.text_zh + told.text_en


def test_a_reason_of_a_rule_that_is_no_more_is_still_told() -> None:
    told = explain([Reason(rule="Q9.old", effect="x")], RULES)[0]
    assert (told.text_zh, told.text_en) == ("规则 Q9.old：x", "rule Q9.old: x")
