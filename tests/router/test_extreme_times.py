"""A time of which there is no moment in UTC is named, and no fault of ours."""

from typing import Any

import httpx
import pytest

from services.router.rulesets.ruleset import SHIPPED
from tests.router.builders import an_import
from tests.router.documents import version

BEFORE, AFTER = "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00"
CALLS: dict[str, tuple[str, dict[str, Any]]] = {
    "/to": ("/v1/weather-warnings", {"level": "red", "to": AFTER}),
    "/from": (f"/v1/rulesets/{SHIPPED}/activation", {"from": AFTER}),
    "/simulated/from": ("/v1/simulations", {"ruleset": SHIPPED, "from": BEFORE}),
    "/simulated/to": ("/v1/simulations", {"ruleset": SHIPPED, "to": AFTER}),
    "/start": ("/v1/deadlines", {"start": AFTER, "limit": "2 urgent_hour"}),
    "/effective_from": ("/v1/rulesets", version("v2", ("/effective_from", "0001-01-01"))),
    "/duty/0/from": (
        "/v1/directory/imports",
        an_import() | {"duty": [{"person": "p", "unit": "UD", "post": "lead", "from": BEFORE}]},
    ),
    "/duty/0/to": (
        "/v1/directory/imports",
        an_import() | {"duty": [{"person": "p", "unit": "UD", "post": "lead", "to": "2026-01-01T00:00:00"}]},
    ),
}


@pytest.mark.parametrize("pointer", CALLS)
async def test_it_is_named(pointer: str, http: httpx.AsyncClient) -> None:
    path, body = CALLS[pointer]
    answer = await http.post(path, json=body)
    assert (answer.status_code, answer.headers["content-type"]) == (422, "application/problem+json")
    assert [error["pointer"] for error in answer.json()["errors"]] == [pointer.removeprefix("/simulated")]
