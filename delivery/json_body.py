"""A body that is read as JSON has to be called JSON; another is told so, and not that fields are missing."""

from copy import copy

from fastapi import Request
from fastapi.params import Form
from fastapi.routing import APIRoute
from starlette.routing import BaseRoute
from starlette.types import Receive, Scope, Send

from delivery.problems import Problem


def reads_json(route: BaseRoute) -> bool:
    """Whether FastAPI reads its body, as JSON: an endpoint that reads it itself judges it by what it holds."""
    return (
        isinstance(route, APIRoute)
        and route.body_field is not None
        and not isinstance(route.body_field.field_info, Form)
    )


def asking_for_json(route: BaseRoute) -> BaseRoute:
    """A route that reads JSON, refusing what is called something else; any other as it is."""
    if not reads_json(route):
        return route
    assert isinstance(route, APIRoute)
    answer = route.app

    async def answer_json(scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope)
        if _has_body(request) and not _says_json(request):
            raise Problem(415, "the body is read as JSON: send it with Content-Type: application/json")
        await answer(scope, receive, send)

    asking = copy(route)  # the router's own is shared by all services of a process
    asking.app = answer_json
    return asking


def _has_body(request: Request) -> bool:
    return "transfer-encoding" in request.headers or request.headers.get("content-length", "0") != "0"


def _says_json(request: Request) -> bool:
    """`application/json`, or what is written in it, such as `application/geo+json`."""
    kind, _, subtype = (
        request.headers.get("content-type", "").partition(";")[0].strip().lower().partition("/")
    )
    return kind == "application" and (subtype == "json" or subtype.endswith("+json"))
