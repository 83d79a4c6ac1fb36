"""Calendars as documents, hours of a unit's own, and deadlines over HTTP."""

from datetime import datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from contracts.vocabulary import Tier
from delivery.database import Connection
from delivery.service import Service
from services.router.clocks.calendars import CalendarDocument, calendar_named, calendar_of, read_calendar
from services.router.clocks.limits import due_at, parse_limit
from services.router.current_rules import CurrentRules
from services.router.directory.directory import Unit
from services.router.rulesets.ruleset import Ruleset
from services.router.settings import Settings
from tests.databases import As
from tests.router.builders import a_directory, an_import
from tests.router.documents import a_calendar, a_document

START = "2026-11-25T16:00:00+08:00"  # a Wednesday


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"name": "cn"}, "/name"),
        ({"name": "../etc"}, "/name"),
        ({"zone": "Asia/Nowhere"}, "/zone"),
        ({"working_days": ["mon", "funday"]}, "/working_days/1"),
        ({"working_days": []}, "/working_days"),
        ({"windows": [["08:00", "25:00"]]}, "/windows"),
        ({"windows": [["12:00", "08:00"]]}, "/windows"),
        ({"windows": [["08:00", "12:00"], ["11:00", "14:00"]]}, "/windows"),
        ({"windows": []}, "/windows"),
        ({"holidays": ["2026-02-30"]}, "/holidays/0"),
        ({"extra_working_days": ["2026-11-26"]}, "/"),
        ({"hollidays": []}, "/hollidays"),
    ],
)
async def test_each_fault_of_a_calendar_is_named(http: httpx.AsyncClient, changes: Any, pointer: str) -> None:
    answer = await http.post("/v1/calendars", json=a_calendar(**changes))
    assert answer.status_code == 422
    assert [error["pointer"] for error in answer.json()["errors"]] == [pointer]


async def test_all_that_is_wrong_with_a_question_is_named_at_once(http: httpx.AsyncClient) -> None:
    answer = await http.post(
        "/v1/deadlines", json={"start": "tomorrow", "limit": "4 fortnight", "calendar": "?"}
    )
    assert [error["pointer"] for error in answer.json()["errors"]] == ["/start", "/limit", "/calendar"]


@pytest.mark.parametrize(
    ("limit", "due"),
    [("1 work_hour", "2026-11-25T09:00:00Z"), ("2 work_hour", "2026-11-27T02:00:00Z"),
     ("1 work_day", "2026-11-27T08:00:00Z"), ("2 next_day_end", "2026-11-28T09:00:00Z"),
     ("2 urgent_hour", "2026-11-25T10:00:00Z")],
)  # fmt: skip
async def test_deadlines_in_an_uploaded_calendar(http: httpx.AsyncClient, limit: str, due: str) -> None:
    uploaded = await http.post("/v1/calendars", json=a_calendar())
    assert uploaded.status_code == 201
    answer = await http.post("/v1/deadlines", json={"start": START, "limit": limit, "calendar": "harbour"})
    assert answer.json() == {"due_at": due, "calendar_version": uploaded.json()["version"]}


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"start": "2026-11-25T16:00:00"}, "/start"),
        ({"start": "yesterday"}, "/start"),
        ({"start": "1990-01-01T00:00:00Z"}, "/start"),
        ({"limit": "4 fortnight"}, "/limit"),
        ({"limit": "999999 work_day"}, "/limit"),
        ({"limit": 4}, "/limit"),
        ({"calendar": "moon"}, "/calendar"),
        ({"calendar": "/etc/passwd.json"}, "/calendar"),
    ],
)
async def test_what_is_wrong_with_a_question_is_named(
    http: httpx.AsyncClient, changes: Any, pointer: str
) -> None:
    answer = await http.post("/v1/deadlines", json={"start": START, "limit": "4 work_hour"} | changes)
    assert answer.status_code == 422
    assert [error["pointer"] for error in answer.json()["errors"]] == [pointer]


async def test_anybody_with_a_token_asks_and_nobody_without(http: httpx.AsyncClient, as_: As) -> None:
    asked = {"start": START, "limit": "4 work_hour"}
    assert (await http.post("/v1/deadlines", json=asked, headers=as_("resident"))).status_code == 200
    assert (await http.post("/v1/deadlines", json=asked, headers={"Authorization": ""})).status_code == 401
    refused = await http.post("/v1/calendars", json=a_calendar(), headers=as_("operator"))
    assert refused.status_code == 403


async def test_a_new_version_of_the_calendar_in_force_is_taken_at_once(
    http: httpx.AsyncClient, router: Service
) -> None:
    first = await http.post("/v1/calendars", json=a_calendar())
    again = await http.post(
        "/v1/calendars", json=a_calendar(working_days=["fri", "thu", "wed", "tue", "mon"])
    )
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json() == again.json()
    settings = Settings(**router.settings.model_dump() | {"calendar": "harbour"})
    replica = CurrentRules(settings)
    async with router.database.connection() as connection:
        before = (await replica.get(connection)).calendar
        changed = await http.post("/v1/calendars", json=a_calendar(holidays=[]))
        after = (await replica.get(connection)).calendar
    assert (before.version, after.version) == (first.json()["version"], changed.json()["version"])
    assert before.version != after.version


async def test_who_loads_a_new_ruleset_just_then_takes_the_new_calendar_too(
    http: httpx.AsyncClient, router: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Though somebody else has loaded both meanwhile."""
    await http.post("/v1/calendars", json=a_calendar())
    replica = CurrentRules(Settings(**router.settings.model_dump() | {"calendar": "harbour"}))
    find = replica.ruleset

    async def after_another(connection: Connection, version: str) -> Ruleset:
        monkeypatch.setattr(replica, "ruleset", find)
        async with router.database.connection() as others:
            await replica.get(others)
        return await find(connection, version)

    async with router.database.connection() as connection:
        await replica.get(connection)
        changed = await http.post("/v1/calendars", json=a_calendar(holidays=[]))
        await http.post("/v1/rulesets", json=a_document(("/version", "v2")))
        await http.post("/v1/rulesets/v2/activation")
        monkeypatch.setattr(replica, "ruleset", after_another)
        for _ in range(2):
            rules = await replica.get(connection)
            assert (rules.ruleset.version, rules.calendar.version) == ("v2", changed.json()["version"])


def test_a_calendar_file_is_the_same_as_the_document(tmp_path: Path) -> None:
    document = CalendarDocument.model_validate(a_calendar())
    path = tmp_path / "harbour.json"
    path.write_text(document.text)
    assert read_calendar(path).version == document.version


@pytest.mark.parametrize(
    ("hours", "due"),
    [((), "18:00"), ((("07:00", "11:00"), ("13:00", "17:00")), "17:00"), ((("10:00", "22:00"),), "14:00")],
)
def test_clocks_on_a_unit_run_in_its_own_hours(hours: Any, due: str) -> None:
    china = calendar_named("cn", "Asia/Shanghai")
    unit = Unit("S", "S", "sanitation", Tier.TOWN, "D1", hours=hours)
    start = china_time("2026-11-23T12:00" if due != "14:00" else "2026-11-23T06:00")
    at = due_at(start, parse_limit("4 work_hour"), calendar_of(unit, china))
    assert at.astimezone(china.zone).strftime("%d %H:%M") == f"23 {due}"
    assert calendar_of(unit, china) is calendar_of(unit, china)
    assert calendar_of(None, china) is china


async def test_a_unit_brings_its_hours_with_the_directory(http: httpx.AsyncClient) -> None:
    hours = (("07:00", "11:00"), ("13:00", "17:00"))
    body = an_import(a_directory(Unit("S", "S", "sanitation", Tier.TOWN, "D1", hours=hours)))
    assert (await http.post("/v1/directory/imports", json=body)).status_code == 201
    units = {unit["code"]: unit for unit in (await http.get("/v1/directory/units")).json()["items"]}
    assert units["S"]["hours"] == [["07:00", "11:00"], ["13:00", "17:00"]]
    assert units["UD"]["hours"] == []
    body["units"][0]["hours"] = [["13:00", "17:00"], ["07:00", "11:00"]]
    refused = await http.post("/v1/directory/imports", json=body)
    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, "/units/0/hours")


def china_time(text: str) -> datetime:
    return datetime.fromisoformat(f"{text}:00+08:00")


async def test_the_calendar_of_an_answer_may_be_asked_for_by_its_version(http: httpx.AsyncClient) -> None:
    await http.post("/v1/calendars", json=a_calendar(name="harbour"))
    asked = {"start": START, "limit": "4 work_hour"}
    for calendar in (None, "cn", "weekdays", "harbour"):
        first = (await http.post("/v1/deadlines", json=asked | {"calendar": calendar})).json()
        await http.post("/v1/calendars", json=a_calendar(name="harbour", windows=[["09:00", "10:00"]]))
        again = await http.post("/v1/deadlines", json=asked | {"calendar": first["calendar_version"]})
        assert again.json() == first
    for unknown in ("cn/Asia/Nowhere", "cn/../Asia", "harbour@0123456789/Asia/Shanghai", "cn/a.json"):
        refused = await http.post("/v1/deadlines", json=asked | {"calendar": unknown})
        assert refused.status_code == 422, unknown
        assert [error["pointer"] for error in refused.json()["errors"]] == ["/calendar"]
