"""Bad input never becomes a 500: whatever endpoint there is, its parameters and texts are given what nobody means well
by."""

import importlib
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import httpx
import pytest
from pydantic import ValidationError

from delivery.migrations import SERVICES
from delivery.service import Service
from delivery.settings import ServiceSettings
from services.router.workflow.table import TRANSITIONS
from tests.hostile import BODIES, VALUES, Operation, holding, operations, pointer, texts

COMMANDS = {row.command: row.data for row in TRANSITIONS}


@pytest.fixture(params=SERVICES)
async def service(
    request: pytest.FixtureRequest,
    settings: ServiceSettings,
    create_database: Callable[[str], Awaitable[str]],
) -> AsyncIterator[Service]:
    await create_database(request.param)
    room = f"services.{request.param}"
    its_own = importlib.import_module(f"{room}.settings").Settings(**settings.model_dump())
    made: Service = importlib.import_module(f"{room}.app").create_service(its_own)
    await made.database.open()
    if request.param == "router":
        await made.app.state.rules.begin(made.database)
    yield made
    await made.database.close()


@pytest.fixture
async def client(service: Service, token: Callable[..., str]) -> AsyncIterator[httpx.AsyncClient]:
    """Who may do everything, on the pages too."""
    bearer = token("admin", unit="UD")
    headers = {
        "Authorization": f"Bearer {bearer}",
        "Cookie": f"casegrid_desk={bearer}; casegrid_subscriptions={bearer}",
        "Sec-Fetch-Site": "same-origin",
    }
    transport = httpx.ASGITransport(service.app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://here", headers=headers) as client:
        yield client


async def test_no_parameter_is_our_fault(service: Service, client: httpx.AsyncClient) -> None:
    found = []
    for operation in operations(service.app):
        for name in operation.parameters:
            for what, value in VALUES.items():
                answer = await client.request(operation.method, operation.url(**{name: value}), json={})
                found += _faults(operation, answer, f"{name}: {what}")
    assert found == []


async def test_no_body_is_our_fault(service: Service, client: httpx.AsyncClient) -> None:
    found = []
    for operation in operations(service.app):
        for what, body in BODIES.items():
            headers = {"Content-Type": "application/json", "Idempotency-Key": what}
            answer = await client.request(operation.method, operation.url(), content=body, headers=headers)
            found += _faults(operation, answer, what)
    assert found == []


async def test_no_text_of_a_body_may_hold_nul(service: Service, client: httpx.AsyncClient) -> None:
    """It goes through JSON, and neither a text nor a jsonb of PostgreSQL can keep it."""
    found = []
    for operation in operations(service.app):
        for place in texts(operation.body):
            answer = await client.request(operation.method, operation.url(), json=holding("a\0", place))
            named = {error["pointer"] for error in answer.json().get("errors", ())}
            found += _faults(operation, answer, pointer(place))
            if answer.status_code != 422 or pointer(place) not in named:
                found.append(f"{operation} {pointer(place)}: {answer.status_code}")
    assert found == []


@pytest.mark.parametrize("command", COMMANDS)
def test_no_text_of_a_command_may_hold_nul(command: str) -> None:
    data: Any = COMMANDS[command]
    for place in texts(data.model_json_schema()):
        with pytest.raises(ValidationError) as refused:
            data.model_validate(holding("a\0", place))
        assert place in {error["loc"] for error in refused.value.errors()}, pointer(place)


def _faults(operation: Operation, answer: httpx.Response, what: str) -> list[str]:
    """Refused with a problem in words for people, or done; 400 would say nothing of what to mend."""
    is_problem = answer.headers.get("content-type") == "application/problem+json"
    is_named = answer.status_code != 400 and "match pattern" not in answer.text
    is_said = operation.is_page or (is_problem and is_named)
    if answer.status_code < 400 or (answer.status_code < 500 and is_said):
        return []
    return [f"{operation} {what}: {answer.status_code} {answer.text[:200]}"]
