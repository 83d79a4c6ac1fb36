"""A service's pages: sign-in, strict headers, one language, problems as pages too; forms from elsewhere refused."""

from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from fastapi import APIRouter, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse, RedirectResponse
from fastapi.routing import APIRoute
from starlette.exceptions import HTTPException

from delivery.auth import Principal
from delivery.database import OUTAGES, is_outage, is_unstorable
from delivery.pages.rendering import Templates
from delivery.pages.signing_in import (
    LANG_COOKIE,
    LONGEST_TOKEN,
    SECURITY_HEADERS,
    THIS_MACHINE,
    is_from_our_pages,
    language,
    local_path,
)
from delivery.pages.speaking import LANGS, Voice
from delivery.problems import Problem

Handler = Callable[[Request], Coroutine[Any, Any, Response]]
_FOREVER = {"Cache-Control": "public, max-age=31536000, immutable"}


class NotSignedIn(Exception):
    """The sign-in page is shown instead; `why` is a key of its words, None for whoever comes for the first time."""

    def __init__(self, why: str | None = None) -> None:
        super().__init__(why)
        self.why = why


class Site:
    """The pages of one service, from a folder with `templates/` and `static/*.css`.

    `router` signs in and out; the routers of the pages themselves are of `route_class`. `cookie` is of this service
    alone: on one host people are signed in to each service by itself. A form is sent to the address of its page, or to
    one below it from `/commands/` on.
    """

    def __init__(self, folder: Path, *, cookie: str, voice: type[Voice]) -> None:
        self._cookie = cookie
        self._voice = voice
        self._templates = Templates(folder)
        self.route_class = _route_of(self)
        self.router = APIRouter(route_class=self.route_class, include_in_schema=False)
        self.router.add_api_route("/pages.css", self._show_style, methods=["GET"])
        self.router.add_api_route("/sign-in", self._ask_to_sign_in, methods=["GET"])
        self.router.add_api_route("/sign-in", self._sign_in, methods=["POST"])
        self.router.add_api_route("/sign-out", self._sign_out, methods=["POST"])

    async def signed_in(self, request: Request) -> Principal:
        """The bearer of the cookie's token: it opens pages only, the API asks for the header."""
        token = request.cookies.get(self._cookie)
        if not token:
            raise NotSignedIn
        try:
            principal: Principal = await request.app.state.service.keys.principal(token)
        except Problem as problem:
            if problem.status != 401:
                raise
            raise NotSignedIn("session_over") from None
        return principal

    def page(
        self,
        request: Request,
        template: str,
        *,
        status: int = 200,
        me: Principal | None = None,
        **shown: Any,
    ) -> HTMLResponse:
        voice = self.voice_of(request)
        other = next(lang for lang in LANGS if lang != voice.lang)
        shown = {"path": request.url.path, **shown}
        query = {name: value for name, value in request.query_params.items() if name not in ("lang", "done")}
        switch = f"{shown['path']}?{urlencode(query | {'lang': other})}"
        html = self._templates.render(template, say=voice, other=other, switch=switch, me=me, **shown)
        return HTMLResponse(html, status_code=status)

    def voice_of(self, request: Request) -> Any:
        """The site's own kind of voice."""
        asked, kept = request.query_params.get("lang"), request.cookies.get(LANG_COOKIE)
        return self._voice(language(asked, kept, request.headers.get("accept-language")))

    async def _show_style(self) -> Response:
        return Response(self._templates.style, media_type="text/css", headers=_FOREVER)

    async def _ask_to_sign_in(self, request: Request) -> Response:
        return self._sign_in_page(request, why=None, wanted=local_path(request.query_params.get("next")))

    async def _sign_in(self, request: Request) -> Response:
        """The token goes into a cookie that scripts cannot read, other sites cannot use and no network hears."""
        given = await form_of(request)
        token, wanted = given.get("token", "").strip(), local_path(given.get("next"))
        if len(token) > LONGEST_TOKEN:
            return self._sign_in_page(request, why="token_long", wanted=wanted)
        try:
            await request.app.state.service.keys.principal(token)
        except Problem as problem:
            if problem.status != 401:
                raise
            return self._sign_in_page(request, why="token_bad" if token else "token_missing", wanted=wanted)
        response = RedirectResponse(wanted, 303)
        secure = request.url.hostname not in THIS_MACHINE
        response.set_cookie(self._cookie, token, httponly=True, samesite="strict", secure=secure)
        return response

    async def _sign_out(self) -> Response:
        response = RedirectResponse("/sign-in", 303)
        response.delete_cookie(self._cookie, httponly=True, samesite="strict")
        return response

    def _sign_in_page(self, request: Request, *, why: str | None, wanted: str) -> Response:
        status = 200 if request.url.path == "/sign-in" and why is None else 401
        response = self.page(request, "sign_in.html", status=status, path="/sign-in", why=why, wanted=wanted)
        if why == "session_over":
            response.delete_cookie(self._cookie)
        return response

    def _problem_page(self, request: Request, status: int) -> Response:
        return self.page(request, "problem.html", status=status, path=_page_of(request), status_code=status)

    def answer_for(self, request: Request, error: Exception) -> Response:
        """The page for an error that has one; any other goes on to where it is recorded."""
        if isinstance(error, NotSignedIn):
            return self._sign_in_page(request, why=error.why, wanted=_page_of(request))
        if isinstance(error, RequestValidationError):
            return self._problem_page(
                request, 404
            )  # the only parameters that are not forms are parts of the path
        if isinstance(error, Problem):
            return self._problem_page(request, error.status)
        if isinstance(error, HTTPException):
            return self._problem_page(request, error.status_code)
        if is_unstorable(error):
            return self._problem_page(request, 422)
        if isinstance(error, OUTAGES) and is_outage(error):
            return self._problem_page(request, 503)
        raise error

    def keep_language(self, request: Request, response: Response) -> None:
        if request.query_params.get("lang") in LANGS:
            lang = self.voice_of(request).lang
            response.set_cookie(LANG_COOKIE, lang, max_age=31_536_000, httponly=True, samesite="strict")


async def form_of(request: Request) -> dict[str, str]:
    """What was filled in; of several of a name the last, and no files."""
    async with request.form(max_files=0, max_fields=100) as form:
        return {name: value for name, value in form.items() if isinstance(value, str)}


def _route_of(site: Site) -> type[APIRoute]:
    class PageRoute(APIRoute):
        """A page, whatever happens behind it."""

        def get_route_handler(self) -> Handler:
            handle = super().get_route_handler()

            async def answer(request: Request) -> Response:
                try:
                    if request.method == "POST" and not is_from_our_pages(request.headers):
                        raise Problem(403, "the form was not sent from a page of ours")
                    response = await handle(request)
                except Exception as error:
                    response = site.answer_for(request, error)
                for name, value in SECURITY_HEADERS.items():
                    response.headers.setdefault(name, value)
                site.keep_language(request, response)
                return response

            return answer

    return PageRoute


def _page_of(request: Request) -> str:
    """A page that can be asked for: of a form's address, the page that the form is on."""
    return request.url.path.split("/commands/")[0]
