"""Cases over HTTP: who sees what, in which order, what commands answer."""

from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import httpx
import pytest
from structlog.testing import capture_logs

from contracts.facts.report import ReportedFacts
from contracts.vocabulary import Tier
from delivery.service import Service
from services.router.directory.directory import Unit
from tests.databases import As
from tests.router.builders import a_directory, an_import
from tests.router.several_reports import filed


async def _command(
    http: httpx.AsyncClient, case: str, command: str, headers: Any = None, **body: Any
) -> httpx.Response:
    return await http.post(f"/v1/cases/{case}/commands/{command}", json=body, headers=headers)


async def test_a_case_goes_from_sign_to_close(http: httpx.AsyncClient, router: Service, as_: As) -> None:
    case = await filed(router, category="V01-02")
    lead, desk = as_("unit_lead", unit="UD11", sub="p-1"), as_("operator", sub="p-2")
    steps = [
        ("sign", lead, {}),
        ("progress", lead, {"data": {"note": "已联系", "contacted": True}}),
        ("finish", lead, {"data": {"result": "已答复", "evidence_method": "call"}}),
        ("check_pass", desk, {}),
        ("record_feedback", desk, {}),
        ("record_visit", desk, {"data": {"contacted": True, "solved": True, "satisfaction": 5}}),
        ("close", desk, {"data": {"town_acknowledged": True}}),
    ]
    for command, headers, body in steps:
        answer = await _command(http, case, command, headers, **body)
        assert answer.status_code == 200, (command, answer.text)
    assert answer.json()["state"] == "closed"
    history = (await http.get(f"/v1/cases/{case}/history", params={"limit": 500})).json()["items"]
    assert [event["case_version"] for event in history] == list(range(1, len(history) + 1))


@pytest.mark.parametrize("body", [None, {}, {"data": None, "expected_version": None}], ids=str)
async def test_a_command_that_brings_nothing_needs_no_body(
    http: httpx.AsyncClient, router: Service, body: Any
) -> None:
    case = await filed(router)
    answer = await http.post(f"/v1/cases/{case}/commands/sign", json=body)
    assert (answer.status_code, answer.json()["state"]) == (200, "handling")


async def test_a_command_is_logged_with_the_event_that_it_brought(
    http: httpx.AsyncClient, router: Service
) -> None:
    case = await filed(router, category="V01-02")
    with capture_logs() as lines:
        assert (await _command(http, case, "sign")).status_code == 200
    (line,) = [line for line in lines if line["event"] == "command done"]
    history = (await http.get(f"/v1/cases/{case}/history", params={"limit": 500})).json()["items"]
    (signed,) = [event for event in history if event["type"] == "case.signed"]
    assert (str(line["case_id"]), str(line["event_id"])) == (case, signed["event_id"])


@pytest.mark.parametrize(
    ("command", "body", "status", "has"),
    [
        ("close", {}, 409, "allowed"),
        ("finish", {}, 409, "allowed"),
        ("dispatch", {}, 409, "allowed"),
        ("sign", {"expected_version": 1}, 409, "version"),
        ("sign", {"data": {"handlr": "x"}}, 422, "errors"),
        ("sign", {"dat": {}}, 422, "errors"),
        ("fly", {}, 404, "commands"),
    ],
)
async def test_refusals_say_what_is_possible(
    http: httpx.AsyncClient, router: Service, command: str, body: dict[str, Any], status: int, has: str
) -> None:
    case = await filed(router)
    answer = await _command(http, case, command, **body)
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert has in answer.json()
    if has == "allowed":
        assert {"sign", "progress", "return"} <= set(answer.json()["allowed"])
        assert command not in answer.json()["allowed"]


@pytest.mark.parametrize(
    ("command", "body", "roles", "status"),
    [
        ("reopen", {}, ("handler",), 403),
        ("reopen", {"expected_version": 1}, ("handler",), 403),
        ("reopen", {}, ("dispatcher",), 409),
        ("reopen", {}, ("handler", "dispatcher"), 409),
        ("archive", {}, ("handler",), 409),
        ("fly", {}, ("handler",), 404),
    ],
)
async def test_who_may_never_give_a_command_is_refused_before_the_state_is_judged(
    http: httpx.AsyncClient,
    router: Service,
    as_: As,
    command: str,
    body: dict[str, Any],
    roles: tuple[str, ...],
    status: int,
) -> None:
    case = await filed(router)
    assert (await _command(http, case, command, as_(*roles, unit="UD"), **body)).status_code == status


async def test_what_the_timer_alone_does_is_refused_in_those_words(
    http: httpx.AsyncClient, router: Service
) -> None:
    case = await filed(router)
    for command in ("archive", "request_check"):
        answer = await _command(http, case, command)
        assert (answer.status_code, answer.json()["detail"]) == (
            409,
            f"{command} is given by the system alone",
        )
    assert "not possible in dispatched" in (await _command(http, case, "reopen")).json()["detail"]


async def test_what_a_guard_lacks_is_named(http: httpx.AsyncClient, router: Service) -> None:
    case = await filed(router)
    await _command(http, case, "sign")
    answer = await _command(http, case, "finish", data={"result": "好了", "evidence_method": "photo"})
    assert answer.status_code == 422
    assert [error["pointer"] for error in answer.json()["errors"]] == ["/data/evidence"]


async def test_a_refused_command_changes_nothing(http: httpx.AsyncClient, router: Service) -> None:
    case = await filed(router)
    before = (await http.get(f"/v1/cases/{case}")).json()
    await _command(http, case, "finish", data={"result": "好了", "evidence_method": "photo"})
    assert (await http.get(f"/v1/cases/{case}")).json() == before


async def test_only_the_lead_and_those_above_it_sign(
    http: httpx.AsyncClient, router: Service, as_: As
) -> None:
    case = await filed(router, category="E01-01")  # led by the grid worker UD111
    assert (await _command(http, case, "sign", as_("unit_lead", unit="UD112"))).status_code == 403
    assert (await _command(http, case, "sign", as_("operator"))).status_code == 403
    assert (await _command(http, case, "sign", as_("unit_lead", unit="UD1"))).status_code == 200


async def test_a_unit_sees_its_jurisdiction_and_no_more(
    http: httpx.AsyncClient, router: Service, as_: As
) -> None:
    here = await filed(router, category="E01-01")
    there = await filed(router, category="E01-01", lon=3.0, lat=3.0)
    seen = (await http.get("/v1/cases", headers=as_("unit_lead", unit="UD11"))).json()["items"]
    assert [case["case_id"] for case in seen] == [here]
    assert (await http.get(f"/v1/cases/{there}", headers=as_("unit_lead", unit="UD11"))).status_code == 403
    assert (await http.get("/v1/cases", headers=as_("handler"))).json()["items"] == []


async def test_even_the_existence_of_a_sealed_case_is_hidden(
    http: httpx.AsyncClient, router: Service, as_: As
) -> None:
    case = await filed(router, category="V05-01", lon=3.0, lat=3.0)
    assert (await http.get(f"/v1/cases/{case}", headers=as_("unit_lead", unit="UD11"))).status_code == 404


async def test_a_sealed_case_is_for_those_who_act_on_it_and_those_above_them(
    http: httpx.AsyncClient, router: Service, as_: As
) -> None:
    """The accused and those whose ground it is do not learn that there is one."""
    directory = a_directory(Unit("U-assessors", "assessors", "assessment_office", Tier.TOWN, "D1", "UD1"))
    assert (await http.post("/v1/directory/imports", json=an_import(directory))).status_code == 201
    case = await filed(router, category="V05-01")
    assert (await http.get(f"/v1/cases/{case}")).json()["lead"] == "U-assessors"
    knows = {"UD111": False, "UD11": False, "U-assessors": True, "UD1": True, "UD": True}
    for unit, seen in knows.items():
        headers = as_("unit_lead", "supervisor", unit=unit)
        for path in (f"/v1/cases/{case}", f"/v1/cases/{case}/history"):
            assert (await http.get(path, headers=headers)).status_code == (200 if seen else 404), unit
        listed = (await http.get("/v1/cases", headers=headers)).json()["items"]
        assert [each["case_id"] for each in listed] == ([case] if seen else []), unit
        signed = await _command(http, case, "sign", headers)
        assert (signed.status_code != 404) == seen, unit
    assert (await http.get("/v1/cases", headers=as_("assessor"))).json()["items"] == []
    assert (await http.get(f"/v1/cases/{case}", headers=as_("assessor"))).status_code == 404
    assert len((await http.get("/v1/cases", headers=as_("dispatcher"))).json()["items"]) == 1


async def test_nobody_without_a_unit_sees_a_sealed_case(
    http: httpx.AsyncClient, router: Service, as_: As
) -> None:
    case = await filed(router, category="V05-01")
    assert (await http.get(f"/v1/cases/{case}", headers=as_("unit_lead"))).status_code == 404
    assert (await http.get("/v1/cases", headers=as_("unit_lead"))).json()["items"] == []


async def test_the_desk_of_a_district_reaches_everything_and_that_of_a_community_its_ground(
    http: httpx.AsyncClient, router: Service, as_: As
) -> None:
    here, there = [await filed(router, category="E01-01", lon=lon) for lon in (1.0, 3.0)]
    unplaced = await filed(router, lon=None, lat=None)
    for role in ("operator", "dispatcher", "shift_leader", "assessor"):
        for unit, reached in (
            (None, {here, there, unplaced}),
            ("UD", {here, there, unplaced}),
            ("UD11", {here}),
        ):
            headers = as_(role, unit=unit)
            listed = (await http.get("/v1/cases", headers=headers)).json()["items"]
            assert {each["case_id"] for each in listed} == reached, (role, unit)
    dispatcher = as_("dispatcher", unit="UD11")
    assert (await _command(http, there, "void", dispatcher, data={"reason": "x"})).status_code == 403


async def test_the_desk_of_a_unit_that_was_taken_out_reaches_what_is_its_own_until_it_is_back(
    http: httpx.AsyncClient, router: Service, as_: As
) -> None:
    """One of no unit that was ever known is a hotline's, and reaches everything."""
    town = Unit("U-town", "town", "sanitation", Tier.TOWN, "D1", "UD")
    await filed(router, category="E01-01")
    for directory, reached in ((a_directory(town), 1), (a_directory(), 0), (a_directory(town), 1)):
        answer = await http.post("/v1/directory/imports", json=an_import(directory))
        assert answer.status_code == 201, answer.text
        for unit, number in (("U-town", reached), ("U-hotline", 1)):
            listed = await http.get("/v1/cases", headers=as_("operator", unit=unit))
            assert len(listed.json()["items"]) == number, (unit, reached)


async def test_who_helps_finds_the_case_in_his_list(
    http: httpx.AsyncClient, router: Service, as_: As
) -> None:
    """The list holds what may be opened."""
    helper = Unit("U-cleaners", "cleaners", "sanitation", Tier.DISTRICT, "D", "UD")
    assert (await http.post("/v1/directory/imports", json=an_import(a_directory(helper)))).status_code == 201
    helped = await filed(router, category="E01-01")  # sanitation helps the grid worker
    await filed(router, category="V01-02")
    for role in ("unit_lead", "handler"):
        headers = as_(role, unit="U-cleaners")
        listed = (await http.get("/v1/cases", headers=headers)).json()["items"]
        assert [(each["case_id"], each["lead"]) for each in listed] == [(helped, "UD111")]
        assert (await http.get(f"/v1/cases/{helped}", headers=headers)).status_code == 200


async def test_the_queue_begins_with_the_most_urgent_and_pages_through_all(
    http: httpx.AsyncClient, router: Service
) -> None:
    for facts in ({}, {"trapped": 1}, {}, {"injured": 1}, {}):
        await filed(router, category="E01-01", facts=ReportedFacts(**facts))
    seen, after = [], None
    while True:
        page = (await http.get("/v1/cases", params={"limit": 2} | ({"after": after} if after else {}))).json()
        seen += page["items"]
        if (after := page["next"]) is None:
            break
    assert [case["urgency"] for case in seen] == ["critical", "urgent", "general", "general", "general"]
    assert len({case["case_id"] for case in seen}) == 5


@pytest.mark.parametrize(
    ("query", "count"),
    [({"tier": "grid"}, 1), ({"unit": "UD"}, 1), ({"state": "dispatched"}, 2), ({"urgency": "urgent"}, 0),
     ({"grid": "D122"}, 1), ({"overdue": "false"}, 2), ({"overdue": "true"}, 0)],
)  # fmt: skip
async def test_filters(http: httpx.AsyncClient, router: Service, query: dict[str, str], count: int) -> None:
    await filed(router, category="E01-01", at=datetime.now(UTC))
    await filed(router, category="C01-05", lon=3.0, lat=3.0, at=datetime.now(UTC))
    assert len((await http.get("/v1/cases", params=query)).json()["items"]) == count


async def test_the_desk_places_a_report_that_had_no_place(
    http: httpx.AsyncClient, router: Service, as_: As
) -> None:
    case = await filed(router, lon=None, lat=None)
    desk = as_("operator", sub="p-2")
    lost = await _command(http, case, "accept", desk, data={"place": {"lon": 50.0, "lat": 50.0}})
    assert (lost.status_code, lost.json()["errors"][0]["pointer"]) == (422, "/data/place")
    placed = await _command(http, case, "accept", desk, data={"place": {"lon": 3.0, "lat": 1.0}})
    assert (placed.json()["state"], placed.json()["grid"]) == ("dispatched", "D121")


@pytest.mark.parametrize("path", ["/v1/cases?limit=0", "/v1/cases?limit=501", "/v1/cases?tier=street",
                                  "/v1/cases?after=%00", "/v1/cases?after=e30", "/v1/cases/nonsense",
                                  "/v1/grids/at?lon=181&lat=0", "/v1/grids/at?lon=nan&lat=0"])  # fmt: skip
async def test_bad_questions_are_refused_by_name(http: httpx.AsyncClient, path: str) -> None:
    answer = await http.get(path)
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"]


async def test_unknown_cases_are_not_found(http: httpx.AsyncClient) -> None:
    assert (await http.get(f"/v1/cases/{uuid4()}")).status_code == 404
    assert (await _command(http, str(uuid4()), "sign")).status_code == 404


async def test_an_unsound_directory_is_refused_whole(http: httpx.AsyncClient) -> None:
    body = an_import()
    body["units"][0]["kind"] = "police"
    answer = await http.post("/v1/directory/imports", json=body)
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == "/areas/features/0/properties/code"
    assert len((await http.get("/v1/directory/units")).json()["items"]) == 8


async def test_only_an_administrator_imports(http: httpx.AsyncClient, as_: As) -> None:
    answer = await http.post("/v1/directory/imports", json=an_import(), headers=as_("operator"))
    assert answer.status_code == 403


async def test_deadlines(http: httpx.AsyncClient) -> None:
    asked = {"start": "2025-09-26T16:30:00+08:00", "limit": "4 work_hour"}
    assert (await http.post("/v1/deadlines", json=asked)).json()["due_at"] == "2025-09-28T02:30:00Z"
    refused = await http.post("/v1/deadlines", json=asked | {"limit": "4 fortnight"})
    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, "/limit")


async def test_the_workflow_is_served_as_data_and_as_a_diagram(http: httpx.AsyncClient) -> None:
    rows = (await http.get("/v1/workflow")).json()["transitions"]
    assert {"sign", "progress", "finish", "close"} <= {row["command"] for row in rows}
    diagram = await http.get("/v1/workflow?format=mermaid")
    assert diagram.headers["content-type"] == "text/plain; charset=utf-8"
    assert diagram.text.startswith("stateDiagram-v2\n")
    assert "dispatched --> handling: sign" in diagram.text
