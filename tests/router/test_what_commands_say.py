"""What is said with a command: words say something, references name nobody to who reads them (domain §2.4, §8.2)."""

from typing import Any

import pytest
from pydantic import ValidationError

from services.router.workflow.table import TRANSITIONS
from tests.router.playing import FILLED

_WORDS = [
    *(("return", "reason"), ("reclassify", "reason"), ("designate", "note"), ("progress", "note")),
    *(("call_in", "reason"), ("extend", "reason"), ("oversee", "note"), ("finish", "result")),
    *(("resolve_on_spot", "result"), ("check_fail", "reason"), ("redo", "reason"), ("reopen", "reason")),
    *(("unmerge", "reason"), ("set_urgency", "reason"), ("appeal_timeout", "reason"), ("refuse", "reason")),
    *(("refuse", "way_to_object"), ("return_materials", "reason"), ("review_pass", "opinion")),
    *(("record_objection", "objection"), ("answer_objection", "answer"), ("reject", "legal_channel")),
]


def _given(command: str, **data: Any) -> Any:
    row = next(row for row in TRANSITIONS if row.command == command)
    return row.data.model_validate(FILLED.get(command, {}) | data)


@pytest.mark.parametrize("blank", ["  ", "　", "\n\t", "\u200b\ufeff"], ids=ascii)
@pytest.mark.parametrize(("command", "field"), _WORDS)
def test_a_reason_says_something(command: str, field: str, blank: str) -> None:
    with pytest.raises(ValidationError, match="must say something"):
        _given(command, **{field: blank})


def test_what_surrounds_it_is_left_out() -> None:
    assert _given("return", reason=" 非我单位职责\n").reason == "非我单位职责"
