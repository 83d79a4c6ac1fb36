"""The wire: CloudEvents' Kafka binding in binary mode, and a reader that refuses without repeating what it read."""

import json
import re
from datetime import datetime, timedelta, timezone
from typing import Any
from uuid import UUID

import pytest

from contracts.envelope import Actor, ClockChange, to_message
from contracts.events import NotAnEvent, decode, event_of, messages_of
from contracts.facts.case import CaseDispatched
from contracts.facts.report import ReportReminded
from contracts.facts.score import ScorePublished
from contracts.vocabulary import Clock, ClockAction, Privacy, Procedure, Role, Tier

EVENT_ID = UUID("0192f000-0000-7000-8000-000000000001")
CASE_ID = UUID("0192f000-0000-7000-8000-000000000002")
TRACE = UUID("0192f000-0000-7000-8000-0000000000aa")
AT = datetime(2026, 3, 2, 8, 0, tzinfo=timezone(timedelta(hours=8)))
SECRET = "13800001111"


def test_attributes_are_headers_and_the_event_is_the_value() -> None:
    message = to_message("reports.v1", "intake", _reminded())
    assert message.topic == "reports.v1"
    assert message.key == str(CASE_ID).encode()
    assert dict(message.headers) == {
        "ce_specversion": b"1.0",
        "ce_id": str(EVENT_ID).encode(),
        "ce_type": b"report.reminded",
        "ce_source": b"/casegrid/intake",
        "ce_time": b"2026-03-02T08:00:00+08:00",
        "ce_subject": str(CASE_ID).encode(),
        "ce_dataschema": b"urn:casegrid:report.reminded:v1",
        "content-type": b"application/json",
        "traceparent": f"00-{TRACE.hex}-{EVENT_ID.hex[-16:]}-01".encode(),
    }
    assert json.loads(message.value or b"")["data"] == {"report_id": str(EVENT_ID), "text": "again"}


def test_headers_keep_the_rules_of_the_binding() -> None:
    headers = to_message("reports.v1", "intake", _reminded()).headers
    attributes = [name.removeprefix("ce_") for name, _ in headers if name.startswith("ce_")]
    assert {"id", "source", "specversion", "type"} <= set(attributes), "the four that CloudEvents requires"
    assert all(re.fullmatch("[a-z0-9]+", name) for name in attributes), "CloudEvents' own alphabet"
    assert len(headers) == len(dict(headers)), "a header stands once"
    assert all(value and value.decode("utf-8") for _, value in headers), "never null, always UTF-8"


def test_the_trace_is_a_w3c_traceparent() -> None:
    traceparent = dict(to_message("reports.v1", "intake", _reminded()).headers)["traceparent"] or b""
    assert re.fullmatch(rb"00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}", traceparent)


def test_what_is_written_is_what_is_read() -> None:
    for event in (_reminded(), _dispatched(), _score()):
        assert decode(event.type, to_message("any", "any", event).value) == event


def test_the_key_is_what_the_topic_orders_by() -> None:
    keys = [to_message("any", "any", event).key for event in (_reminded(), _dispatched(), _score())]
    assert keys == [str(CASE_ID).encode(), str(CASE_ID).encode(), b"G0101"]


def test_an_order_is_the_same_record_on_the_topic_of_the_leading_tier() -> None:
    case, order = messages_of("router", _dispatched())
    assert (case.topic, order.topic) == ("cases.v1", "dispatch.town.v1")
    assert case[1:] == order[1:]


REFUSED: list[tuple[str, str | None, bytes | None, str]] = [
    ("no type", None, b"{}", "unknown event type None"),
    ("an unknown type", "case.sung", b"{}", "unknown event type 'case.sung'"),
    ("no body", "report.reminded", None, "report.reminded: body: json_invalid"),
    ("no JSON", "report.reminded", b"\xff\x00", "report.reminded: body: json_invalid"),
    ("not an object", "report.reminded", b"[1]", "report.reminded: body: model_type"),
    ("nested without end", "report.reminded", b"[" * 100_000, "report.reminded: body: json_invalid"),
]


@pytest.mark.parametrize(
    ("event_type", "value", "said"), [case[1:] for case in REFUSED], ids=[case[0] for case in REFUSED]
)
def test_refuses(event_type: str | None, value: bytes | None, said: str) -> None:
    with pytest.raises(NotAnEvent) as refused:
        decode(event_type, value)
    assert str(refused.value) == said


def test_a_header_that_contradicts_the_body_is_refused() -> None:
    value = to_message("reports.v1", "intake", _reminded()).value or b""
    with pytest.raises(NotAnEvent, match="body another type"):
        decode("report.reminded", value.replace(b"report.reminded", b"report.withdrawn"))


@pytest.mark.parametrize(
    ("event", "path", "said"),
    [
        ("report", ("data", "report_id"), "data.report_id: uuid_parsing"),
        ("report", ("occurred_at",), "occurred_at: datetime_from_date_parsing"),
        ("report", ("actor", "role"), "actor.role: enum"),
        ("score", ("data", "indicators", SECRET), "data.indicators.*: float_parsing"),
        ("score", ("data",), "data: model_type"),
    ],
)
def test_a_refusal_names_the_field_and_repeats_nothing(event: str, path: tuple[str, ...], said: str) -> None:
    with pytest.raises(NotAnEvent) as refused:
        _decode_with(_reminded() if event == "report" else _score(), path, SECRET + "x")
    assert said in str(refused.value)
    assert SECRET not in str(refused.value)
    assert refused.value.__suppress_context__, "the cause would bring the values back into a traceback"


def test_a_time_without_a_zone_is_refused() -> None:
    with pytest.raises(NotAnEvent, match="occurred_at: timezone_aware"):
        _decode_with(_reminded(), ("occurred_at",), "2026-03-02T08:00:00")


def _decode_with(event: Any, path: tuple[str, ...], wrong: Any) -> None:
    said = json.loads(to_message("any", "any", event).value or b"")
    part = said
    for step in path[:-1]:
        part = part[step]
    part[path[-1]] = wrong
    decode(event.type, json.dumps(said).encode())


def _reminded() -> Any:
    return event_of(ReportReminded(report_id=EVENT_ID, text="again"), case_id=CASE_ID, **_envelope())


def _score() -> Any:
    fact = ScorePublished(
        scorecard="worker",
        starts_at=AT,
        ends_at=AT,
        as_of=AT,
        total=910.5,
        indicators={"V": None, "rework": 0.1},
    )
    return event_of(fact, subject="G0101", **_envelope())


def _dispatched() -> Any:
    fact = CaseDispatched(round=1, lead="T01", procedure=Procedure.COORDINATE, privacy=Privacy.OPEN)
    clock = ClockChange(name=Clock.HANDLE, action=ClockAction.START, limit="2 work_day", limit_at=AT)
    return event_of(fact, case_id=CASE_ID, case_version=7, tier=Tier.TOWN, clocks=(clock,), **_envelope())


def _envelope() -> dict[str, Any]:
    return {
        "event_id": EVENT_ID,
        "occurred_at": AT,
        "recorded_at": AT,
        "actor": Actor(role=Role.OPERATOR, unit="D01"),
        "correlation_id": TRACE,
        "causation_id": EVENT_ID,
    }
