"""What may be said in a report, and what is refused by name, with nothing stored."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from delivery.service import Service
from tests.intake.builders import a_report
from tests.intake.rows import rows_of

NULLS = [
    {"kind": None, "category": None, "occurred_at": None, "on_spot": None},
    {"reporter": None, "facts": None, "attachments": None},
    {"facts": {"injured": None, "trapped": None, "crowd": None, "vulnerable": None}},
    {"reporter": {"name": None, "phone": None, "email": None, "confidential": None}},
]


@pytest.mark.parametrize("nulls", NULLS)
async def test_null_is_as_absent(nulls: dict[str, Any], http: httpx.AsyncClient, intake: Service) -> None:
    for body in (a_report(), a_report(**nulls)):
        answer = await http.post("/v1/reports", json=body)
        assert answer.status_code == 201, answer.text
    absent, null = [orjson.loads(message["value"])["data"] for message in await rows_of(intake, "outbox")]
    assert null == absent | {"report_id": null["report_id"]}


BAD = {
    "no text": ({"text": None}, ["/text"]),
    "empty text": ({"text": ""}, ["/text"]),
    "blank text": ({"text": " \n\t "}, ["/text"]),
    "4001 characters": ({"text": "字" * 4001}, ["/text"]),
    "a NUL": ({"text": "a\x00b"}, ["/text"]),
    "an escape": ({"text": "a\x1b[31mb"}, ["/text"]),
    "a C1 control": ({"text": "a\x85b"}, ["/text"]),
    "nothing that is seen": ({"text": "\u200b\u00ad \u2066"}, ["/text"]),
    "no channel": ({"channel": None}, ["/channel"]),
    "an unknown channel": ({"channel": "pigeon"}, ["/channel"]),
    "an unknown field": ({"colour": "red"}, ["/colour"]),
    "a category that is none": ({"category": "lamp"}, ["/category"]),
    "no place": ({"place": {}}, ["/place"]),
    "an address that nobody sees": ({"place": {"address": " \u200b\u3000"}}, ["/place"]),
    "half a point": ({"place": {"lon": 1.0}}, ["/place"]),
    "beyond the world": ({"place": {"lon": 180.1, "lat": -90.1}}, ["/place/lon", "/place/lat"]),
    "a place in words": ({"place": {"lon": "east", "lat": "north"}}, ["/place/lon", "/place/lat"]),
    "zero and zero": ({"place": {"lon": 0, "lat": 0}}, ["/place"]),
    "an address with controls": ({"place": {"address": "a\x07"}}, ["/place/address"]),
    "a long address": ({"place": {"address": "a" * 301}}, ["/place/address"]),
    "a fraction of a person": ({"facts": {"injured": 1.5}}, ["/facts/injured"]),
    "fewer than nobody": ({"facts": {"trapped": -1}}, ["/facts/trapped"]),
    "a phone in words": ({"reporter": {"phone": "call me"}}, ["/reporter/phone"]),
    "no e-mail": ({"reporter": {"email": "x"}}, ["/reporter/email"]),
    "a time without a zone": ({"occurred_at": "2026-11-20T08:00:00"}, ["/occurred_at"]),
    "the future": ({"occurred_at": (datetime.now(UTC) + timedelta(hours=1)).isoformat()}, ["/occurred_at"]),
    "long ago": ({"occurred_at": "1999-12-31T00:00:00Z"}, ["/occurred_at"]),
    "a time as a number": ({"occurred_at": 1764400000}, ["/occurred_at"]),
    "a time as a number in quotes": ({"occurred_at": "1764400000"}, ["/occurred_at"]),
    "degrees as yes and in quotes": ({"place": {"lon": True, "lat": "30.2"}}, ["/place/lon", "/place/lat"]),
    "confidential as a word": ({"reporter": {"confidential": "yes"}}, ["/reporter/confidential"]),
    "too many attachments": ({"attachments": [{"ref": "x"}] * 21}, ["/attachments"]),
    "several at once": (
        {"text": "", "channel": "pigeon", "place": {"lon": 999, "lat": 1}, "facts": {"crowd": -1}},
        ["/channel", "/text", "/place/lon", "/facts/crowd"],
    ),
}


@pytest.mark.parametrize("name", BAD)
async def test_every_wrong_field_is_named_and_nothing_is_stored(
    name: str, http: httpx.AsyncClient, intake: Service
) -> None:
    more, pointers = BAD[name]
    body = {key: value for key, value in a_report(**more).items() if value is not None}
    answer = await http.post("/v1/reports", content=json.dumps(body).encode("utf-8", "surrogatepass"))
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    assert [error["pointer"] for error in answer.json()["errors"]] == pointers
    for table in ("reports", "vault", "outbox", "idempotency_keys"):
        assert await rows_of(intake, table) == []


async def test_what_was_sent_is_not_repeated_in_the_error(http: httpx.AsyncClient) -> None:
    answer = await http.post("/v1/reports", json=a_report(reporter={"phone": "secret number"}))
    assert "secret number" not in answer.text
    shape = "must be a telephone number: 3 to 30 digits, spaces and + ( ) # . -"
    assert answer.json()["errors"] == [{"pointer": "/reporter/phone", "detail": shape}]


TAKEN = {
    "4000 characters": "字" * 4000,
    "one": "a",
    "lines": "第一行\n第二行\t制表",
    "joined emoji": "👨\u200d👩\u200d👧 家庭",
    "emoji that this Python does not know": "\U0001fae9 \U0001fadf 脏水",
    "a flag made of tags": "🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f flag",
    "a soft hyphen": "Straßen\u00adlaterne",
    "the mark of a direction": "\u200eمرحبا\u200f",
    "a character of private use": "\ue863字",
    "no character": "a\ufdd0b",
}


@pytest.mark.parametrize("name", TAKEN)
async def test_ordinary_text_is_taken_and_kept_as_it_came(
    name: str, http: httpx.AsyncClient, intake: Service
) -> None:
    assert (await http.post("/v1/reports", json=a_report(text=TAKEN[name]))).status_code == 201
    assert (await rows_of(intake, "vault"))[0]["text"] == TAKEN[name]
    assert (await rows_of(intake, "reports"))[0]["body"]["text"] == TAKEN[name]


async def test_marks_that_turn_the_direction_of_writing_are_left_out(
    http: httpx.AsyncClient, intake: Service
) -> None:
    """A telephone puts them around a number that is copied from its contacts."""
    text = "找\u202d110\u202c，\u2066a\u2069\u202eb"
    assert (await http.post("/v1/reports", json=a_report(text=text))).status_code == 201
    assert (await rows_of(intake, "vault"))[0]["text"] == "找110，ab"


async def test_an_address_that_nobody_sees_is_as_absent(http: httpx.AsyncClient, intake: Service) -> None:
    place = {"lon": 120.1, "lat": 30.2, "address": " \u3000"}
    assert (await http.post("/v1/reports", json=a_report(place=place))).status_code == 201
    assert (await rows_of(intake, "vault"))[0]["address"] is None
    assert (await rows_of(intake, "reports"))[0]["body"]["place"]["has_address"] is False


PHONES = {
    "１３８０００００００１": "13800000001",
    "＋86　138－0000－0001": "+86 138-0000-0001",
    "（010）65551234": "(010)65551234",
    "\u202d138\u200b0000 0001\u202c": "1380000 0001",
}


@pytest.mark.parametrize("phone", PHONES)
async def test_a_phone_is_taken_as_a_keyboard_or_a_telephone_writes_it(
    phone: str, http: httpx.AsyncClient, intake: Service
) -> None:
    """And kept as it is dialled, so that its reporter is known again and can be told."""
    answer = await http.post("/v1/reports", json=a_report(reporter={"phone": phone}))
    assert answer.status_code == 201, answer.text
    assert (await rows_of(intake, "vault"))[0]["reporter_phone"] == PHONES[phone]
    await http.post("/v1/reports", json=a_report(reporter={"phone": PHONES[phone]}))
    one, other = [orjson.loads(message["value"])["data"] for message in await rows_of(intake, "outbox")]
    assert one["reporter_ref"] == other["reporter_ref"] is not None


async def test_a_mark_of_the_byte_order_before_the_body_says_nothing(http: httpx.AsyncClient) -> None:
    """As for every other call: some editors and shells put it there."""
    headers, body = {"Idempotency-Key": "k-1"}, json.dumps(a_report()).encode()
    statuses = [
        (await http.post("/v1/reports", content=sent, headers=headers)).status_code
        for sent in (b"\xef\xbb\xbf" + body, body)
    ]
    assert statuses == [201, 200]


RAW = {
    "broken JSON": (b'{"channel":', 422),
    "not an object": (b"[]", 422),
    "nothing": (b"", 422),
    "not UTF-8": (b'{"text":"\xff\xfe"}', 422),
    "half a surrogate": (b'{"channel":"web","text":"\\ud800","place":{"grid":"x"}}', 422),
    "NaN": (b'{"channel":"web","text":"x","place":{"lon":NaN,"lat":1}}', 422),
    "infinity": (b'{"channel":"web","text":"x","place":{"lon":1e999,"lat":1}}', 422),
    "one megabyte": (b'{"channel":"web","text":"' + b"x" * 2**20 + b'"}', 413),
}


@pytest.mark.parametrize(("minutes", "status"), [(4, 201), (6, 422)])
async def test_a_console_whose_clock_is_a_little_ahead_is_heard_and_how_much_is_said(
    minutes: int, status: int, http: httpx.AsyncClient, intake: Service
) -> None:
    seen_at = datetime.now(UTC) + timedelta(minutes=minutes)
    answer = await http.post("/v1/reports", json=a_report(occurred_at=seen_at.isoformat()))
    assert answer.status_code == status
    assert status == 201 or "more than five minutes in the future" in answer.text


@pytest.mark.parametrize("name", RAW)
async def test_bytes_that_are_no_report(name: str, http: httpx.AsyncClient, intake: Service) -> None:
    body, status = RAW[name]
    answer = await http.post("/v1/reports", content=body)
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert await rows_of(intake, "reports") == []


_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    field=st.sampled_from(["channel", "text", "category", "place", "reporter", "facts", "occurred_at"]),
    value=_json,
)
async def test_no_body_is_a_fault_of_ours(field: str, value: Any, http: httpx.AsyncClient) -> None:
    body = json.dumps(a_report(**{field: value})).encode("utf-8", "surrogatepass")
    assert (await http.post("/v1/reports", content=body)).status_code in (201, 422)
