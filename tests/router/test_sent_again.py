"""A creating call that is sent again with its key gets the first answer, and creates nothing twice."""

import asyncio
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

import httpx
import pytest
from fastapi import Response

from delivery.idempotency import Call, once
from delivery.service import Service
from services.router.rulesets.ruleset import SHIPPED
from tests.databases import As
from tests.router.builders import an_import
from tests.router.documents import a_calendar, version
from tests.router.several_reports import a_report_by, rows_of, work

KEY = {"Idempotency-Key": "a key of the caller"}
TOMORROW = (datetime.now(UTC) + timedelta(days=1)).isoformat()
# where to, what, what else, and the table that grows
CALLS: dict[str, tuple[str, Any, Any, str]] = {
    "directory": ("/v1/directory/imports", an_import(), an_import() | {"places": None}, "directory_versions"),
    "ruleset": ("/v1/rulesets", version("v2"), version("v3"), "rulesets"),
    "activation": (f"/v1/rulesets/{SHIPPED}/activation", {}, {"from": TOMORROW}, "ruleset_activations"),
    "calendar": ("/v1/calendars", a_calendar(), a_calendar(name="other"), "calendars"),
    "weather": (
        "/v1/weather-warnings",
        {"level": "red", "to": TOMORROW},
        {"level": "blue", "to": TOMORROW},
        "weather_warnings",
    ),
}


@pytest.mark.parametrize("name", CALLS)
async def test_the_same_key_and_body_get_the_first_answer(
    name: str, http: httpx.AsyncClient, router: Service
) -> None:
    path, body, other, table = CALLS[name]
    first = await http.post(path, json=body, headers=KEY)
    created = await _count(router, table)
    again = await http.post(path, json=dict(reversed(body.items())), headers=KEY)
    assert (again.status_code, again.json()) == (200, first.json())
    refused = await http.post(path, json=other, headers=KEY)
    assert (refused.status_code, refused.headers["content-type"]) == (409, "application/problem+json")
    assert await _count(router, table) == created
    assert (await http.post(path, json=other)).status_code in (200, 201), "without the key it is taken"


async def test_an_activation_sent_again_undoes_no_later_one(http: httpx.AsyncClient, router: Service) -> None:
    await http.post("/v1/rulesets", json=version("v2"))
    await http.post("/v1/rulesets", json=version("v3"))
    first = await http.post("/v1/rulesets/v2/activation", headers=KEY)
    assert (await http.post("/v1/rulesets/v3/activation")).status_code == 201
    again = await http.post("/v1/rulesets/v2/activation", headers=KEY)
    assert (again.status_code, again.json()) == (200, first.json())
    assert (await http.post("/v1/rulesets/v3/activation", headers=KEY)).status_code == 409
    latest = (await http.get("/v1/ruleset-activations")).json()["items"][0]
    assert latest["version"] == "v3"


async def test_a_command_sent_again_is_given_once(http: httpx.AsyncClient, router: Service) -> None:
    report = a_report_by("anna")
    await work(router, report)
    path = f"/v1/cases/{report.case_id}/commands"
    assert (await http.post(f"{path}/sign", headers=KEY | {"Idempotency-Key": "sign"})).status_code == 200
    note = {"data": {"note": "已联系"}}
    twins = await asyncio.gather(*(http.post(f"{path}/progress", json=note, headers=KEY) for _ in range(4)))
    assert [each.status_code for each in twins] == [200] * 4
    assert (await http.post(f"{path}/progress", json=note)).status_code == 200, "without the key it is given"
    late = await http.post(f"{path}/progress", json=note, headers=KEY)
    assert [each.json() for each in twins] == [late.json()] * 4
    for command, body in (("progress", {"data": {"note": "已到场"}}), ("finish", note)):
        assert (await http.post(f"{path}/{command}", json=body, headers=KEY)).status_code == 409
    history = (await http.get(f"/v1/cases/{report.case_id}/history")).json()["items"]
    assert [event["type"] for event in history].count("case.progress") == 2


async def test_a_command_that_was_refused_may_be_given_with_its_key(
    http: httpx.AsyncClient, router: Service
) -> None:
    report = a_report_by("anna")
    await work(router, report)
    path = f"/v1/cases/{report.case_id}/commands"
    note = {"data": {"note": "已联系"}}
    assert (await http.post(f"{path}/progress", json=note, headers=KEY)).status_code == 422
    assert (await http.post(f"{path}/sign")).status_code == 200
    assert (await http.post(f"{path}/progress", json=note, headers=KEY)).status_code == 200


async def test_an_edited_table_sent_again_is_one_version(http: httpx.AsyncClient, router: Service) -> None:
    table = (await http.get(f"/v1/rulesets/{SHIPPED}/lines.csv")).content
    path = f"/v1/rulesets/{SHIPPED}/lines.csv"
    first, again, other = [
        await http.post(f"{path}?as={name}", content=table, headers=KEY) for name in ("v2", "v2", "v3")
    ]
    assert [first.status_code, again.status_code, other.status_code] == [201, 200, 409]
    assert first.json() == again.json()
    assert await _count(router, "rulesets") == 2


async def test_twins_import_once(http: httpx.AsyncClient, router: Service) -> None:
    before = await _count(router, "directory_versions")
    answers = await asyncio.gather(
        *(http.post("/v1/directory/imports", json=an_import(), headers=KEY) for _ in range(6))
    )
    assert sorted(answer.status_code for answer in answers) == [200] * 5 + [201]
    assert len({answer.text for answer in answers}) == 1
    assert await _count(router, "directory_versions") == before + 1


async def test_what_was_refused_leaves_the_key_unused(http: httpx.AsyncClient) -> None:
    assert (await http.post("/v1/rulesets/v2/activation", headers=KEY)).status_code == 404
    assert (await http.post("/v1/rulesets", json=version("v2"))).status_code == 201
    assert (await http.post("/v1/rulesets/v2/activation", headers=KEY)).status_code == 201


async def test_a_key_is_its_callers_own(http: httpx.AsyncClient, as_: As) -> None:
    await http.post("/v1/calendars", json=a_calendar(), headers=KEY)
    another = as_("supervisor", sub="p-2") | KEY
    answer = await http.post("/v1/calendars", json=a_calendar(name="theirs"), headers=another)
    assert answer.status_code == 201


async def _count(router: Service, table: str) -> int:
    return len(await rows_of(router, f"select from {table}"))


async def test_a_call_that_is_forgotten_while_it_is_asked_for_is_a_new_one(router: Service) -> None:
    call, given = Call("p-1", "a key", b"what was asked"), count(1)

    class ForgottenMeanwhile:
        """A connection beside which another forgets, before each reading of the first answer."""

        def __init__(self, connection: Any) -> None:
            self._connection = connection

        def __getattr__(self, name: str) -> Any:
            return getattr(self._connection, name)

        async def fetchrow(self, *asked: Any) -> Any:
            async with router.database.transaction() as another:
                await another.execute("delete from first_answers")
            return await self._connection.fetchrow(*asked)

    async def work() -> dict[str, int]:
        return {"number": next(given)}

    async with router.database.transaction() as connection:
        assert await once(connection, call, Response(), work) == {"number": 1}
    async with router.database.connection() as connection:
        assert await once(ForgottenMeanwhile(connection), call, Response(), work) == {"number": 2}
        assert await once(connection, call, Response(), work) == {"number": 2}
