"""Every endpoint of a service as its OpenAPI document says it, and values that nobody means well by."""

from base64 import urlsafe_b64encode
from collections.abc import Iterator, Mapping
from copy import copy
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import orjson
from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from fastapi.routing import APIRoute

from delivery.definitions import with_definitions

Place = tuple[str | int, ...]
_BEYOND = 2**63  # one more than a bigint holds
_ID = "00000000-0000-0000-0000-000000000000"
_USUAL = {"uuid": _ID.encode(), "date-time": b"2026-01-01T00:00:00Z", "integer": b"1", "number": b"1"}
_UNNAMED = {"in": "query", "schema": {"type": "string"}}
_READ_BY_PAGES = ("after", "unit")
# a stream has no end; the others take nothing, and without Kafka nothing is ready
_LEFT_OUT = {"/v1/stream", "/health/live", "/health/ready", "/metrics", "/asyncapi", "/pages.css"}


def _cursor(**position: Any) -> bytes:
    return urlsafe_b64encode(orjson.dumps(position)).rstrip(b"=")


_POSITION = {"urgency": -1, "overdue": 0, "share": 0, "case_id": _ID}
VALUES = {
    "nothing": b"",
    "NUL": b"\0",
    "NUL in a name": b"a\0b",
    "lone surrogate": b"\xed\xa0\x80",
    "not UTF-8": b"\xff\xfe",
    "beyond bigint": str(_BEYOND).encode(),
    "beneath bigint": str(-_BEYOND - 1).encode(),
    "beyond any number": b"9" * 400,
    "no number": b"nan",
    "infinite": b"inf",
    "before the first year": b"0001-01-01T00:00:00+14:00",
    "after the last year": b"9999-12-31T23:59:59-14:00",
    "last moment": b"9999-12-31T23:59:59Z",
    "first moment": b"0001-01-01T00:00:00Z",
    "long": b"x" * 5000,
    "quote": b"'\"\\%_",
    "cursor with NUL": _cursor(version="a\0", code="a\0"),
    "cursor beyond bigint": _cursor(version=_BEYOND, id=_BEYOND),
    "cursor far beyond": urlsafe_b64encode(b'{"version": %b, "id": %b}' % (b"9" * 60, b"9" * 60)),
    "cursor beneath": _cursor(version=-_BEYOND, id=-_BEYOND),
    "cursor before time": _cursor(**_POSITION, as_of="0001-01-01T00:00:00+14:00"),
    "cursor after time": _cursor(**_POSITION, as_of="9999-12-31T23:59:59-14:00"),
    "cursor of no zone": _cursor(**_POSITION, as_of="2026-01-01T00:00:00"),
    "cursor of large parts": _cursor(
        **_POSITION | {"urgency": _BEYOND, "overdue": 2**31, "share": 1e308}, as_of="2026-01-01T00:00:00Z"
    ),
}


@dataclass(frozen=True)
class Operation:
    """One method of one path, as its document describes it; a page answers in HTML."""

    method: str
    path: str
    described: Mapping[str, Any]
    body: Mapping[str, Any]
    is_page: bool

    def __str__(self) -> str:
        return f"{self.method} {self.path}"

    @property
    def parameters(self) -> list[str]:
        return list(self.described)

    def url(self, **said: bytes) -> str:
        """With those parameters, and with what will do for the others that are needed."""
        needed = {name: _usual(each["schema"]) for name, each in self.described.items() if each["required"]}
        path, query = self.path, []
        for name, value in (needed | said).items():
            text = quote(value, safe="")
            if self.described[name]["in"] == "path":
                path = path.replace(f"{{{name}}}", text)
            else:
                query.append(f"{quote(name)}={text}")
        return "?".join([path, "&".join(query)])


def operations(app: FastAPI) -> Iterator[Operation]:
    """Of every route, its pages too."""
    routes = [
        copy(route) for route in app.routes if isinstance(route, APIRoute) and route.path not in _LEFT_OUT
    ]
    pages = {route.path for route in routes if not route.include_in_schema}
    for route in routes:
        route.include_in_schema = True
    document = with_definitions(get_openapi(title="all", version="1", routes=routes))
    for path, methods in document["paths"].items():
        for method, said in methods.items():
            described = [each for each in said.get("parameters", ()) if each["in"] in ("path", "query")]
            described += [_UNNAMED | {"name": name} for name in _READ_BY_PAGES if path in pages]
            schema = (
                said.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema", {})
            )
            yield Operation(
                method.upper(),
                path,
                {each["name"]: _whole({"required": False} | each, document) for each in described},
                _whole(schema, document),
                path in pages,
            )


def _whole(schema: Any, document: Mapping[str, Any]) -> Any:
    """What it refers to stands in place of each reference."""
    if isinstance(schema, list):
        return [_whole(each, document) for each in schema]
    if not isinstance(schema, dict):
        return schema
    if isinstance(reference := schema.get("$ref"), str):
        found: Any = document
        for step in reference.removeprefix("#/").split("/"):
            found = found[step]
        return _whole(found, document)
    return {name: _whole(value, document) for name, value in schema.items()}


def _usual(schema: Mapping[str, Any]) -> bytes:
    if "enum" in schema:
        return str(schema["enum"][0]).encode()
    return _USUAL.get(schema.get("format", schema.get("type", "")), b"a")


def texts(schema: Mapping[str, Any], at: Place = ()) -> Iterator[Place]:
    """Where in a body a text of the sender's own choice may stand."""
    for kind in ("anyOf", "oneOf", "allOf"):
        for each in schema.get(kind, ()):
            yield from texts(each, at)
    if schema.get("type") == "string" and schema.keys().isdisjoint(("enum", "const", "format")):
        yield at
    for name, within in schema.get("properties", {}).items():
        yield from texts(within, (*at, name))
    if isinstance(schema.get("additionalProperties"), dict):
        yield from texts(schema["additionalProperties"], (*at, "any"))
    if isinstance(schema.get("items"), dict):
        yield from texts(schema["items"], (*at, 0))


def holding(text: str, place: Place) -> Any:
    """A body that says nothing but `text`, in that place."""
    if not place:
        return text
    within = holding(text, place[1:])
    return [within] if place[0] == 0 else {place[0]: within}


def pointer(place: Place) -> str:
    return "/" + "/".join(map(str, place))


BODIES = {
    "none": b"",
    "null": b"null",
    "list": b"[]",
    "text": b'"text"',
    "cut off": b'{"a',
    "NUL": b"\0",
    "name with NUL": b'{"\\u0000": 1}',
    "name that is a lone surrogate": b'{"\\ud800": 1}',
    "lone surrogate": b'{"text": "\\ud800", "data": {"note": "\\ud800"}}',
    "NUL within": b'{"text": "\\u0000", "data": {"note": "\\u0000"}}',
    "deep": b"[" * 50_000,
    "far beyond": b'{"expected_version": ' + b"9" * 5000 + b"}",
    "infinite": b'{"limit": 1e999, "share": NaN}',
    "byte order mark": b"\xef\xbb\xbf{}",
    "UTF-16": "{}".encode("utf-16"),
    "UTF-32": "{}".encode("utf-32"),
    "not UTF-8": b'{"text": "\xff"}',
}
