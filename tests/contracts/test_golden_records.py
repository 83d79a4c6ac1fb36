"""What was ever published is read for ever: the records of golden.jsonl still say what they said."""

import json
from typing import Any

import pytest

from contracts.events import decode
from tests.contracts.golden import golden, missing


@pytest.mark.parametrize("record", golden(), ids=lambda record: json.loads(record)["type"])
def test_a_record_of_then_says_the_same_now(record: str) -> None:
    said = json.loads(record)
    now = decode(said["type"], record.encode()).model_dump_json(exclude_none=True)
    assert _still_says(said, json.loads(now)), now


def test_every_shape_of_today_has_its_records() -> None:
    assert missing() == [], "a new fact or field: run `python -m tests.contracts.golden`, which only adds"


def _still_says(then: Any, now: Any) -> bool:
    """Whether all of `then` is in `now`; the optional fields that came since are passed over."""
    if isinstance(then, dict) and isinstance(now, dict):
        return all(name in now and _still_says(value, now[name]) for name, value in then.items())
    if isinstance(then, list) and isinstance(now, list):
        return len(then) == len(now) and all(map(_still_says, then, now))
    return type(then) is type(now) and bool(then == now)
