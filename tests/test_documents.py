"""What `/openapi.json` and `/asyncapi` say of the four services is sound, and is what the services do."""

import ast
import re
from collections.abc import AsyncIterator, Callable, Iterator
from importlib import import_module
from typing import Any

import httpx
import pytest
from fastapi.openapi.models import OpenAPI

from contracts.events import FACTS, HOME, ORDERS
from contracts.topics import DISPATCH
from delivery.migrations import SERVICES
from delivery.openapi import ProblemDetails
from delivery.service import Service
from delivery.settings import ServiceSettings
from tests.architecture_rules import sources

METHODS = {"get", "put", "post", "patch", "delete"}


@pytest.fixture(params=SERVICES)
def service(request: pytest.FixtureRequest, settings: ServiceSettings) -> Service:
    """Not started: a document needs neither database nor Kafka."""
    own = import_module(f"services.{request.param}.settings").Settings(**settings.model_dump())
    return import_module(f"services.{request.param}.app").create_service(own)


@pytest.fixture
async def client(service: Service) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(service.app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://service") as client:
        yield client


@pytest.mark.parametrize("path", ["/openapi.json", "/asyncapi"])
async def test_every_reference_leads_somewhere(client: httpx.AsyncClient, path: str) -> None:
    document = (await client.get(path)).json()
    references = set(_references(document))
    assert references, "there is something to look at"
    assert [reference for reference in references if not _leads_somewhere(document, reference)] == []


async def test_the_openapi_document_is_sound(client: httpx.AsyncClient) -> None:
    document = (await client.get("/openapi.json")).json()
    OpenAPI.model_validate(document)
    assert document["openapi"].startswith("3.1.")
    assert all(re.fullmatch(r"[a-zA-Z0-9._-]+", name) for name in document["components"]["schemas"])
    names = [operation["operationId"] for _, _, operation in _operations(document)]
    assert len(names) == len(set(names)) > 0
    for _, path, operation in _operations(document):
        asked = {each["name"] for each in operation.get("parameters", []) if each["in"] == "path"}
        assert asked == set(re.findall(r"{(\w+)}", path))
        assert all(answer["description"] for answer in operation["responses"].values())


async def test_what_asyncapi_says_a_service_sends_is_what_its_code_states(
    service: Service, client: httpx.AsyncClient
) -> None:
    document = (await client.get("/asyncapi")).json()
    sends = {
        message["$ref"].rsplit("/", 1)[1]
        for operation in document["operations"].values()
        if operation["action"] == "send"
        for message in operation["messages"]
    }
    assert sends == set(_stated(service.name))
    homes = {HOME[name].name for name in sends}
    orders = {topic.name for topic in DISPATCH.values()} if sends & ORDERS else set()
    assert {name for name in document["operations"] if name.startswith("send.")} == {
        f"send.{topic}" for topic in homes | orders
    }


async def test_docs_answer(client: httpx.AsyncClient) -> None:
    answer = await client.get("/docs")
    assert answer.status_code == 200
    assert "/openapi.json" in answer.text


async def test_a_token_is_declared_for_the_calls_that_need_one(client: httpx.AsyncClient) -> None:
    document = (await client.get("/openapi.json")).json()
    (scheme,) = document["components"]["securitySchemes"].items()
    assert scheme == ("token", {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"})
    for method, path, operation in _operations(document):
        answer = await client.request(method, path)
        assert (answer.status_code == 401) == ("security" in operation), f"{method} {path}"
        assert operation.get("security", [{"token": []}]) == [{"token": []}]


async def test_what_creates_something_may_be_sent_again(client: httpx.AsyncClient) -> None:
    document = (await client.get("/openapi.json")).json()
    for method, path, operation in _operations(document):
        first = {"201", "202"} & operation["responses"].keys()
        if first or path.endswith("/commands/{command}"):
            named = {parameter["name"] for parameter in operation.get("parameters", [])}
            assert "Idempotency-Key" in named, f"{method} {path}"
        if first:
            again = operation["responses"]["200"]
            assert again["content"] == operation["responses"][first.pop()]["content"], f"{method} {path}"


@pytest.mark.parametrize("body", [b"{", b"\xff", b"[" * 50_000])
async def test_who_calls_is_asked_before_the_body_is_judged(client: httpx.AsyncClient, body: bytes) -> None:
    document = (await client.get("/openapi.json")).json()
    for method, path, operation in _operations(document):
        if "requestBody" in operation and "security" in operation:
            answer = await client.request(
                method, path, content=body, headers={"Content-Type": "application/json"}
            )
            assert answer.status_code == 401, f"{method} {path}"


async def test_every_refusal_is_declared_as_a_problem(client: httpx.AsyncClient) -> None:
    document = (await client.get("/openapi.json")).json()
    content = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/ProblemDetails"}}}
    for method, path, operation in _operations(document):
        refusals = {status: answer for status, answer in operation["responses"].items() if status >= "400"}
        assert refusals.keys() >= _expected(method, path, operation), f"{method} {path}"
        assert all(answer["content"] == content for answer in refusals.values())
    assert set(document["components"]["schemas"]).isdisjoint({"HTTPValidationError", "ValidationError"})


@pytest.mark.parametrize(
    "called", ["text/plain", "application/x-www-form-urlencoded", "application/jsonp", ""]
)
async def test_json_that_is_called_something_else_is_told_so(
    client: httpx.AsyncClient, token: Callable[..., str], called: str
) -> None:
    """But where an endpoint reads the body itself, and knows JSON whatever it is called."""
    headers = {"Authorization": f"Bearer {token('nobody')}", "Content-Type": called}
    document = (await client.get("/openapi.json")).json()
    for method, path, operation in _operations(document):
        if "requestBody" in operation:
            answer = await client.request(method, path, headers=headers, content=b'{"name": 1}')
            told_so = answer.status_code == 415 and "application/json" in answer.json()["detail"]
            assert told_so == ("415" in operation["responses"]), f"{method} {path}: {answer.text}"


@pytest.mark.parametrize(
    "called", ["application/json;charset=utf-8", "Application/JSON", "application/geo+json", None]
)
async def test_json_by_any_of_its_names_is_read(
    client: httpx.AsyncClient, token: Callable[..., str], called: str | None
) -> None:
    """And no body at all needs no name."""
    headers = {"Authorization": f"Bearer {token('nobody')}"} | ({"Content-Type": called} if called else {})
    document = (await client.get("/openapi.json")).json()
    for method, path, operation in _operations(document):
        if "requestBody" in operation:
            answer = await client.request(method, path, headers=headers, content=b"{" if called else None)
            assert answer.status_code in (403, 404, 422), f"{method} {path}: {answer.text}"


async def test_what_is_refused_is_refused_as_declared(
    client: httpx.AsyncClient, token: Callable[..., str]
) -> None:
    document = (await client.get("/openapi.json")).json()
    seen = set()
    for role in ("admin", "nobody"):
        headers = {"Authorization": f"Bearer {token(role)}", "Content-Type": "application/json"}
        for method, path, operation in _operations(document):
            answer = await client.request(method, path, headers=headers, content=b"{")
            if 400 <= answer.status_code < 500:
                seen.add(answer.status_code)
                assert str(answer.status_code) in operation["responses"], f"{method} {path}: {answer.text}"
                assert answer.headers["content-type"] == "application/problem+json"
                ProblemDetails.model_validate_json(answer.content)
    assert 422 in seen


def _stated(service: str) -> Iterator[str]:
    """The facts that a service makes, or names as what its model `says`."""
    names = {fact.__name__: name for name, fact in FACTS.items()}
    for node in (node for source in sources() if source.service == service for node in ast.walk(source.tree)):
        match node:
            case ast.Call(func=ast.Name(id=made)) | ast.Call(func=ast.Attribute(attr=made)) if made in names:
                yield names[made]
            case ast.Assign(targets=[ast.Name(id="says")], value=ast.Name(id=made)):
                yield names[made]


def _expected(method: str, path: str, operation: dict[str, Any]) -> set[str]:
    may = {
        "401 403": "security" in operation,
        "404": "{" in path,
        "409": method != "get",
        "413 422": "requestBody" in operation,
        "422": "parameters" in operation,
        "503": True,
    }
    return {status for statuses, applies in may.items() if applies for status in statuses.split()}


def _operations(document: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, item in document["paths"].items():
        for method in METHODS & item.keys():
            yield method, path, item[method]


def _references(part: Any) -> Iterator[str]:
    if isinstance(part, dict):
        if isinstance(part.get("$ref"), str):
            yield part["$ref"]
        part = list(part.values())
    if isinstance(part, list):
        for inner in part:
            yield from _references(inner)


def _leads_somewhere(document: Any, reference: str) -> bool:
    place = document
    for step in reference.removeprefix("#/").split("/"):
        if step not in place:
            return False
        place = place[step]
    return reference.startswith("#/")
