"""The explanation says which sensitive place and which weather warning counted, now and after they have changed."""

import re
from typing import Any

import httpx
import pytest

from contracts.facts.reason import Circumstance, Reason
from delivery.service import Service
from services.router.decision.explanation import explain
from services.router.rulesets.ruleset import load_ruleset
from tests.router.builders import a_report, an_import
from tests.router.desk_visits import SignedIn
from tests.router.several_reports import work

RULES = load_ruleset()
SAID: list[tuple[str, dict[str, str] | None, str, str]] = [
    ("S2", None, "附近有敏感场所：+15", "near a sensitive place: +15"),
    (
        "S2",
        {"kind": "school", "name": "梅园小学", "name_en": "Meiyuan Primary School"},
        "附近有敏感场所（学校：梅园小学）：+15",
        "near a sensitive place (school: Meiyuan Primary School): +15",
    ),
    (
        "S2",
        {"kind": "metro_entrance", "name": "A 口"},
        "附近有敏感场所（地铁出入口：A 口）：+15",
        "near a sensitive place (metro entrance: A 口): +15",
    ),
    (
        "S2",
        {"kind": "library", "name": "区图书馆"},
        "附近有敏感场所（library：区图书馆）：+15",
        "near a sensitive place (library: 区图书馆): +15",
    ),
    ("S5", None, "天气预警：+15", "weather warning: +15"),
    ("S5", {"level": "blue"}, "天气预警（蓝色）：+15", "weather warning (blue): +15"),
    (
        "S5",
        {"kind": "暴雨", "level": "orange"},
        "天气预警（暴雨橙色）：+15",
        "weather warning (rainstorm, orange): +15",
    ),
    (
        "S5",
        {"kind": "Rainstorm", "level": "red"},
        "天气预警（暴雨红色）：+15",
        "weather warning (rainstorm, red): +15",
    ),
    (
        "S5",
        {"kind": "山洪", "level": "yellow"},
        "天气预警（山洪黄色）：+15",
        "weather warning (山洪, yellow): +15",
    ),
]


@pytest.mark.parametrize(("rule", "about", "zh", "en"), SAID)
def test_a_circumstance_in_words(rule: str, about: dict[str, str] | None, zh: str, en: str) -> None:
    reason = Reason.model_validate({"rule": rule, "effect": "points", "points": 15, "about": about})
    (told,) = explain([reason], RULES)
    assert (told.text_zh, told.text_en) == (zh, en)


def test_what_was_decided_without_a_circumstance_is_published_as_before() -> None:
    reason = Reason(rule="S2", effect="points", points=15)
    assert reason.model_dump_json(exclude_none=True) == '{"rule":"S2","effect":"points","points":15}'
    assert Reason.model_validate_json(b'{"rule":"S5","effect":"points"}').about is None
    assert Circumstance.model_validate({"kind": "school", "floor": 2}).name is None


SCHOOL = {
    "type": "Feature",
    "properties": {"kind": "school", "name": "梅园小学", "name_en": "Meiyuan Primary School"},
    "geometry": {"type": "Point", "coordinates": [1.0, 1.0]},
}
ZH = ["附近有敏感场所（学校：梅园小学）：+15", "天气预警（暴雨橙色）：+20"]
EN = [
    "near a sensitive place (school: Meiyuan Primary School): +15",
    "weather warning (rainstorm, orange): +20",
]


@pytest.mark.usefixtures("noon")
async def test_a_decision_and_a_stored_case_name_what_counted_after_it_is_gone(
    router: Service, http: httpx.AsyncClient, signed_in: SignedIn
) -> None:
    places = {"places": {"type": "FeatureCollection", "features": [SCHOOL]}}
    assert (await http.post("/v1/directory/imports", json=an_import() | places)).status_code == 201
    warning = {"level": "orange", "kind": "暴雨", "to": "2026-11-24T00:00:00Z"}
    stated = (await http.post("/v1/weather-warnings", json=warning)).json()
    asked = {"channel": "web", "text": "路灯不亮", "category": "C01-04", "place": {"lon": 1.0, "lat": 1.0}}
    tried = (await http.post("/v1/decisions", json=asked)).json()
    assert _soft(tried) == (ZH, EN)
    await work(router, report := a_report(category="C01-04"))
    # the school closes, the rain stops: the decision was made beside the one and under the other
    assert (await http.post("/v1/directory/imports", json=an_import())).status_code == 201
    assert (await http.delete(f"/v1/weather-warnings/{stated['id']}")).status_code == 204
    case = (await http.get(f"/v1/cases/{report.case_id}")).json()
    assert _soft(case) == (ZH, EN)
    assert [each["rule"] for each in case["explanation"]] == [each["rule"] for each in tried["explanation"]]
    page = (await (await signed_in("admin")).get(f"/cases/{report.case_id}")).text
    assert re.findall(r"<li>((?:near a|weather)[^<]*)</li>", page) == EN
    assert _soft((await http.post("/v1/decisions", json=asked)).json()) == ([], [])


@pytest.mark.usefixtures("noon")
async def test_what_the_caller_supposes_has_no_name(http: httpx.AsyncClient) -> None:
    places = {"places": {"type": "FeatureCollection", "features": [SCHOOL]}}
    assert (await http.post("/v1/directory/imports", json=an_import() | places)).status_code == 201
    warning = {"level": "blue", "kind": "暴雨", "to": "2026-11-24T00:00:00Z"}
    assert (await http.post("/v1/weather-warnings", json=warning)).status_code == 201
    asked = {"channel": "web", "text": "路灯不亮", "category": "C01-04", "place": {"lon": 1.0, "lat": 1.0}}
    supposed = {"near_sensitive_place": True, "weather_points": 20}
    tried = (await http.post("/v1/decisions", json=asked | supposed)).json()
    assert _soft(tried) == (
        ["附近有敏感场所：+15", "天气预警：+20"],
        ["near a sensitive place: +15", "weather warning: +20"],
    )


def _soft(answer: dict[str, Any]) -> tuple[list[str], list[str]]:
    told = [each for each in answer["explanation"] if each["rule"] in ("S2", "S5")]
    return [each["text_zh"] for each in told], [each["text_en"] for each in told]
