"""The front door: what is accepted is committed with its event, what is wrong is named, and nothing of it is kept."""

import asyncio
import json
from collections.abc import Callable, Sequence
from typing import Any

import httpx
import orjson
import pytest
from structlog.testing import capture_logs

from delivery.database import Connection
from delivery.idempotency import KEY_REUSED, LONGEST_KEY
from delivery.service import Service
from services.intake import store
from services.intake.receipt import read_receipt_no
from services.intake.submission import Submission
from tests.databases import As
from tests.intake.builders import a_report
from tests.intake.rows import rows_of


async def test_a_report_is_accepted_with_a_receipt_and_its_event(
    http: httpx.AsyncClient, intake: Service
) -> None:
    answer = await http.post("/v1/reports", json=a_report(category="C01-05"))
    receipt = answer.json()
    assert answer.status_code == 201
    assert set(receipt) == {"report_id", "case_id", "receipt_no", "accepted_at", "links"}
    assert read_receipt_no(receipt["receipt_no"]) == receipt["receipt_no"]
    (message,) = await rows_of(intake, "outbox")
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
    (kept,) = await rows_of(intake, "vault")
    (message,) = await rows_of(intake, "outbox")
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
    assert await rows_of(intake, "reports") == []


async def test_a_unit_may_not_submit(http: httpx.AsyncClient, token: Callable[..., str]) -> None:
    headers = {"Authorization": f"Bearer {token('unit_lead')}"}
    assert (await http.post("/v1/reports", json=a_report(), headers=headers)).status_code == 403


async def test_the_same_key_and_body_answer_the_first_receipt_again(
    http: httpx.AsyncClient, intake: Service
) -> None:
    headers = {"Idempotency-Key": "k" * LONGEST_KEY}
    first = await http.post("/v1/reports", json=a_report(), headers=headers)
    spaced = json.dumps(a_report(), indent=2)
    again = await http.post("/v1/reports", content=spaced, headers=headers)
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json() == again.json()
    assert len(await rows_of(intake, "outbox")) == 1


async def test_the_same_key_with_another_body_is_refused(http: httpx.AsyncClient, intake: Service) -> None:
    headers = {"Idempotency-Key": "k-1"}
    await http.post("/v1/reports", json=a_report(), headers=headers)
    answer = await http.post("/v1/reports", json=a_report(text="别的"), headers=headers)
    assert (answer.status_code, answer.json()["detail"]) == (409, KEY_REUSED)
    assert len(await rows_of(intake, "reports")) == 1


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


@pytest.mark.parametrize("key", ["", " " * (LONGEST_KEY + 1), "k" * (LONGEST_KEY + 1)])
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
    assert len(await rows_of(intake, "reports")) == 1


@pytest.mark.parametrize("path", ["/v1/reports", "/v1/reports/00000000-0000-0000-0000-000000000000/feedback"])
async def test_who_goes_away_in_the_middle_of_his_body_is_no_fault_of_ours(
    path: str, intake: Service, as_: As
) -> None:
    """A telephone that loses its network, several times an hour."""
    came, answered = iter([{"type": "http.request", "body": b'{"channel', "more_body": True}]), []

    async def receive() -> Any:
        return next(came, {"type": "http.disconnect"})

    async def send(message: Any) -> None:
        answered.append(message.get("status"))

    headers = as_("operator") | {"content-type": "application/json", "content-length": "100"}
    scope = {
        "type": "http",
        "method": "POST",
        "path": path,
        "raw_path": path.encode(),
        "query_string": b"",
        "headers": [(name.lower().encode(), value.encode()) for name, value in headers.items()],
    }
    with capture_logs() as lines:
        await intake.app(scope, receive, send)
    assert (answered[0], lines) == (400, [])


async def test_many_at_once_are_all_kept(http: httpx.AsyncClient, intake: Service) -> None:
    answers = await asyncio.gather(
        *(http.post("/v1/reports", json=a_report(text=f"{n}")) for n in range(200))
    )
    reports = {str(row["report_id"]) for row in await rows_of(intake, "reports")}
    assert {answer.json()["report_id"] for answer in answers} == reports
    assert len(await rows_of(intake, "outbox")) == 200


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
    assert await rows_of(intake, "outbox") == []


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
    kept = {str(row["report_id"]): row["receipt_no"] for row in await rows_of(intake, "reports")}
    assert {each.json()["report_id"]: each.json()["receipt_no"] for each in answers} == kept
    assert len(await rows_of(intake, "outbox")) == at_once


async def test_the_same_reporter_has_the_same_reference_and_no_name(
    http: httpx.AsyncClient, intake: Service
) -> None:
    """Whether he calls the hotline, or his telephone says which country's it is."""
    his = ("139-0000-0000", "139 0000 0000", "+86 13900000000", "(0086) 139-0000-0000", "8613900000000")
    for phone in (*his, "138 0000 0000", "8612900000000"):
        await http.post("/v1/reports", json=a_report(reporter={"phone": phone}))
    references = [
        orjson.loads(row["value"])["data"]["reporter_ref"] for row in await rows_of(intake, "outbox")
    ]
    assert [reference == references[0] for reference in references] == [True] * len(his) + [False] * 2


STAND_INS = ["---", "( )", "000", "00000000000", "12345", "0" * 7]


@pytest.mark.parametrize("phone", STAND_INS)
async def test_what_stands_in_for_a_phone_makes_nobody_the_same_reporter(
    phone: str, http: httpx.AsyncClient, intake: Service
) -> None:
    """Whoever asks again joins his own open case wherever that is: strangers would join each other's."""
    for more in ({}, {"email": "a@example.org"}, {"email": "b@example.org"}):
        answer = await http.post("/v1/reports", json=a_report(reporter={"phone": phone} | more))
        assert answer.status_code == 201
    sent = [orjson.loads(row["value"])["data"] for row in await rows_of(intake, "outbox")]
    assert "reporter_ref" not in sent[0]
    assert sent[1]["reporter_ref"] != sent[2]["reporter_ref"], "each by his e-mail"


_SETTLED = {"result": "已清理，联系人13912345678", "evidence_method": "photo", "evidence": 1}


async def test_a_grid_worker_registers_a_finished_matter_in_one_request(
    http: httpx.AsyncClient, intake: Service, token: Callable[..., str]
) -> None:
    headers = {"Authorization": f"Bearer {token('grid_worker', unit='UD111')}"}
    answer = await http.post("/v1/reports", json=a_report(on_spot=_SETTLED), headers=headers)
    assert answer.status_code == 201
    (message,) = await rows_of(intake, "outbox")
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
    assert await rows_of(intake, "reports") == []
