"""Simulations: another ruleset on the reports that came in; what would have changed is told and nothing is."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import httpx
import pytest

from contracts.vocabulary import Tier
from delivery.database import Connection
from delivery.service import Service
from services.router.current_rules import CurrentRules
from services.router.directory.directory import Unit
from services.router.rulesets.ruleset import SHIPPED, Ruleset, load_ruleset
from services.router.simulation.past import question_of
from tests.databases import As
from tests.router.builders import NOON, a_directory, a_report, an_import
from tests.router.several_reports import work

pytestmark = pytest.mark.usefixtures("http")


async def _upload(http: httpx.AsyncClient, version: str, change: Callable[[dict[str, Any]], None]) -> None:
    document = load_ruleset().model_dump(mode="json") | {"version": version}
    change(document)
    answer = await http.post("/v1/rulesets", json=document)
    assert answer.status_code == 201, answer.text


def _lamps_are_urgent(document: dict[str, Any]) -> None:
    document["categories"]["C01-05"]["urgency"] = "urgent"


async def test_what_would_have_changed_is_told_case_by_case(http: httpx.AsyncClient, router: Service) -> None:
    lamp, litter = a_report(category="C01-05"), a_report(category="E01-01", text="垃圾两天没清")
    await work(router, lamp, litter)
    await _upload(http, "lamps-1", _lamps_are_urgent)
    told = (await http.post("/v1/simulations", json={"ruleset": "lamps-1"})).json()
    assert (told["reports"], told["changed"], told["unroutable"]) == (2, 1, 0)
    (case,) = told["cases"]
    assert case["case_id"] == str(lamp.case_id)
    assert case["urgency"] == ["general", "urgent"]
    assert told["urgencies"] == {"general": {"before": 2, "after": 1}, "urgent": {"before": 0, "after": 1}}
    assert told["tiers"]["district"] == {"before": 1, "after": 1}


async def test_the_ruleset_in_force_changes_nothing(http: httpx.AsyncClient, router: Service) -> None:
    texts = ["路灯不亮", "垃圾桶着火了", "Gas smell in the corridor", "没有分类的事情"]
    await work(router, *(a_report(category=None, text=text) for text in texts))
    told = (await http.post("/v1/simulations", json={"ruleset": SHIPPED})).json()
    assert (told["reports"], told["changed"], told["cases"]) == (4, 0, [])


async def test_what_lay_around_a_report_counts_as_it_did(http: httpx.AsyncClient, router: Service) -> None:
    """Near a school (S2: 15), and said for the third time (S3: 20): enough where fifteen and twenty are."""
    school = {"type": "Feature", "properties": {"kind": "school", "name": "梅园小学"}}
    school |= {"geometry": {"type": "Point", "coordinates": [1.0, 1.0]}}
    places = {"places": {"type": "FeatureCollection", "features": [school]}}
    assert (await http.post("/v1/directory/imports", json=an_import() | places)).status_code == 201
    near, far = a_report(), a_report(lon=3.0, lat=3.0)
    await work(router, near, far)
    assert (await http.post("/v1/directory/imports", json=an_import())).status_code == 201
    await _upload(http, "low-1", lambda document: document["urgency"]["soft"].update(threshold=15))
    told = (await http.post("/v1/simulations", json={"ruleset": "low-1"})).json()
    assert [case["case_id"] for case in told["cases"]] == [str(near.case_id)]
    assert told["cases"][0]["urgency"] == ["general", "elevated"]


async def test_an_import_meanwhile_is_not_taken_for_what_a_ruleset_changes(
    http: httpx.AsyncClient, router: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    await work(router, a_report(category="C01-05"))
    await _upload(http, "same-1", lambda document: None)
    lighting = Unit("UL", "路灯管理所", "lighting", Tier.DISTRICT, "D", "UD")
    other = an_import(a_directory(lighting))
    rules: CurrentRules = router.app.state.rules
    find = rules.ruleset

    async def after_an_import(connection: Connection, version: str) -> Ruleset:
        if version == "same-1":
            assert (await http.post("/v1/directory/imports", json=other)).status_code == 201
        return await find(connection, version)

    monkeypatch.setattr(rules, "ruleset", after_an_import)
    told = (await http.post("/v1/simulations", json={"ruleset": "same-1"})).json()
    assert (told["reports"], told["changed"]) == (1, 0)


@pytest.mark.parametrize(("points", "count"), [(None, 1), (10, 2), (20, 3)])
def test_points_tell_how_often_it_was_said(points: int | None, count: int) -> None:
    case = {"text": "路灯不亮", "channel": "web", "place": {}}
    reasons = [{"rule": "S3", "effect": "points", "points": points}] if points else []
    soft = load_ruleset().urgency.soft
    assert question_of(case, reasons, "D111", NOON, soft).same_reporter == count


async def test_only_the_stretch_that_is_asked_for(http: httpx.AsyncClient, router: Service) -> None:
    await work(router, *(a_report(at=NOON + timedelta(hours=hour)) for hour in range(4)))
    stretch = {"from": (NOON + timedelta(hours=1)).isoformat(), "to": (NOON + timedelta(hours=3)).isoformat()}
    told = (await http.post("/v1/simulations", json={"ruleset": SHIPPED, **stretch})).json()
    assert told["reports"] == 2


async def test_nothing_is_changed(http: httpx.AsyncClient, router: Service) -> None:
    await work(router, a_report())
    await _upload(http, "lamps-1", _lamps_are_urgent)
    async with router.database.connection() as connection:
        before = await connection.fetch("select * from cases")
        waiting = await connection.fetchval("select count(*) from outbox")
    await http.post("/v1/simulations", json={"ruleset": "lamps-1"})
    async with router.database.connection() as connection:
        assert await connection.fetch("select * from cases") == before
        assert await connection.fetchval("select count(*) from outbox") == waiting


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"ruleset": "nowhere"}, "/ruleset"),
        ({"ruleset": SHIPPED, "against": "nowhere"}, "/against"),
        ({"ruleset": SHIPPED, "from": NOON.isoformat(), "to": NOON.isoformat()}, "/to"),
        ({"ruleset": SHIPPED, "cases": 5001}, "/cases"),
        ({}, "/ruleset"),
    ],
)
async def test_what_is_wrong_is_named(http: httpx.AsyncClient, body: dict[str, Any], pointer: str) -> None:
    answer = await http.post("/v1/simulations", json=body)
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, pointer)


async def test_only_who_plans_rules_simulates(http: httpx.AsyncClient, as_: As) -> None:
    answer = await http.post("/v1/simulations", json={"ruleset": SHIPPED}, headers=as_("handler", unit="UD"))
    assert answer.status_code == 403
