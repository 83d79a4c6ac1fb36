"""Every error is a problem document: bad input never a 500, an answer never says more than happened."""

import asyncio
from collections.abc import AsyncIterator
from datetime import datetime
from typing import Annotated, Any

import asyncpg
import httpx
import pytest
from fastapi import APIRouter, Depends, FastAPI, Request
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator
from structlog.testing import capture_logs

from delivery.database import Connection, Database
from delivery.problems import Problem, findings, unsound
from delivery.service import Service
from delivery.settings import ServiceSettings
from tests.delivery.tiny_service import client_of

SECRET = "13800001111"
LIMIT = 128 * 1024
JSON = {"content-type": "application/json"}


class Body(BaseModel):
    model_config = ConfigDict(extra="forbid")

    text: str = Field(max_length=100)
    counts: dict[str, int] = {}


router = APIRouter()


@router.post("/echo", status_code=201)
async def echo(body: Body) -> Body:
    return body


@router.post("/raw", status_code=201)
@router.post("/imports", status_code=201)
async def raw(request: Request) -> int:
    return len(await request.body())


@router.get("/items")
async def items(limit: Annotated[int, "a number"] = 1) -> int:
    return limit


@router.get("/fault")
async def fault() -> None:
    phone = SECRET
    raise ValueError(f"no rule for {phone}")


@router.get("/away/{kind}")
async def away(kind: str) -> None:
    raise {"connection": asyncpg.ConnectionDoesNotExistError, "network": ConnectionResetError}[kind]("away")


@router.get("/links/{token}/{error}")
async def follow(token: str, error: str) -> None:
    raise ERRORS[error]


@router.get("/taken")
async def taken() -> None:
    raise Problem(409, "the state forbids it", allowed=["close"], headers={"X-Why": "state"})


@router.post("/worked", status_code=201)
async def work(request: Request) -> dict[str, str]:
    database: Database = request.app.state.service.database
    async with database.transaction() as connection:
        await _insert(connection)
    return {"said": "done"}


@router.post("/kept/{kind}")
async def keep(kind: str, request: Request) -> None:
    database: Database = request.app.state.service.database
    statement, value = VALUES[kind]
    async with database.transaction() as connection:
        await connection.execute(statement, value)


@pytest.fixture
async def client(settings: ServiceSettings) -> AsyncIterator[httpx.AsyncClient]:
    service = Service("tiny", settings, routers=[router], large_bodies={"/imports": 4 * LIMIT})
    async with client_of(service) as client:
        yield client


ERRORS = {
    "outage": ConnectionResetError(),
    "unstorable": asyncpg.CharacterNotInRepertoireError("NUL"),
    "fault": ValueError("of ours"),
}
CALLS: list[tuple[str, str, dict[str, Any], int, str]] = [
    ("GET", "/nowhere", {}, 404, "Not Found"),
    ("DELETE", "/items", {}, 405, "Method Not Allowed"),
    ("GET", "/taken", {}, 409, "the state forbids it"),
    ("POST", "/echo", {}, 422, "not valid: /"),
    ("POST", "/echo", {"headers": JSON, "content": b"{"}, 422, "not valid: /"),
    ("POST", "/echo", {"headers": JSON, "content": b"\xff\xfe\x00"}, 422, "not valid: /"),
    ("POST", "/echo", {"headers": JSON, "content": b"[" * 50_000}, 422, "not valid: /"),
    ("POST", "/echo", {"headers": JSON, "content": b'"text"'}, 422, "not valid: /"),
    ("POST", "/echo", {"json": {"text": SECRET * 20}}, 422, "not valid: /text"),
    ("POST", "/echo", {"json": {"text": "a", "more": SECRET}}, 422, "not valid: /more"),
    ("POST", "/echo", {"headers": JSON, "content": b'{"text": "\\ud800"}'}, 422, "not valid: /text"),
    ("POST", "/echo", {"headers": JSON, "content": b'{"text": "a", "\\ud800": 1}'}, 422, "not valid"),
    (
        "POST",
        "/echo",
        {"headers": JSON, "content": b'{"text": "a", "counts": {"\\ud800": "x"}}'},
        422,
        "not valid: /counts",
    ),
    ("POST", "/echo", {"headers": JSON, "content": b'{"text": 1e999}'}, 422, "not valid: /text"),
    (
        "POST",
        "/echo",
        {"headers": JSON, "content": b'{"text": "a", "counts": {"x": ' + b"9" * 5000 + b"}}"},
        422,
        "not valid: /",
    ),
    ("GET", "/items?limit=" + SECRET + "x", {}, 422, "not valid: /query/limit"),
    ("GET", "/fault", {}, 500, "this is our fault"),
    ("GET", "/away/connection", {}, 503, "nothing was done"),
    ("GET", "/away/network", {}, 503, "nothing was done"),
]


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"\xff\xfe\x00", "not JSON: not UTF-8"),
        (b"[" * 130_000, "not JSON: nested too deeply"),
        (b'{"text": "a", "counts": {"x": ' + b"9" * 5000 + b"}}", "not JSON: a number of too many digits"),
    ],
)
async def test_a_body_that_json_cannot_read_is_told_why(
    client: httpx.AsyncClient, body: bytes, reason: str
) -> None:
    answer = await client.post("/echo", headers=JSON, content=body)
    assert answer.json()["errors"] == [{"pointer": "/", "detail": reason}]


@pytest.mark.parametrize(("method", "path", "sent", "status", "detail"), CALLS)
async def test_an_error_is_a_problem_document(
    client: httpx.AsyncClient, method: str, path: str, sent: dict[str, Any], status: int, detail: str
) -> None:
    answer = await client.request(method, path, **sent)
    problem = answer.json()
    assert answer.status_code == problem["status"] == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert detail in problem["detail"]
    assert set(problem) >= {"type", "title", "status", "detail"}
    assert all(set(error) == {"pointer", "detail"} for error in problem.get("errors", []))
    assert SECRET not in answer.text
    assert "Traceback" not in answer.text
    assert "ValueError" not in answer.text


async def test_a_problem_keeps_its_members_and_headers(client: httpx.AsyncClient) -> None:
    answer = await client.get("/taken")
    assert answer.json()["allowed"] == ["close"]
    assert answer.headers["x-why"] == "state"
    assert (await client.delete("/items")).headers["allow"] == "GET"
    assert (await client.get("/away/network")).headers["retry-after"] == "1"


@pytest.mark.parametrize("error", ERRORS)
async def test_a_secret_in_a_path_is_not_logged(client: httpx.AsyncClient, error: str) -> None:
    with capture_logs() as lines:
        await client.get(f"/links/{SECRET}/{error}")
    (line,) = lines
    assert line["route"] == "/links/{token}/{error}"
    assert SECRET not in str(lines)


@pytest.mark.parametrize("path", ["/raw", "/echo"])
@pytest.mark.parametrize("chunked", [True, False])
async def test_a_body_is_refused_before_it_is_read_whole(
    client: httpx.AsyncClient, path: str, chunked: bool
) -> None:
    given = 0

    async def chunks() -> AsyncIterator[bytes]:
        nonlocal given
        for _ in range(100):
            given += 1
            yield b"x" * (LIMIT // 4)

    answer = await client.post(path, headers=JSON, content=chunks() if chunked else b"x" * (LIMIT + 1))
    assert answer.status_code == answer.json()["status"] == 413
    assert f"larger than {LIMIT} bytes" in answer.json()["detail"]
    assert given <= 6, "a sender without end is not listened to"


async def test_a_body_at_the_limit_is_taken_and_an_import_may_be_larger(client: httpx.AsyncClient) -> None:
    assert (await client.post("/raw", content=b"x" * LIMIT)).json() == LIMIT
    assert (await client.post("/imports", content=b"x" * 4 * LIMIT)).json() == 4 * LIMIT
    assert (await client.post("/imports", content=b"x" * (4 * LIMIT + 1))).status_code == 413


async def test_a_commit_that_fails_is_not_answered_as_done(
    settings: ServiceSettings, database: Database
) -> None:
    await _refuse_at_commit(database)
    service = Service("tiny", settings, routers=[router])
    await service.database.open()
    async with client_of(service) as client:
        assert (await client.post("/worked")).status_code == 500
        await _allow(database)
        assert (await client.post("/worked")).status_code == 201
    await service.database.close()
    assert await _count(database) == 1


async def test_by_default_a_yielding_dependency_has_answered_before_its_commit_fails(
    database: Database,
) -> None:
    await _refuse_at_commit(database)
    app = FastAPI()

    async def session() -> AsyncIterator[Connection]:
        async with database.transaction() as connection:
            yield connection

    @app.post("/worked", status_code=201)
    async def work(connection: Annotated[Any, Depends(session)]) -> str:
        await _insert(connection)
        return "done"

    transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://tiny") as client:
        assert (await client.post("/worked")).status_code == 201, "what nobody may do here"
    assert await _count(database) == 0


async def test_a_caller_who_goes_away_leaves_no_open_transaction(
    settings: ServiceSettings, database: Database
) -> None:
    """Pooled connections are not reset here, so a transaction left open would be the next caller's."""
    inside = asyncio.Event()

    async def hang() -> None:
        async with database.transaction() as connection:
            await _insert(connection)
            inside.set()
            await connection.execute("select pg_sleep(60)")

    hanging = [asyncio.create_task(hang()) for _ in range(4)]
    await inside.wait()
    for task in hanging:
        task.cancel()
    await asyncio.gather(*hanging, return_exceptions=True)
    async with database.connection() as one, database.connection() as two:
        assert not one.is_in_transaction()
        assert not two.is_in_transaction()
    assert await _count(database) == 0


VALUES: dict[str, tuple[str, Any]] = {
    "NUL": ("select $1::text", "a\0"),
    "NUL in jsonb": ("select $1::jsonb", {"a": "\0"}),
    "surrogate": ("select $1::text", "\ud800"),
    "too large": ("select $1::bigint", 2**63),
    "too large a sum": ("select $1::int + 2147483647", 1),
    "too early": ("select $1::timestamptz", datetime.fromisoformat("0001-01-01T00:00+14:00")),
    "fault of ours": ("select $1::bigint", "one"),
    "another fault of ours": ("select 1 / $1::int", 0),
}


@pytest.mark.parametrize("kind", VALUES)
async def test_what_no_column_can_hold_is_the_callers_and_what_we_did_wrong_is_ours(
    settings: ServiceSettings, database: Database, kind: str
) -> None:
    service = Service("tiny", settings, routers=[router])
    await service.database.open()
    async with client_of(service) as client:
        answer = await client.post(f"/kept/{kind}")
    await service.database.close()
    assert answer.status_code == answer.json()["status"] == (500 if "fault" in kind else 422)
    assert answer.headers["content-type"] == "application/problem+json"


async def _insert(connection: Connection) -> None:
    await connection.execute(
        "insert into worked (event_id, case_id) values (gen_random_uuid(), gen_random_uuid())"
    )


async def _refuse_at_commit(database: Database) -> None:
    async with database.connection() as connection:
        await connection.execute("""
            create function refuse() returns trigger language plpgsql as $$ begin raise 'not at commit'; end $$;
            create constraint trigger refuse after insert on worked
            deferrable initially deferred for each row execute function refuse()""")


async def _allow(database: Database) -> None:
    async with database.connection() as connection:
        await connection.execute("drop trigger refuse on worked")


async def _count(database: Database) -> int:
    async with database.connection() as connection:
        return await connection.fetchval("select count(*) from worked")


class _Listed(BaseModel):
    items: tuple[str, ...] = Field(min_length=1)

    @field_validator("items")
    @classmethod
    def _known(cls, items: tuple[str, ...]) -> tuple[str, ...]:
        if items != ("a",):
            raise ValueError("knows only a")
        return items


@pytest.mark.parametrize(
    ("items", "detail"),
    [
        ([], "List should have at least 1 item after validation, not 0"),
        (7, "Input should be a valid list"),
        (["b"], "knows only a"),
    ],
)
def test_what_is_wrong_is_said_without_the_words_of_the_language(items: Any, detail: str) -> None:
    with pytest.raises(ValidationError) as wrong:
        _Listed.model_validate({"items": items})
    assert findings(wrong.value).more["errors"] == [{"pointer": "/items", "detail": detail}]


@pytest.mark.parametrize(("count", "said"), [(1, "1 problem; nothing"), (2, "2 problems; nothing")])
def test_problems_are_counted(count: int, said: str) -> None:
    assert unsound([], in_all=count, so="nothing").detail == said
