"""A creating call may be sent again: the same key and body get the first answer, and nothing is done twice."""

import asyncio
import hashlib
from codecs import BOM_UTF8
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Annotated, Any

import orjson
import sqlalchemy as sa
from fastapi import Depends, Header, Request, Response
from pydantic_core import to_jsonable_python
from sqlalchemy.dialects.postgresql import BYTEA, JSONB

from delivery.auth import Caller
from delivery.database import Connection, Database
from delivery.field_types import shaped
from delivery.problems import Problem

DAYS = 7  # how long an answer is kept
LONGEST_KEY = 255
KEY_REUSED = "this Idempotency-Key was used for something else"
Key = Annotated[
    Annotated[str, shaped(r"^[\x20-\x7e]+$", "printable ASCII characters")] | None,
    Header(alias="Idempotency-Key", min_length=1, max_length=LONGEST_KEY),
]


def first_answers_table(metadata: sa.MetaData) -> sa.Table:
    return sa.Table(
        "first_answers",
        metadata,
        sa.Column("caller", sa.Text, primary_key=True),
        sa.Column("key", sa.Text, primary_key=True),
        sa.Column("asked_sha256", BYTEA, nullable=False),
        sa.Column("answer", JSONB),  # null only before its transaction commits
        sa.Column("asked_at", sa.TIMESTAMP(timezone=True), nullable=False, server_default=sa.func.now()),
        sa.Index("first_answers_by_age", "asked_at"),
    )


@dataclass(frozen=True)
class Call:
    """What was asked, by whom; without a key each call is one of its own."""

    caller: str
    key: str | None = None
    asked_sha256: bytes = b""


async def _call_of(request: Request, caller: Caller, idempotency_key: Key = None) -> Call:
    if idempotency_key is None:
        return Call(caller.sub)
    asked = f"{request.method} {request.url.path}?{request.url.query}\n".encode()
    body = await request.body()  # tens of megabytes, where a directory is imported
    return Call(caller.sub, idempotency_key, await asyncio.to_thread(_sha256, asked, body))


Repeatable = Annotated[Call, Depends(_call_of)]


async def once(
    connection: Connection, call: Call, response: Response, work: Callable[[], Awaitable[Any]]
) -> Any:
    """The answer of `work`, or 200 and the first answer to the same call, which a twin that is under way is waited
    for; 409 for another call with its key. What `work` refuses leaves the key unused."""
    if call.key is None:
        return await work()
    while not await _claimed(connection, call):
        first = await connection.fetchrow(
            "select asked_sha256, answer from first_answers where caller = $1 and key = $2",
            call.caller,
            call.key,
        )
        if first is not None:  # none: it was forgotten in this moment
            return _first_answer(first, call, response)
    answer = await work()
    await connection.execute(
        "update first_answers set answer = $3 where caller = $1 and key = $2",
        call.caller,
        call.key,
        to_jsonable_python(answer, by_alias=False),
    )
    return answer


async def _claimed(connection: Connection, call: Call) -> bool:
    """Whether nobody has asked with that key; a twin that is under way is waited for."""
    is_first = await connection.fetchval(
        """insert into first_answers (caller, key, asked_sha256) values ($1, $2, $3)
           on conflict do nothing returning true""",
        call.caller,
        call.key,
        call.asked_sha256,
    )
    return bool(is_first)


def _first_answer(first: Mapping[str, Any], call: Call, response: Response) -> Any:
    if first["asked_sha256"] != call.asked_sha256:
        raise Problem(409, KEY_REUSED)
    response.status_code = 200
    return first["answer"]


def forgetting(database: Database) -> Callable[[], Awaitable[None]]:
    """A loop for a service to run alongside: what is older than a week is as good as never asked."""
    return partial(_forget, database)


async def _forget(database: Database) -> None:
    async with database.connection() as connection:
        await forget(connection)
    await asyncio.sleep(3600)


async def forget(connection: Connection) -> None:
    await connection.execute(
        "delete from first_answers where asked_at < now() - make_interval(days => $1)", DAYS
    )


def _sha256(asked: bytes, body: bytes) -> bytes:
    return hashlib.sha256(asked + canonical(body)).digest()


def canonical(body: bytes) -> bytes:
    """The same JSON, however it was spaced or ordered, and with a mark of the byte order or without; no body says what
    an empty one says; what is no JSON, or only others can read, as it came."""
    try:
        said = orjson.loads(body.removeprefix(BOM_UTF8) or b"{}")
        return orjson.dumps(said, option=orjson.OPT_SORT_KEYS)
    except orjson.JSONDecodeError:
        return body
