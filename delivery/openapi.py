"""A service's OpenAPI document: what FastAPI writes, and beside it which calls need a token and how each is refused."""

from collections.abc import Iterator
from typing import Any

from fastapi import FastAPI
from fastapi.routing import APIRoute
from pydantic import BaseModel, ConfigDict

from delivery.auth import asks_who_calls
from delivery.definitions import Document, schema_of, with_definitions
from delivery.json_body import reads_json

Operation = dict[str, Any]
_TOKEN = {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}
_FASTAPIS_REFUSAL = ("HTTPValidationError", "ValidationError")


class WrongField(BaseModel):
    model_config = ConfigDict(extra="allow")

    pointer: str
    detail: str


class ProblemDetails(BaseModel):
    """RFC 9457; some refusals say more, such as `allowed`."""

    model_config = ConfigDict(extra="allow")

    type: str
    title: str
    status: int
    detail: str
    errors: list[WrongField] = []


_REFUSALS = {
    401: "no token, or none that is valid",
    403: "outside role or jurisdiction",
    404: "there is none, or none that the caller may know of",
    409: "what is there already forbids it, or the Idempotency-Key was used for something else",
    413: "the body is too large",
    415: "the body is not called application/json",
    422: "not valid; `errors` names the fields",
    503: "try again in a moment; nothing was done",
}


def takes(model: type[BaseModel]) -> dict[str, Any]:
    """What a route whose endpoint reads the body itself has as `openapi_extra`."""
    return {"requestBody": {"required": True, "content": {"application/json": {"schema": schema_of(model)}}}}


def openapi(app: FastAPI) -> Document:
    document = FastAPI.openapi(app)
    components = document.setdefault("components", {})
    components["securitySchemes"] = {"token": _TOKEN}
    content = {"application/problem+json": {"schema": schema_of(ProblemDetails)}}
    for route, method, operation in _operations(app, document):
        if asks_who_calls(route):
            operation["security"] = [{"token": []}]
        if "idempotency-key" in _named(operation):
            operation["responses"].setdefault("200", _again(operation))
        for status in _refused_with(method, operation, takes_json=reads_json(route)):
            operation["responses"][str(status)] = {"description": _REFUSALS[status], "content": content}
    for name in _FASTAPIS_REFUSAL:
        components.get("schemas", {}).pop(name, None)
    return with_definitions(document)


def _operations(app: FastAPI, document: Document) -> Iterator[tuple[APIRoute, str, Operation]]:
    for route in app.routes:
        if isinstance(route, APIRoute) and route.include_in_schema:
            for method in route.methods or ():
                yield route, method, document["paths"][route.path_format][method.lower()]


def _named(operation: Operation) -> set[str]:
    return {parameter["name"].lower() for parameter in operation.get("parameters", [])}


def _again(operation: Operation) -> dict[str, Any]:
    """What the same call with its key is answered: the first answer, which its success is declared to be."""
    first: dict[str, Any] = next(
        answer for status, answer in operation["responses"].items() if status.startswith("2")
    )
    return first | {"description": "the same Idempotency-Key and body again: the first answer"}


def _refused_with(method: str, operation: Operation, *, takes_json: bool) -> list[int]:
    """Those that it may answer by what it asks for, and those that its route declares."""
    named = {parameter["in"] for parameter in operation.get("parameters", [])}
    has_body = "requestBody" in operation
    may = {
        401: "security" in operation,
        403: "security" in operation,
        404: "path" in named,
        409: method != "GET",
        413: has_body,
        415: takes_json,
        422: has_body or bool(named),
        503: True,
    }
    return [status for status, applies in may.items() if applies or str(status) in operation["responses"]]
