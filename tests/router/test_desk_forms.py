"""Forms made from the models of commands, and what a filled form means."""

from datetime import datetime
from typing import Any, Literal
from zoneinfo import ZoneInfo

import pytest
from pydantic import BaseModel

from contracts.vocabulary import CaseState as S
from services.router.desk.actions import Refused, actions_of
from services.router.desk.forms import Field, field_at, fields_of, read_form
from services.router.desk.words import Voice
from services.router.workflow.commands.intake import AcceptData
from services.router.workflow.table import TRANSITIONS, Transition, allowed, transition
from tests.router.playing import FILLED

ZONE = ZoneInfo("Asia/Shanghai")
ZH = Voice("zh")
GIVEN = {row.command: row for row in TRANSITIONS if row.who}


def _as_filled(fields: tuple[Field, ...], data: dict[str, Any]) -> dict[str, str]:
    """What a browser sends for the data."""
    filled = {}
    for field in fields:
        value: Any = data
        for step in field.name.split("."):
            value = value.get(step) if isinstance(value, dict) else None
        if isinstance(value, bool):
            filled |= {field.name: str(value).lower()} if value or field.kind != "flag" else {}
        elif value is not None:
            filled[field.name] = "\r\n".join(value) if isinstance(value, list | tuple) else str(value)
    return filled


@pytest.mark.parametrize("command", sorted(GIVEN))
def test_a_filled_form_is_the_command_that_the_api_takes(command: str) -> None:
    row, data = GIVEN[command], dict(FILLED.get(command, {}))
    if command == "merge":
        data = {"master_case_id": "0192f0c1-2345-7abc-8def-0123456789ab"}
    if isinstance(data.get("until"), datetime):
        data["until"] = data["until"].isoformat()
    fields = fields_of(row.data)
    read = row.data.model_validate(read_form(fields, _as_filled(fields, data), ZONE))
    wanted = row.data.model_validate(data)
    unticked = {field.name: False for field in fields if field.kind == "flag" and field.name not in data}
    assert read == wanted.model_copy(update=unticked)


def test_fields_of_a_model_inside_are_dotted_and_left_out_when_empty() -> None:
    fields = fields_of(AcceptData)
    assert [field.name for field in fields] == ["place.lon", "place.lat", "place.grid", "place.component_id"]
    assert not any(field.required for field in fields)
    assert read_form(fields, {"place.lon": "", "place.grid": " "}, ZONE) == {}
    assert read_form(fields, {"place.lon": "3.0", "place.lat": "1"}, ZONE) == {
        "place": {"lon": "3.0", "lat": "1"}
    }


def test_a_local_time_is_the_calendars() -> None:
    field = Field("until", "moment", required=True)
    assert read_form([field], {"until": "2026-12-01T09:30"}, ZONE) == {"until": "2026-12-01T09:30:00+08:00"}
    assert read_form([field], {"until": "soon"}, ZONE) == {"until": "soon"}, "for the model to refuse"


def test_a_type_that_no_control_is_known_for_is_an_error_and_no_gap() -> None:
    class Strange(BaseModel):
        bytes_: bytes

    with pytest.raises(TypeError):
        fields_of(Strange)


def test_numbers_to_choose_from_stay_numbers() -> None:
    class Rated(BaseModel):
        stars: Literal[1, 2]
        result: Literal["true", "false"]

    assert read_form(fields_of(Rated), {"stars": "2", "result": "true"}, ZONE) == {
        "stars": 2,
        "result": "true",
    }


@pytest.mark.parametrize(
    ("pointer", "field"),
    [("/data/place/lon", "place.lon"), ("/data/place", None), ("/data/co_handlers/0", "co_handlers"), ("/", None),
     ("/data", None), ("/expected_version", None), ("/data/nobody", None)],
)  # fmt: skip
def test_where_a_finding_belongs(pointer: str, field: str | None) -> None:
    fields = (*fields_of(AcceptData), Field("co_handlers", "lines", required=False))
    assert field_at(pointer, fields) == field


def test_a_refusal_stands_beside_its_field_or_above_the_form() -> None:
    rows = [row for command in allowed(S.HANDLING) if (row := transition(S.HANDLING, command))]
    errors = [("/data/evidence", "a check by photo needs evidence"), ("/data", "no such case")]
    finish = _action(rows, Refused("finish", {"result": "好"}, "…", errors))
    assert finish.opened
    assert finish.errors == ("没有这个案件",)
    assert {control.field.name: control.errors for control in finish.controls if control.errors} == {
        "evidence": ("该核查方式需要证据",)
    }
    assert next(control.value for control in finish.controls if control.field.name == "result") == "好"


def _action(rows: list[Transition], refused: Refused) -> Any:
    return next(action for action in actions_of(rows, refused, ZH) if action.command == refused.command)
