"""The front door: what is accepted is committed with its event, what is wrong is named, and nothing of it is kept."""

import asyncio
import json
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from delivery.database import Connection
from delivery.service import Service
from services.intake import store
from services.intake.receipt import read_receipt_no
from services.intake.submission import Submission
from tests.intake.builders import a_report


async def _rows(intake: Service, table: str) -> list[Any]:
    async with intake.database.connection() as connection:
        return list(await connection.fetch(f"select * from {table}"))


async def test_a_report_is_accepted_with_a_receipt_and_its_event(
    http: httpx.AsyncClient, intake: Service
) -> None:
    answer = await http.post("/v1/reports", json=a_report(category="C01-05"))
    receipt = answer.json()
    assert answer.status_code == 201
    assert set(receipt) == {"report_id", "case_id", "receipt_no", "accepted_at", "links"}
    assert read_receipt_no(receipt["receipt_no"]) == receipt["receipt_no"]
    (message,) = await _rows(intake, "outbox")
    event = orjson.loads(message["value"])
    assert (message["topic"], message["key"].decode()) == ("reports.v1", receipt["case_id"])
    assert event["data"]["report_id"] == receipt["report_id"]
    assert event["data"]["place"] == {"lon": 120.1, "lat": 30.2, "has_address": False}


FULL = {
    "kind": "complaint",
    "category": "E01-01",
    "place": {
        "lon": 120.123456789,
        "lat": 30.2,
        "address": "云溪路8号",
        "grid": "YQ010101",
        "component_id": "D1",
    },
    "reporter": {"name": "张三", "phone": "139 0000 0000", "email": "z@example.org", "confidential": True},
    "facts": {"injured": 1, "trapped": 0, "crowd": 3, "vulnerable": "some"},
    "occurred_at": "2026-11-20T08:00:00+08:00",
    "attachments": [{"ref": "photo/1", "name": "photo.jpg", "media_type": "image/jpeg"}],
}


async def test_everything_that_may_be_said_is_kept_or_sent(http: httpx.AsyncClient, intake: Service) -> None:
    assert (await http.post("/v1/reports", json=a_report(**FULL))).status_code == 201
    (kept,) = await _rows(intake, "vault")
    (message,) = await _rows(intake, "outbox")
    sent = orjson.loads(message["value"])["data"]
    assert (kept["address"], kept["reporter_phone"]) == ("云溪路8号", "139 0000 0000")
    assert sent["place"] == {
        "lon": 120.12346,
        "lat": 30.2,
        "grid": "YQ010101",
        "component_id": "D1",
        "has_address": True,
    }
    assert sent["facts"] == {"injured": 1, "trapped": 0, "crowd": 3, "vulnerable": "some"}
    assert (sent["confidential"], sent["attachments"]) == (True, 1)


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
    absent, null = [orjson.loads(message["value"])["data"] for message in await _rows(intake, "outbox")]
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
        assert await _rows(intake, table) == []


async def test_what_was_sent_is_not_repeated_in_the_error(http: httpx.AsyncClient) -> None:
    answer = await http.post("/v1/reports", json=a_report(reporter={"phone": "secret number"}))
    assert "secret number" not in answer.text


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
    assert (await _rows(intake, "vault"))[0]["text"] == TAKEN[name]
    assert (await _rows(intake, "reports"))[0]["body"]["text"] == TAKEN[name]


async def test_marks_that_turn_the_direction_of_writing_are_left_out(
    http: httpx.AsyncClient, intake: Service
) -> None:
    """A telephone puts them around a number that is copied from its contacts."""
    text = "找\u202d110\u202c，\u2066a\u2069\u202eb"
    assert (await http.post("/v1/reports", json=a_report(text=text))).status_code == 201
    assert (await _rows(intake, "vault"))[0]["text"] == "找110，ab"


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


@pytest.mark.parametrize("name", RAW)
async def test_bytes_that_are_no_report(name: str, http: httpx.AsyncClient, intake: Service) -> None:
    body, status = RAW[name]
    answer = await http.post("/v1/reports", content=body)
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert await _rows(intake, "reports") == []


_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    field=st.sampled_from(["channel", "text", "category", "place", "reporter", "facts", "occurred_at"]),
    value=_json,
)
async def test_no_body_is_a_fault_of_ours(field: str, value: Any, http: httpx.AsyncClient) -> None:
    body = json.dumps(a_report(**{field: value})).encode("utf-8", "surrogatepass")
    assert (await http.post("/v1/reports", content=body)).status_code in (201, 422)


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Authorization": ""}, 401),
        ({"Authorization": "Bearer nonsense"}, 401),
        ({"Authorization": "Basic b3A6eA=="}, 401),
    ],
)
async def test_without_a_good_token_nothing_is_stored(
    headers: dict[str, str], status: int, http: httpx.AsyncClient, intake: Service
) -> None:
    answer = await http.post("/v1/reports", json=a_report(), headers=headers)
    assert (answer.status_code, answer.headers["www-authenticate"]) == (status, "Bearer")
    assert await _rows(intake, "reports") == []


async def test_a_unit_may_not_submit(http: httpx.AsyncClient, token: Callable[..., str]) -> None:
    headers = {"Authorization": f"Bearer {token('unit_lead')}"}
    assert (await http.post("/v1/reports", json=a_report(), headers=headers)).status_code == 403


async def test_the_same_key_and_body_answer_the_first_receipt_again(
    http: httpx.AsyncClient, intake: Service
) -> None:
    headers = {"Idempotency-Key": "k-1"}
    first = await http.post("/v1/reports", json=a_report(), headers=headers)
    spaced = json.dumps(a_report(), indent=2)
    again = await http.post("/v1/reports", content=spaced, headers=headers)
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json() == again.json()
    assert len(await _rows(intake, "outbox")) == 1


async def test_the_same_key_with_another_body_is_refused(http: httpx.AsyncClient, intake: Service) -> None:
    headers = {"Idempotency-Key": "k-1"}
    await http.post("/v1/reports", json=a_report(), headers=headers)
    assert (await http.post("/v1/reports", json=a_report(text="别的"), headers=headers)).status_code == 409
    assert len(await _rows(intake, "reports")) == 1


async def test_keys_belong_to_their_callers(http: httpx.AsyncClient, token: Callable[..., str]) -> None:
    answers = [
        await http.post(
            "/v1/reports",
            json=a_report(text=sub),
            headers={"Idempotency-Key": "k-1", "Authorization": f"Bearer {token('operator', sub=sub)}"},
        )
        for sub in ("op-1", "op-2")
    ]
    assert [answer.status_code for answer in answers] == [201, 201]


@pytest.mark.parametrize("key", ["", " " * 201, "k" * 201])
async def test_a_key_that_is_none_is_refused(key: str, http: httpx.AsyncClient) -> None:
    answer = await http.post("/v1/reports", json=a_report(), headers={"Idempotency-Key": key})
    assert answer.status_code == 422


async def test_many_at_once_with_one_key_are_one_report(http: httpx.AsyncClient, intake: Service) -> None:
    headers = {"Idempotency-Key": "k-1"}
    answers = await asyncio.gather(
        *(http.post("/v1/reports", json=a_report(), headers=headers) for _ in range(20))
    )
    assert sorted(answer.status_code for answer in answers) == [200] * 19 + [201]
    assert len({answer.json()["receipt_no"] for answer in answers}) == 1
    assert len(await _rows(intake, "reports")) == 1


async def test_many_at_once_are_all_kept(http: httpx.AsyncClient, intake: Service) -> None:
    answers = await asyncio.gather(
        *(http.post("/v1/reports", json=a_report(text=f"{n}")) for n in range(200))
    )
    reports = {str(row["report_id"]) for row in await _rows(intake, "reports")}
    assert {answer.json()["report_id"] for answer in answers} == reports
    assert len(await _rows(intake, "outbox")) == 200


async def test_a_commit_that_fails_is_not_answered_as_accepted(
    http: httpx.AsyncClient, intake: Service
) -> None:
    """A constraint that is checked at the commit: whoever answers before it answers wrongly."""
    async with intake.database.connection() as connection:
        await connection.execute(
            """create function refuse() returns trigger language plpgsql as
                   $$ begin raise exception using errcode = '40001'; end $$;
               create constraint trigger refuse after insert on reports deferrable initially deferred
                   for each row execute function refuse()"""
        )
    answer = await http.post("/v1/reports", json=a_report())
    assert answer.status_code == 503
    assert await _rows(intake, "outbox") == []


@pytest.mark.parametrize("key", [{}, {"Idempotency-Key": "k"}], ids=["without key", "with key"])
@pytest.mark.parametrize("at_once", [1, 20])
async def test_what_was_committed_is_answered_though_the_connection_died_before_it_said_so(
    at_once: int,
    key: dict[str, str],
    http: httpx.AsyncClient,
    intake: Service,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    insert, lost = store.insert_reports, []

    async def commit_and_die(connection: Connection, submissions: Sequence[Submission]) -> None:
        await insert(connection, submissions)
        if not lost and len(submissions) >= min(at_once, 2):
            lost.extend(submissions)
            async with intake.database.connection() as other:
                await other.execute("select pg_terminate_backend($1, 10000)", connection.get_server_pid())
            await connection.execute("select")

    monkeypatch.setattr(store, "insert_reports", commit_and_die)
    answers = await asyncio.gather(
        *(
            http.post("/v1/reports", json=a_report(), headers={name: f"{key[name]}-{n}" for name in key})
            for n in range(at_once)
        )
    )
    assert lost
    assert [answer.status_code for answer in answers] == [201] * at_once
    kept = {str(row["report_id"]): row["receipt_no"] for row in await _rows(intake, "reports")}
    assert {each.json()["report_id"]: each.json()["receipt_no"] for each in answers} == kept
    assert len(await _rows(intake, "outbox")) == at_once


async def test_the_trace_of_the_caller_goes_on(http: httpx.AsyncClient, intake: Service) -> None:
    trace = "0af7651916cd43dd8448eb211c80319c"
    await http.post(
        "/v1/reports", json=a_report(), headers={"traceparent": f"00-{trace}-b7ad6b7169203331-01"}
    )
    (message,) = await _rows(intake, "outbox")
    assert orjson.loads(message["value"])["correlation_id"].replace("-", "") == trace


async def test_the_same_reporter_has_the_same_reference_and_no_name(
    http: httpx.AsyncClient, intake: Service
) -> None:
    for phone in ("139-0000-0000", "139 0000 0000", "138 0000 0000"):
        await http.post("/v1/reports", json=a_report(reporter={"phone": phone}))
    references = [orjson.loads(row["value"])["data"]["reporter_ref"] for row in await _rows(intake, "outbox")]
    assert references[0] == references[1] != references[2]


_SETTLED = {"result": "已清理，联系人13912345678", "evidence_method": "photo", "evidence": 1}


async def test_a_grid_worker_registers_a_finished_matter_in_one_request(
    http: httpx.AsyncClient, intake: Service, token: Callable[..., str]
) -> None:
    headers = {"Authorization": f"Bearer {token('grid_worker', unit='UD111')}"}
    answer = await http.post("/v1/reports", json=a_report(on_spot=_SETTLED), headers=headers)
    assert answer.status_code == 201
    (message,) = await _rows(intake, "outbox")
    event = orjson.loads(message["value"])
    assert event["data"]["on_spot"] == {
        "result": "已清理，联系人［电话］",
        "evidence_method": "photo",
        "evidence": 1,
    }
    assert (event["actor"]["role"], event["actor"]["unit"]) == ("grid_worker", "UD111")


async def test_nobody_else_registers_a_finished_matter(
    http: httpx.AsyncClient, intake: Service, token: Callable[..., str]
) -> None:
    headers = {"Authorization": f"Bearer {token('operator', unit='UD')}"}
    answer = await http.post("/v1/reports", json=a_report(on_spot=_SETTLED), headers=headers)
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (403, "/on_spot")
    assert await _rows(intake, "reports") == []
