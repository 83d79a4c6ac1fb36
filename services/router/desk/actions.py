"""The commands that a person may give, as forms with labels; what was refused stands beside the field, input kept."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from services.router.desk.forms import Field, field_at, fields_of
from services.router.desk.refusals import in_chinese
from services.router.desk.words import Voice
from services.router.workflow.table import Transition


@dataclass(frozen=True)
class Refused:
    """What was sent and why it was not done; `errors` are pairs of JSON pointer and detail."""

    command: str
    given: Mapping[str, str]
    detail: str
    errors: Sequence[tuple[str, str]] = ()


@dataclass(frozen=True)
class Control:
    field: Field
    label: str
    value: str
    choices: tuple[tuple[str, str], ...]
    errors: tuple[str, ...]
    suggestions: str | None
    """The list of codes that it may be filled from."""


@dataclass(frozen=True)
class Action:
    command: str
    label: str
    controls: tuple[Control, ...]
    errors: tuple[str, ...]
    opened: bool


# what is usually done next stands first; the rest follows in the order of the table of transitions
_USUAL = (
    *("confirm", "submit_verify", "accept", "sign", "progress", "finish", "redispatch", "designate"),
    *("resume", "check_pass", "check_fail", "record_feedback", "record_visit", "close"),
    *("define", "review_pass", "approve"),
)
_SUGGESTED = {"lead": "units", "category": "categories"}


def actions_of(rows: Iterable[Transition], refused: Refused | None, voice: Voice) -> list[Action]:
    ordered = sorted(
        rows, key=lambda row: _USUAL.index(row.command) if row.command in _USUAL else len(_USUAL)
    )
    return [
        _action(row, refused if refused and refused.command == row.command else None, voice)
        for row in ordered
    ]


def _action(row: Transition, refused: Refused | None, voice: Voice) -> Action:
    fields = fields_of(row.data)
    beside, whole = _placed(fields, refused, voice)
    controls = tuple(
        _control(field, refused.given.get(field.name, "") if refused else field.default, beside, voice)
        for field in fields
    )
    return Action(row.command, voice.of("command", row.command), controls, whole, opened=refused is not None)


def _control(field: Field, value: str, beside: Mapping[str, tuple[str, ...]], voice: Voice) -> Control:
    return Control(
        field,
        voice.of("field", field.name),
        value,
        tuple((str(choice), voice.choice(field.name, str(choice))) for choice in field.choices),
        beside.get(field.name, ()),
        _SUGGESTED.get(field.name),
    )


def _placed(
    fields: Sequence[Field], refused: Refused | None, voice: Voice
) -> tuple[dict[str, tuple[str, ...]], tuple[str, ...]]:
    """The findings by the field that they point at, and those about the command as a whole."""
    beside: dict[str, tuple[str, ...]] = {}
    whole: tuple[str, ...] = ()
    if refused is None:
        return beside, whole
    for pointer, detail in refused.errors or [("/", refused.detail)]:
        said = in_voice(detail, voice)
        if (name := field_at(pointer, fields)) is not None:
            beside[name] = (*beside.get(name, ()), said)
        else:
            whole = (*whole, said)
    return beside, whole


def in_voice(detail: str, voice: Voice) -> str:
    return in_chinese(detail) if voice.lang == "zh" else detail
