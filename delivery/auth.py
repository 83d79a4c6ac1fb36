"""Who is calling: a bearer JWT checked against the issuer's keys, and the role a call asks for."""

import asyncio
import json
import time
from collections.abc import Callable
from copy import copy
from pathlib import Path
from typing import Annotated

import jwt
import orjson
from fastapi import Depends, Request
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from starlette.routing import BaseRoute
from starlette.types import Receive, Scope, Send

from contracts.envelope import Actor
from contracts.vocabulary import Role
from delivery.field_types import ONE_LINE
from delivery.logs import log
from delivery.problems import Problem
from delivery.settings import ServiceSettings

_ALGORITHMS = ["ES256", "RS256", "EdDSA"]
_REMEMBERED = 10_000
_NO_KEYS_BUT_A_PAGE = (
    json.JSONDecodeError,
    UnicodeDecodeError,
)  # of a proxy; PyJWT raises neither for a token
CLOCK_SECONDS = 60.0  # by which an issuer's clock may be ahead of ours: its newest tokens would be refused
ISSUER_SECONDS = 5.0  # how long its keys are waited for, and how long it is let alone when it does not answer


class Principal(BaseModel):
    """What a token says of its bearer."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    sub: Annotated[str, Field(min_length=1), ONE_LINE]
    roles: frozenset[str] = frozenset()
    unit: Annotated[str, ONE_LINE] | None = None
    name: str | None = None

    @property
    def is_admin(self) -> bool:
        return Role.ADMIN in self.roles

    def has(self, *roles: Role) -> bool:
        """One of them, or all that there are: an administrator's."""
        return self.is_admin or not self.roles.isdisjoint(roles)

    def actor(self, *roles: Role) -> Actor:
        """Himself in an event: by the first of `roles` that he holds, and by reference, never by name."""
        held = next((role for role in roles if role in self.roles), Role.ADMIN)
        return Actor(role=held, unit=self.unit, person=self.sub)


class Keys:
    """The issuer's keys, and the tokens already checked: a signature is verified once, its expiry each time."""

    def __init__(self, settings: ServiceSettings) -> None:
        self._settings = settings
        self._checked: dict[str, tuple[float, Principal]] = {}
        self._remote = _issuer(settings.jwks)
        self._asking = asyncio.Lock()  # one thread: a slow issuer would hold all of them
        self._ask_again_at = 0.0

    async def principal(self, token: str) -> Principal:
        expires, principal = self._checked.get(token) or await self._check(token)
        if expires <= time.time():
            raise _unauthorized("the token has expired")
        return principal

    async def _check(self, token: str) -> tuple[float, Principal]:
        try:
            claims = jwt.decode(
                token,
                await self._key(token),
                algorithms=_ALGORITHMS,
                audience=self._settings.audience,
                issuer=self._settings.issuer,
                leeway=CLOCK_SECONDS,  # of the beginning alone: the expiry is asked each time
                options={"require": ["exp", "sub"]},
            )
            principal, expires = Principal.model_validate(claims), float(claims["exp"])
        except jwt.PyJWKClientConnectionError:
            raise Problem(
                503, "the issuer's keys cannot be fetched just now", headers={"Retry-After": "5"}
            ) from None
        except (jwt.PyJWTError, ValidationError, OverflowError) as error:
            raise _unauthorized(f"the token is not valid: {type(error).__name__}") from None
        return self._remember(token, expires, principal)

    def _remember(self, token: str, expires: float, principal: Principal) -> tuple[float, Principal]:
        if len(self._checked) >= _REMEMBERED:
            self._checked.clear()
        self._checked[token] = (expires, principal)
        return expires, principal

    async def _key(self, token: str) -> jwt.PyJWK:
        """With its own algorithm: a token that names another one is refused, not tried."""
        if self._remote is not None:
            async with self._asking:
                return await self._key_of_issuer(self._remote, token)
        wanted = jwt.get_unverified_header(token).get("kid")
        for key in self._local():
            if key.key_id == wanted:
                return key
        raise jwt.InvalidKeyError("no such key")

    async def _key_of_issuer(self, issuer: jwt.PyJWKClient, token: str) -> jwt.PyJWK:
        if time.monotonic() < self._ask_again_at:
            raise jwt.PyJWKClientConnectionError("let alone for a moment")
        try:
            return await asyncio.to_thread(issuer.get_signing_key_from_jwt, token)
        except (jwt.PyJWKClientConnectionError, *_NO_KEYS_BUT_A_PAGE) as error:
            self._ask_again_at = time.monotonic() + ISSUER_SECONDS
            log.warning(
                "the issuer's keys cannot be fetched", setting="CASEGRID_JWKS", error=str(error)[:300]
            )
            raise jwt.PyJWKClientConnectionError("no keys") from error

    def _local(self) -> list[jwt.PyJWK]:
        if not self._settings.jwks:
            return []
        return jwt.PyJWKSet.from_dict(orjson.loads(Path(self._settings.jwks).read_bytes())).keys


def _issuer(jwks: str) -> jwt.PyJWKClient | None:
    return jwt.PyJWKClient(jwks, timeout=ISSUER_SECONDS) if jwks.startswith("https://") else None


async def authenticate(request: Request) -> Principal:
    """The bearer of the request's token; 401 without one or with a bad one."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise _unauthorized("a bearer token is needed")
    keys: Keys = request.app.state.service.keys
    return await keys.principal(token.strip())


Caller = Annotated[Principal, Depends(authenticate)]


def asks_who_calls(route: APIRoute) -> bool:
    """Whether a token is needed."""
    return _authenticates(route.dependant)


def knowing_the_caller(route: BaseRoute) -> BaseRoute:
    """A route whose body FastAPI reads, asking who calls before it does; any other as it is."""
    if not isinstance(route, APIRoute) or route.body_field is None or not asks_who_calls(route):
        return route
    answer = route.app

    async def answer_the_known(scope: Scope, receive: Receive, send: Send) -> None:
        await authenticate(Request(scope))
        await answer(scope, receive, send)

    asking = copy(route)  # the router's own is shared by all services of a process
    asking.app = answer_the_known
    return asking


def _authenticates(dependant: Dependant) -> bool:
    return dependant.call is authenticate or any(map(_authenticates, dependant.dependencies))


def require(*roles: Role) -> Callable[[Principal], Principal]:
    """A dependency: the caller, if he holds one of `roles`; 403 otherwise."""

    def check(caller: Caller) -> Principal:
        demand(caller, *roles)
        return caller

    return check


def demand(caller: Principal, *roles: Role) -> None:
    if not caller.has(*roles):
        raise Problem(403, f"needs one of the roles: {', '.join(sorted(roles))}")


def _unauthorized(detail: str) -> Problem:
    return Problem(401, detail, headers={"WWW-Authenticate": "Bearer"})
