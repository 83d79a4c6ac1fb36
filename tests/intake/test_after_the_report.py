"""Reminders, withdrawals and feedback through the door, and what a merge means for the reporter."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx
import orjson
import pytest

from contracts.events import decode
from contracts.facts import case as facts
from contracts.facts import closing
from delivery.service import Service
from services.intake.handlers import on_case_events
from services.intake.store import count_reports
from tests.intake.builders import BY_DAY, a_report
from tests.intake.case_facts import NOON, a_filing, an_event

SAID: dict[str, dict[str, Any]] = {
    "reminders": {"text": "还是不亮，请打13912345678"},
    "withdrawal": {"reason": "自己修好了，我叫王小明"},
    "feedback": {"contacted": True, "solved": False, "satisfaction": 1},
}
AS_JSON = {"Content-Type": "application/json"}
FACTS = {
    "reminders": "report.reminded",
    "withdrawal": "report.withdrawn",
    "feedback": "report.feedback_given",
}


async def _reported(http: httpx.AsyncClient, **more: Any) -> dict[str, Any]:
    return dict((await http.post("/v1/reports", json=a_report(**more))).json())


async def _announced(intake: Service) -> list[Any]:
    async with intake.database.connection() as connection:
        rows = await connection.fetch("select value from outbox order by id")
    return [decode(orjson.loads(row["value"])["type"], row["value"]) for row in rows]


async def _hear(intake: Service, *events: Any) -> None:
    async with intake.database.transaction() as connection:
        await on_case_events(connection, list(events), timetable=BY_DAY)


@pytest.mark.parametrize("said", SAID)
async def test_what_is_said_after_the_report_is_announced_without_personal_data(
    said: str, http: httpx.AsyncClient, intake: Service
) -> None:
    report = await _reported(http, reporter={"phone": "13900000000"})
    answer = await http.post(f"/v1/reports/{report['report_id']}/{said}", json=SAID[said])
    assert answer.status_code == 201, answer.text
    submitted, event = await _announced(intake)
    assert (event.type, event.case_id) == (FACTS[said], UUID(report["case_id"]))
    assert event.actor.role == "operator"
    assert answer.json()["follow_up_id"] == str(event.event_id)
    words = event.model_dump_json()
    assert not {"13912345678", "王小明"} & {word for word in ("13912345678", "王小明") if word in words}
    if said == "reminders":
        assert event.data.reporter_ref == submitted.data.reporter_ref is not None
    shown = (await http.get(f"/v1/reports/{report['report_id']}")).json()["follow_ups"]
    assert [each["type"] for each in shown] == [FACTS[said]]


@pytest.mark.parametrize("said", SAID)
async def test_the_same_key_says_it_once(said: str, http: httpx.AsyncClient, intake: Service) -> None:
    report = await _reported(http)
    path = f"/v1/reports/{report['report_id']}/{said}"
    answers = [await http.post(path, json=SAID[said], headers={"Idempotency-Key": "k-1"}) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [201, 200]
    assert answers[0].json() == answers[1].json()
    assert len(await _announced(intake)) == 2


@pytest.mark.parametrize("said", ["reminders", "withdrawal"])
async def test_no_body_says_what_an_empty_one_says(
    said: str, http: httpx.AsyncClient, intake: Service
) -> None:
    """Nor does a mark of the byte order before it say anything."""
    report = await _reported(http)
    path, headers = f"/v1/reports/{report['report_id']}/{said}", {"Idempotency-Key": "k-1"}
    answers = [
        await http.post(path, headers=headers),
        await http.post(path, headers=headers),
        await http.post(path, headers=headers, json={}),
        await http.post(path, headers=headers | AS_JSON, content=b"\xef\xbb\xbf{}"),
        await http.post(path),
    ]
    assert [answer.status_code for answer in answers] == [201, 200, 200, 200, 201]
    assert answers[0].json() == answers[1].json() == answers[2].json() == answers[3].json()
    assert [event.type for event in await _announced(intake)] == ["report.submitted", *[FACTS[said]] * 2]


async def test_a_key_says_one_thing_only(http: httpx.AsyncClient) -> None:
    report = await _reported(http)
    path, headers = f"/v1/reports/{report['report_id']}", {"Idempotency-Key": "k-1"}
    assert (await http.post(f"{path}/reminders", json={}, headers=headers)).status_code == 201
    assert (await http.post(f"{path}/withdrawal", json={}, headers=headers)).status_code == 409
    assert (await http.post(f"{path}/reminders", json={"text": "x"}, headers=headers)).status_code == 409


@pytest.mark.parametrize(
    ("said", "body", "pointer"),
    [
        ("reminders", {"text": ""}, "/text"),
        ("reminders", {"text": "　"}, "/text"),
        ("withdrawal", {"reason": "  "}, "/reason"),
        ("reminders", {"text": "x" * 2001}, "/text"),
        ("reminders", {"text": "a\u0000b"}, "/text"),
        ("reminders", {"texts": "x"}, "/texts"),
        ("withdrawal", {"reason": 7}, "/reason"),
        ("feedback", {}, "/contacted"),
        ("feedback", None, "/"),
        ("feedback", {"contacted": True, "satisfaction": 6}, "/satisfaction"),
        ("feedback", {"contacted": True, "satisfaction": True}, "/satisfaction"),
        ("feedback", {"contacted": False, "solved": True}, "/"),
    ],
)
async def test_a_wrong_field_is_named_and_nothing_is_kept(
    said: str, body: dict[str, Any] | None, pointer: str, http: httpx.AsyncClient, intake: Service
) -> None:
    report = await _reported(http)
    answer = await http.post(f"/v1/reports/{report['report_id']}/{said}", json=body)
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    assert [error["pointer"] for error in answer.json()["errors"]] == [pointer]
    assert len(await _announced(intake)) == 1


@pytest.mark.parametrize("roles", [("unit_lead",), ("agency",), ("assessor",)])
async def test_other_roles_say_nothing_for_a_reporter(
    roles: tuple[str, ...], http: httpx.AsyncClient, token: Callable[..., str]
) -> None:
    report = await _reported(http)
    headers = {"Authorization": f"Bearer {token(*roles)}"}
    answer = await http.post(f"/v1/reports/{report['report_id']}/reminders", json={}, headers=headers)
    assert answer.status_code == 403


async def test_a_resident_shows_his_receipt(
    http: httpx.AsyncClient, intake: Service, token: Callable[..., str]
) -> None:
    mine, other = await _reported(http), await _reported(http)
    path, headers = (
        f"/v1/reports/{mine['report_id']}/reminders",
        {"Authorization": f"Bearer {token('resident')}"},
    )
    for receipt in (None, other["receipt_no"], "nonsense"):
        answer = await http.post(path, json={"receipt_no": receipt}, headers=headers)
        assert answer.status_code == 404
    answer = await http.post(path, json={"receipt_no": mine["receipt_no"].lower()}, headers=headers)
    assert answer.status_code == 201
    assert (await _announced(intake))[-1].actor.role == "resident"


def _merged_into(master: dict[str, Any], joined: dict[str, Any]) -> list[Any]:
    ordered = facts.CaseDispatched(round=1, lead="U1", procedure="coordinate", privacy="open")
    return [
        an_event(joined["case_id"], 1, facts.CaseAccepted(report_id=uuid4(), channel="web")),
        an_event(joined["case_id"], 6, facts.CaseMerged(master_case_id=UUID(master["case_id"]))),
        an_event(master["case_id"], 1, facts.CaseAccepted(report_id=uuid4(), channel="web")),
        an_event(master["case_id"], 2, ordered, due=NOON + timedelta(days=1)),
        an_event(master["case_id"], 8, facts.CaseSigned(unit="U1", handler="p-1")),
    ]


@pytest.mark.parametrize("backwards", [False, True])
async def test_a_merged_report_goes_the_way_of_its_master_from_the_merge_on(
    backwards: bool, http: httpx.AsyncClient, intake: Service
) -> None:
    master, joined = await _reported(http), await _reported(http)
    events = _merged_into(master, joined)
    for event in reversed(events) if backwards else events:
        await _hear(intake, event)
    status = (await http.get(joined["links"]["status"])).json()
    assert [step["step"] for step in status["history"]] == ["reported", "accepted", "dispatched", "handling"]
    merged_at = NOON + timedelta(minutes=6)
    # what was done before he reported would tell him that another did
    assert status["history"][2]["at"] == merged_at.isoformat().replace("+00:00", "Z")
    assert status["expected_by"] == "2026-11-24T04:00:00Z"
    await _hear(
        intake,
        an_event(joined["case_id"], 7, facts.CaseUnmerged(master_case_id=uuid4(), reason="another lamp")),
    )
    status = (await http.get(joined["links"]["status"])).json()
    assert [step["step"] for step in status["history"]] == ["reported", "accepted"]


@pytest.mark.parametrize("said", SAID)
@pytest.mark.parametrize(("privacy", "status"), [("open", 403), ("sealed", 404)])
async def test_who_may_not_read_a_report_says_nothing_about_it_unless_he_brings_its_receipt(
    said: str,
    privacy: str,
    status: int,
    http: httpx.AsyncClient,
    intake: Service,
    as_: Callable[..., dict[str, str]],
) -> None:
    """The grid worker who is complained of, and the visitor of another town."""
    report = await _reported(http)
    await _hear(intake, a_filing(report, privacy=privacy))
    path = f"/v1/reports/{report['report_id']}"
    for role, unit in (("grid_worker", "U9"), ("visitor", "U8")):
        headers = as_(role, unit=unit)
        seen = await http.get(path, headers=headers)
        refused = await http.post(f"{path}/{said}", json=SAID[said], headers=headers)
        assert (refused.status_code, refused.json()) == (status, seen.json())
        shown = SAID[said] | {"receipt_no": report["receipt_no"]}
        assert (await http.post(f"{path}/{said}", json=shown, headers=headers)).status_code == 201


async def _similar(http: httpx.AsyncClient, **asked: Any) -> list[dict[str, Any]]:
    answer = await http.get("/v1/reports/similar", params=asked)
    assert answer.status_code == 200, answer.text
    return list(answer.json()["items"])


HERE = {"lon": 120.1, "lat": 30.2}


async def test_an_open_case_at_the_place_is_found_with_its_score(
    http: httpx.AsyncClient, intake: Service
) -> None:
    report = await _reported(http)
    await _hear(intake, a_filing(report))
    (found,) = await _similar(http, **HERE, category="C01-05", text="路灯不亮")
    assert found["case_id"] == report["case_id"]
    assert (found["score"], found["likely"], found["metres"]) == (1.0, True, 0)
    assert found["parts"] == {"category": 1, "distance": 1, "similarity": 1, "recency": 1}
    (other,) = await _similar(http, **HERE, category="E01-01", text="垃圾没有清运")
    assert (other["parts"]["category"], other["likely"]) == (0, False)


async def test_a_component_is_certain(http: httpx.AsyncClient, intake: Service) -> None:
    report = await _reported(http)
    await _hear(intake, a_filing(report, component_id="L1"))
    (found,) = await _similar(http, component_id="L1", category="C01-06")
    assert (found["score"], found["same_component"], found["metres"]) == (1.0, True, None)
    assert await _similar(http, component_id="L2", category="C01-06") == []


async def test_a_case_whose_event_names_no_category_is_found_too(
    http: httpx.AsyncClient, intake: Service
) -> None:
    """The envelope need not have one."""
    await _hear(intake, a_filing(await _reported(http)).model_copy(update={"category": None}))
    (found,) = await _similar(http, **HERE, category="C01-05", text="路灯不亮")
    assert (found["category"], found["parts"]["category"]) == (None, 0)


async def test_as_many_are_told_as_are_asked_for(http: httpx.AsyncClient, intake: Service) -> None:
    await _hear(intake, *[a_filing(await _reported(http)) for _ in range(12)])
    for asked, count in (({"limit": 1}, 1), ({}, 10), ({"limit": 500}, 12)):
        body = (await http.get("/v1/reports/similar", params=HERE | asked)).json()
        assert (len(body["items"]), body["next"]) == (count, None)


@pytest.mark.parametrize("privacy", ["confidential", "sealed"])
async def test_what_is_kept_confidential_is_not_found(
    privacy: str, http: httpx.AsyncClient, intake: Service
) -> None:
    await _hear(intake, a_filing(await _reported(http), privacy=privacy))
    assert await _similar(http, **HERE, category="C01-05") == []


@pytest.mark.parametrize("backwards", [False, True])
async def test_what_a_person_makes_confidential_is_not_found_any_more(
    backwards: bool, http: httpx.AsyncClient, intake: Service
) -> None:
    report = await _reported(http)
    changed = facts.CasePrivacyChanged(before="open", after="confidential")
    events = [a_filing(report), an_event(report["case_id"], 3, changed)]
    for event in reversed(events) if backwards else events:
        await _hear(intake, event)
    assert await _similar(http, **HERE, category="C01-05") == []


@pytest.mark.parametrize("backwards", [False, True])
async def test_what_has_ended_is_not_found(backwards: bool, http: httpx.AsyncClient, intake: Service) -> None:
    report = await _reported(http)
    events = [a_filing(report), an_event(report["case_id"], 5, closing.CaseClosed())]
    for event in reversed(events) if backwards else events:
        await _hear(intake, event)
    assert await _similar(http, **HERE, category="C01-05") == []
    await _hear(
        intake, an_event(report["case_id"], 6, closing.CaseReopened(round=2, unit="U1", reason="again"))
    )
    assert len(await _similar(http, **HERE, category="C01-05")) == 1


@pytest.mark.parametrize(
    ("asked", "pointer"),
    [
        ({}, "/"),
        ({"lon": 1}, "/"),
        ({"lon": 181, "lat": 1}, "/lon"),
        ({"lon": "x", "lat": 1}, "/lon"),
        ({**HERE, "category": "路"}, "/category"),
        ({**HERE, "limit": 501}, "/limit"),
        ({**HERE, "limit": 0}, "/limit"),
        ({**HERE, "text": "x" * 4001}, "/text"),
    ],
)
async def test_a_wrong_question_is_told_its_field(
    asked: dict[str, Any], pointer: str, http: httpx.AsyncClient
) -> None:
    answer = await http.get("/v1/reports/similar", params=asked)
    assert answer.status_code == 422
    assert [error["pointer"] for error in answer.json()["errors"]] == [f"/query{pointer}".rstrip("/")]


async def test_only_a_desk_asks_what_is_similar(http: httpx.AsyncClient, token: Callable[..., str]) -> None:
    headers = {"Authorization": f"Bearer {token('agency')}"}
    answer = await http.get("/v1/reports/similar", params=HERE, headers=headers)
    assert answer.status_code == 403


async def test_reports_are_counted_as_the_ledger_asks(http: httpx.AsyncClient, intake: Service) -> None:
    for _ in range(3):
        await _reported(http)
    async with intake.database.connection() as connection:
        rows = await connection.fetch("select accepted_at from reports order by accepted_at")
        first, _, last = (row["accepted_at"] for row in rows)
        assert await count_reports(connection, first, last) == 2
