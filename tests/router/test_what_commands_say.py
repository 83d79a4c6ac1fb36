"""What is said with a command: words say something, references name nobody to who reads them (domain §2.4, §8.2)."""

from typing import Any

import pytest
from pydantic import ValidationError

from services.router.workflow.table import TRANSITIONS
from tests.router.playing import FILLED, waiting

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


_PERSONS = [
    *(("sign", "handler"), ("extend", "asked_by"), ("suspend", "asked_by"), ("suspend", "agreed_by")),
    *(("void", "asked_by"), ("decide_appeal", "agreed_by")),
]


@pytest.mark.parametrize(
    "said", ["王小明13912345678", "13912345678", "王师傅", "我叫王小明", "x@example.org"]
)
@pytest.mark.parametrize(("command", "field"), _PERSONS)
def test_a_reference_holds_no_personal_data(command: str, field: str, said: str) -> None:
    with pytest.raises(ValidationError, match="a reference holds no telephone") as refused:
        _given(command, **{field: said})
    assert [finding["loc"] for finding in refused.value.errors()] == [(field,)]


@pytest.mark.parametrize(("command", "field"), _PERSONS)
def test_a_reference_says_something_and_stands_as_it_came(command: str, field: str) -> None:
    with pytest.raises(ValidationError, match="must say something"):
        _given(command, **{field: "　"})
    for reference in ("p-0001-day", "250a7443-196a-4f47-9563-f05397492685", "工号0731", "demo-unit_lead"):
        assert getattr(_given(command, **{field: reference}), field) == reference


def test_who_took_it_over_is_named_without_what_is_personal() -> None:
    play = waiting().give("hand_over", receiver="119指挥中心王女士13912345678", receipt="回执20261129-0007")
    said = play.events[-1].data
    assert (said.receiver, said.receipt) == ("119指挥中心［姓名］女士［电话］", "回执20261129-0007")


@pytest.mark.parametrize("field", ["grid", "component_id"])
def test_where_it_was_found_is_said_in_codes(field: str) -> None:
    with pytest.raises(ValidationError, match="should match pattern"):
        _given("accept", place={field: "王小明13912345678"})
