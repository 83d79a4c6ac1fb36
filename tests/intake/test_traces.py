"""Which `traceparent` of a caller goes on in our events, by W3C Trace Context."""

from uuid import UUID, uuid4

import httpx
import orjson
import pytest
from fastapi import Request

from delivery.service import Service
from services.intake.request_headers import correlation_of
from tests.intake.builders import a_report

TRACE = "0af7651916cd43dd8448eb211c80319c"
PARENT = "b7ad6b7169203331"
EVENT = uuid4()


async def test_the_trace_of_the_caller_goes_on(http: httpx.AsyncClient, intake: Service) -> None:
    await http.post("/v1/reports", json=a_report(), headers={"traceparent": f"00-{TRACE}-{PARENT}-01"})
    async with intake.database.connection() as connection:
        sent = orjson.loads(await connection.fetchval("select value from outbox"))
    assert UUID(sent["correlation_id"]).hex == TRACE


@pytest.mark.parametrize(
    ("traceparent", "goes_on"),
    [
        (f"00-{TRACE}-{PARENT}-01", True),
        (f"00-{TRACE}-{PARENT}-00", True),
        (f"cc-{TRACE}-{PARENT}-01-what-the-future-brings", True),
        (f"00-{'0' * 32}-{PARENT}-01", False),
        (f"00-{TRACE}-{'0' * 16}-01", False),
        (f"ff-{TRACE}-{PARENT}-01", False),
        (f"00-{TRACE}-{PARENT}-01-more", False),
        (f"00-{TRACE.upper()}-{PARENT}-01", False),
        (f"00-{TRACE}-{PARENT}", False),
        (f"00-{UUID(TRACE)}-{PARENT}-01", False),
        (f"00-{TRACE}", False),
        ("", False),
    ],
)
def test_what_w3c_calls_invalid_begins_a_new_trace(traceparent: str, goes_on: bool) -> None:
    request = Request({"type": "http", "headers": [(b"traceparent", traceparent.encode())]})
    assert correlation_of(request, EVENT) == (UUID(TRACE) if goes_on else EVENT)
