"""Who may call: without a good token 401, without the role 403, and the reason never repeats the token."""

import asyncio
import hmac
import json
import time
from base64 import urlsafe_b64encode
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Annotated, Any

import httpx
import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from fastapi import APIRouter, Depends
from structlog.testing import capture_logs

from contracts.vocabulary import Role
from delivery import auth
from delivery.auth import Caller, Principal, require
from delivery.service import Service
from delivery.settings import ServiceSettings
from deploy.local.ports import free_port
from tests.delivery.tiny_service import client_of

Token = Callable[..., str]
CLAIMS = {"sub": "p-1", "roles": ["operator"], "iss": "casegrid-local", "aud": "casegrid"}
router = APIRouter()


@router.get("/me")
async def me(caller: Caller) -> dict[str, Any]:
    return caller.model_dump(mode="json") | {"actor": caller.actor(Role.OPERATOR).model_dump(mode="json")}


@router.get("/desk")
async def desk(caller: Annotated[Principal, Depends(require(Role.OPERATOR, Role.DISPATCHER))]) -> str:
    return caller.sub


@pytest.fixture
def service(settings: ServiceSettings) -> Service:
    return Service("tiny", settings, routers=[router])


@pytest.fixture
async def client(service: Service) -> AsyncIterator[httpx.AsyncClient]:
    async with client_of(service) as client:
        yield client


async def test_a_good_token_says_who_calls(client: httpx.AsyncClient, token: Token) -> None:
    answer = await _get(client, "/me", token("operator", unit="D01", sub="p-7", name="Li"))
    assert answer.json() == {
        "sub": "p-7",
        "roles": ["operator"],
        "unit": "D01",
        "name": "Li",
        "actor": {"role": "operator", "unit": "D01", "person": "p-7"},
    }


def _signed(key: Any, algorithm: str, *, kid: str | None = "test", **claims: Any) -> str:
    headers = {"kid": kid} if kid else {}
    said = {"exp": int(time.time()) + 60} | CLAIMS | claims
    return jwt.encode(
        {k: v for k, v in said.items() if v is not None}, key, algorithm=algorithm, headers=headers
    )


def _unsigned(**header: Any) -> str:
    parts = ({"typ": "JWT"} | header, {"exp": int(time.time()) + 60} | CLAIMS)
    return ".".join(_encoded(json.dumps(part).encode()) for part in parts) + "."


def _with_the_public_key_as_a_secret(key: Any) -> str:
    """Everybody has that key: whoever lets the token choose the algorithm takes this for the issuer's signature. By
    hand, since PyJWT refuses to make it."""
    pem = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    said = _unsigned(alg="HS256", kid="test").rstrip(".")
    return f"{said}.{_encoded(hmac.digest(pem, said.encode(), 'sha256'))}"


def _encoded(part: bytes) -> str:
    return urlsafe_b64encode(part).rstrip(b"=").decode()


BAD: dict[str, Callable[[Any], str]] = {
    "another's signature": lambda key: _signed(ec.generate_private_key(ec.SECP256R1()), "ES256"),
    "another algorithm, the same kid": lambda key: _signed(rsa.generate_private_key(65537, 2048), "RS256"),
    "the public key as a secret": _with_the_public_key_as_a_secret,
    "no algorithm": lambda key: _unsigned(alg="none", kid="test"),
    "no header to speak of": lambda key: _unsigned(),
    "a kid that is no text": lambda key: _unsigned(alg="ES256", kid=["test"]),
    "an unknown kid": lambda key: _signed(key, "ES256", kid="other"),
    "no kid": lambda key: _signed(key, "ES256", kid=None),
    "expired": lambda key: _signed(key, "ES256", exp=int(time.time()) - 1),
    "no expiry": lambda key: _signed(key, "ES256", exp=None),
    "not yet": lambda key: _signed(key, "ES256", nbf=int(time.time()) + 3600),
    "another audience": lambda key: _signed(key, "ES256", aud="another"),
    "no audience": lambda key: _signed(key, "ES256", aud=None),
    "another issuer": lambda key: _signed(key, "ES256", iss="another"),
    "no subject": lambda key: _signed(key, "ES256", sub=None),
    "nobody": lambda key: _signed(key, "ES256", sub=""),
    "a subject that cannot be kept": lambda key: _signed(key, "ES256", sub="a\0"),
    "half a character": lambda key: _signed(key, "ES256", sub="\ud800"),
    "a unit that cannot be sent": lambda key: _signed(key, "ES256", unit="\ud800"),
    "beyond all time": lambda key: _signed(key, "ES256", exp=10**400),
    "roles that are no list": lambda key: _signed(key, "ES256", roles="operator"),
    "a changed claim": lambda key: _tampered(_signed(key, "ES256")),
    "not a token": lambda key: "not-a-token",
    "three empty parts": lambda key: "..",
    "not ASCII": lambda key: "é.é.é",
    "without end": lambda key: "a." * 5000,
}


@pytest.mark.parametrize("kind", BAD)
async def test_a_bad_token_is_refused(client: httpx.AsyncClient, signing_key: Any, kind: str) -> None:
    token = BAD[kind](signing_key)
    answer = await _get(client, "/me", token)
    _assert_unauthorized(answer)
    assert token not in answer.text


@pytest.mark.parametrize("claim", ["iat", "nbf"])
async def test_a_token_of_an_issuer_whose_clock_is_ahead_is_good(
    client: httpx.AsyncClient, signing_key: Any, claim: str
) -> None:
    """Who has just signed in was refused for as long as the clocks differed."""
    now = int(time.time())
    said = {"exp": now + 300}
    assert (await _get(client, "/me", _signed(signing_key, "ES256", **said, **{claim: now + 30}))).is_success
    _assert_unauthorized(
        await _get(client, "/me", _signed(signing_key, "ES256", **said, **{claim: now + 120}))
    )


@pytest.mark.parametrize("header", [None, "", "Bearer", "Bearer ", "Basic dTpw", "token"])
async def test_without_a_bearer_token_nobody_is_known(client: httpx.AsyncClient, header: str | None) -> None:
    headers = {} if header is None else {"Authorization": header}
    _assert_unauthorized(await client.get("/me", headers=headers))


async def test_a_token_is_verified_once_but_its_expiry_each_time(
    service: Service, client: httpx.AsyncClient, token: Token, monkeypatch: pytest.MonkeyPatch
) -> None:
    good = token("operator")
    assert (await _get(client, "/me", good)).status_code == 200
    monkeypatch.setattr(service.keys, "_check", None)
    assert (await _get(client, "/me", good)).status_code == 200
    later = time.time() + 7200
    monkeypatch.setattr(time, "time", lambda: later)
    _assert_unauthorized(await _get(client, "/me", good))


async def test_the_role_decides(client: httpx.AsyncClient, token: Token) -> None:
    assert (await _get(client, "/desk", token("dispatcher"))).status_code == 200
    assert (await _get(client, "/desk", token("admin"))).status_code == 200
    refused = await _get(client, "/desk", token("handler", "unheard-of"))
    assert refused.status_code == refused.json()["status"] == 403
    assert refused.json()["detail"] == "needs one of the roles: dispatcher, operator"
    _assert_unauthorized(await client.get("/desk"))


async def test_without_keys_nobody_gets_in(settings: ServiceSettings, token: Token, tmp_path: Path) -> None:
    async with client_of(_with_keys(settings, "")) as client:
        _assert_unauthorized(await _get(client, "/me", token("admin")))
    async with client_of(_with_keys(settings, str(tmp_path / "missing.json"))) as client:
        assert (await _get(client, "/me", token("admin"))).status_code == 503


async def test_an_issuer_that_is_away_is_no_fault_of_the_caller(
    settings: ServiceSettings, token: Token
) -> None:
    async with client_of(_with_keys(settings, f"https://127.0.0.1:{free_port()}/jwks.json")) as client:
        with capture_logs() as lines:
            answers = [await _get(client, "/me", token("admin", sub=sub)) for sub in ("p-1", "p-2")]
    assert {(answer.status_code, answer.headers["retry-after"]) for answer in answers} == {(503, "5")}
    (line,) = lines  # each time that it was asked
    assert line["setting"] == "CASEGRID_JWKS"
    assert "Connection refused" in line["error"]


@pytest.mark.parametrize("page", ["<html>维护中".encode(), "<html>维护中".encode("gbk")])
async def test_a_page_in_place_of_keys_is_no_fault_of_ours_or_the_caller(
    settings: ServiceSettings, token: Token, monkeypatch: pytest.MonkeyPatch, page: bytes
) -> None:
    """What a proxy before the issuer answers while that is away."""
    monkeypatch.setattr(jwt.PyJWKClient, "fetch_data", lambda _: json.loads(page))
    async with client_of(_with_keys(settings, "https://127.0.0.1/jwks.json")) as client:
        answers = [await _get(client, "/me", token("admin", sub=sub)) for sub in ("p-1", "p-2")]
    assert [answer.status_code for answer in answers] == [503, 503]


async def test_an_issuer_that_hangs_holds_nobody_for_long(
    settings: ServiceSettings, token: Token, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(auth, "ISSUER_SECONDS", 1.0)
    asked = 0

    async def hang(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal asked
        asked += 1
        await reader.read()
        writer.close()

    port = free_port()
    service = _with_keys(settings, f"https://127.0.0.1:{port}/jwks.json")
    async with await asyncio.start_server(hang, "127.0.0.1", port), client_of(service) as client:
        calls = [_get(client, "/me", token("admin", sub=f"p-{number}")) for number in range(20)]
        answers = await asyncio.wait_for(asyncio.gather(*calls), 10)
    assert {answer.status_code for answer in answers} == {503}
    assert asked == 1, "who waits behind it does not wait again"


def _with_keys(settings: ServiceSettings, jwks: str) -> Service:
    return Service("tiny", settings.model_copy(update={"jwks": jwks}), routers=[router])


def _tampered(token: str) -> str:
    header, _, signature = token.split(".")
    body = urlsafe_b64encode(
        json.dumps({"exp": int(time.time()) + 60} | CLAIMS | {"roles": ["admin"]}).encode()
    )
    return f"{header}.{body.rstrip(b'=').decode()}.{signature}"


async def _get(client: httpx.AsyncClient, path: str, token: str) -> httpx.Response:
    return await client.get(path, headers={"Authorization": f"Bearer {token}".encode()})


def _assert_unauthorized(answer: httpx.Response) -> None:
    assert answer.status_code == answer.json()["status"] == 401
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["www-authenticate"] == "Bearer"
