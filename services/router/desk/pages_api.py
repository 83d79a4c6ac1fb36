"""How the desk answers: pages with strict headers in one language, for problems too; forms from elsewhere refused."""

from collections.abc import Callable, Coroutine
from typing import Any
from urllib.parse import urlencode

from fastapi import Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse
from fastapi.routing import APIRoute
from starlette.exceptions import HTTPException

from delivery.auth import Principal
from delivery.database import OUTAGES, is_outage
from delivery.problems import Problem
from services.router.desk.rendering import render
from services.router.desk.signing_in import (
    LANG_COOKIE,
    SECURITY_HEADERS,
    TOKEN_COOKIE,
    is_from_our_pages,
    language,
)
from services.router.desk.words import LANGS, Voice

Handler = Callable[[Request], Coroutine[Any, Any, Response]]


class NotSignedIn(Exception):
    """The sign-in page is shown instead; `why` is a key of its words, None for whoever comes for the first time."""

    def __init__(self, why: str | None = None) -> None:
        super().__init__(why)
        self.why = why


class DeskRoute(APIRoute):
    """A page, whatever happens behind it."""

    def get_route_handler(self) -> Handler:
        handle = super().get_route_handler()

        async def answer(request: Request) -> Response:
            try:
                if request.method == "POST" and not is_from_our_pages(request.headers):
                    raise Problem(403, "the form was not sent from a page of ours")
                response = await handle(request)
            except Exception as error:
                response = _trouble(request, error)
            for name, value in SECURITY_HEADERS.items():
                response.headers.setdefault(name, value)
            _keep_language(request, response)
            return response

        return answer


def _trouble(request: Request, error: Exception) -> Response:
    """The page for an error that has one; any other goes on to where it is recorded."""
    if isinstance(error, NotSignedIn):
        return sign_in_page(request, why=error.why, wanted=_own_path(request))
    if isinstance(error, RequestValidationError):
        return problem_page(request, 404)  # the only parameters that are not forms are parts of the path
    if isinstance(error, Problem):
        return problem_page(request, error.status)
    if isinstance(error, HTTPException):
        return problem_page(request, error.status_code)
    if isinstance(error, OUTAGES) and is_outage(error):
        return problem_page(request, 503)
    raise error


def voice_of(request: Request) -> Voice:
    asked, kept = request.query_params.get("lang"), request.cookies.get(LANG_COOKIE)
    return Voice(language(asked, kept, request.headers.get("accept-language")))


async def signed_in(request: Request) -> Principal:
    """The bearer of the cookie's token: it opens pages only, the API asks for the header."""
    token = request.cookies.get(TOKEN_COOKIE)
    if not token:
        raise NotSignedIn
    try:
        principal: Principal = await request.app.state.service.keys.principal(token)
    except Problem:
        raise NotSignedIn("session_over") from None
    return principal


def page(
    request: Request, template: str, *, status: int = 200, me: Principal | None = None, **shown: Any
) -> HTMLResponse:
    voice = voice_of(request)
    other = next(lang for lang in LANGS if lang != voice.lang)
    shown = {"path": request.url.path, **shown}
    query = {name: value for name, value in request.query_params.items() if name not in ("lang", "done")}
    switch = f"{shown['path']}?{urlencode(query | {'lang': other})}"
    return HTMLResponse(
        render(template, say=voice, other=other, switch=switch, me=me, **shown), status_code=status
    )


def sign_in_page(request: Request, *, why: str | None, wanted: str) -> Response:
    status = 200 if request.url.path == "/sign-in" and why is None else 401
    response = page(request, "sign_in.html", status=status, path="/sign-in", why=why, wanted=wanted)
    if why == "session_over":
        response.delete_cookie(TOKEN_COOKIE)
    return response


def problem_page(request: Request, status: int) -> Response:
    return page(request, "problem.html", status=status, path=_own_path(request), status_code=status)


def _own_path(request: Request) -> str:
    """A page that can be asked for: of a form's address, the page that the form is on."""
    return request.url.path.split("/commands/")[0]


def _keep_language(request: Request, response: Response) -> None:
    if request.query_params.get("lang") in LANGS:
        response.set_cookie(
            LANG_COOKIE, voice_of(request).lang, max_age=31_536_000, httponly=True, samesite="strict"
        )
