"""Errors as RFC 9457 problem details: every wrong field named, nothing repeated that somebody sent."""

from collections.abc import Sequence
from http import HTTPStatus
from typing import Any

import asyncpg
import orjson
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from pydantic import ValidationError
from pydantic_core import PydanticCustomError
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from delivery.database import OUTAGES, is_outage, is_unstorable
from delivery.field_types import detail_of
from delivery.logs import log


class Problem(Exception):
    """Answer `status` with a problem document; `more` are its extra members, such as `errors` or `allowed`."""

    def __init__(
        self, status: int, detail: str, *, headers: dict[str, str] | None = None, **more: Any
    ) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail
        self.headers = headers
        self.more = more

    def response(self) -> Response:
        title = HTTPStatus(self.status).phrase
        body = {
            "type": "about:blank",
            "title": title,
            "status": self.status,
            "detail": self.detail,
            **self.more,
        }
        return Response(
            orjson.dumps(body, default=str), self.status, self.headers, "application/problem+json"
        )


def invalid(errors: Sequence[Any], *, prefix: str = "") -> Problem:
    """Pydantic's findings as JSON pointers into the body; the values themselves are not repeated."""
    found = [{"pointer": prefix + _pointer(error) or "/", "detail": detail_of(error)} for error in errors]
    fields = ", ".join(error["pointer"] for error in found[:10])
    return Problem(422, f"not valid: {fields}", errors=found)


def unsound(errors: Sequence[Any], *, in_all: int, so: str) -> Problem:
    """What is wrong with a document that is taken whole or not at all; `errors` may be the first of them."""
    return Problem(422, f"{in_all} {'problem' if in_all == 1 else 'problems'}; {so}", errors=list(errors))


def invalid_field(pointer: str, detail: str) -> Problem:
    return Problem(422, f"not valid: {pointer}", errors=[{"pointer": pointer, "detail": detail}])


def findings(error: ValidationError, *, prefix: str = "") -> Problem:
    return invalid(error.errors(include_input=False, include_url=False), prefix=prefix)


def below(pointer: str, detail: str) -> PydanticCustomError:
    """Raised by a model as a whole, about what stands at `pointer` in it."""
    return PydanticCustomError("below", "{detail}", {"detail": detail, "pointer": pointer})


def _pointer(error: Any) -> str:
    """RFC 6901: `~` and `/` inside a step are written as `~0` and `~1`."""
    if error["type"] == "json_invalid":
        return ""  # where pydantic names the character
    location = error["loc"]
    steps = location[1:] if location and location[0] == "body" else location
    rest = error.get("ctx", {}).get("pointer", "") if error["type"] == "below" else ""
    return "".join("/" + str(step).replace("~", "~0").replace("/", "~1") for step in steps) + rest


def answer_with_problems(app: FastAPI) -> None:
    app.add_exception_handler(Problem, _answer_problem)
    app.add_exception_handler(RequestValidationError, _answer_invalid)
    app.add_exception_handler(HTTPException, _answer_http)
    app.add_exception_handler(ClientDisconnect, _answer_nobody)
    app.add_exception_handler(Exception, _answer_unexpected)
    for error in (*OUTAGES, asyncpg.DataError):
        app.add_exception_handler(error, _answer_not_done)


async def _answer_problem(request: Request, error: Exception) -> Response:
    assert isinstance(error, Problem)
    return error.response()


async def _answer_invalid(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    return invalid(error.errors()).response()


# what FastAPI answers with 400 and no word why: bodies that json itself cannot read
_UNREADABLE: tuple[tuple[type[Exception], str], ...] = (
    (UnicodeDecodeError, "not JSON: not UTF-8"),
    (RecursionError, "not JSON: nested too deeply"),
    (ValueError, "not JSON: a number of too many digits"),
)


async def _answer_http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    if error.status_code == 400 and (why := _unreadable(error.__cause__)):
        return invalid_field("/", why).response()
    headers = dict(error.headers) if error.headers else None
    return Problem(error.status_code, str(error.detail), headers=headers).response()


def _unreadable(cause: BaseException | None) -> str | None:
    return next((why for kind, why in _UNREADABLE if isinstance(cause, kind)), None)


async def _answer_nobody(request: Request, error: Exception) -> Response:
    """Who has gone away hears nothing; it is counted, and is no fault of ours."""
    return Problem(400, "the body ended before it was whole").response()


async def _answer_not_done(request: Request, error: Exception) -> Response:
    if is_unstorable(error):
        log.warning("request held what cannot be kept", route=_route(request), error=type(error).__name__)
        detail = "a value holds a NUL character, or is too large to be kept; nothing was done"
        return Problem(422, detail).response()
    if not is_outage(error):
        return await _answer_unexpected(request, error)
    log.warning("request met a passing failure", route=_route(request), error=type(error).__name__)
    return Problem(503, "try again in a moment; nothing was done", headers={"Retry-After": "1"}).response()


async def _answer_unexpected(request: Request, error: Exception) -> Response:
    log.error("request failed", route=_route(request), error=type(error).__name__, exc_info=error)
    return Problem(500, "this is our fault; it has been recorded").response()


def _route(request: Request) -> str:
    """As its template: what a path holds may be a secret, such as the token that ends a subscription."""
    return str(getattr(request.scope.get("route"), "path", "none"))


class BodyLimit:
    """Refuses a body before it is read whole; `larger` gives bulk imports, by how their path begins, their own."""

    def __init__(self, app: ASGIApp, limit: int, larger: dict[str, int]) -> None:
        self.app = app
        self.limit = limit
        self.larger = larger

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self.app(scope, receive, send)
        larger = (limit for path, limit in self.larger.items() if scope["path"].startswith(path))
        limit = max(larger, default=self.limit)
        if int(dict(scope["headers"]).get(b"content-length", b"0") or 0) > limit:
            return await _too_large(limit).response()(scope, receive, send)
        return await self.app(scope, _counting(receive, limit), send)


def _counting(receive: Receive, limit: int) -> Receive:
    seen = 0

    async def counted() -> Message:
        nonlocal seen
        message = await receive()
        seen += len(message.get("body", b""))
        if seen > limit:
            # FastAPI answers 400 to any other error that comes out of reading a body
            raise HTTPException(413, _too_large(limit).detail)
        return message

    return counted


def _too_large(limit: int) -> Problem:
    return Problem(413, f"the body is larger than {limit} bytes")
