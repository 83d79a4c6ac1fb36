"""The form of a command, made from its pydantic model, and what a filled form means as the command's body."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from types import UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin
from uuid import UUID
from zoneinfo import ZoneInfo

from annotated_types import Ge, Le, MaxLen
from pydantic import BaseModel
from pydantic.fields import FieldInfo

from delivery.pages.times import in_zone

Kind = Literal["text", "line", "whole", "number", "flag", "choice", "moment", "lines"]
_LONGEST_LINE = 100  # what may be longer gets a box of several lines
_NOT_ASKED = {"place.has_address"}  # intake knows it
YES, NO = "true", "false"


@dataclass(frozen=True)
class Field:
    """One control; `name` is dotted for a field of a model inside, `default` is as a form has it."""

    name: str
    kind: Kind
    required: bool
    default: str = ""
    choices: tuple[str | int, ...] = ()
    least: float | None = None
    most: float | None = None
    longest: int | None = None


def fields_of(model: type[BaseModel], prefix: str = "", *, optional: bool = False) -> tuple[Field, ...]:
    """In the model's order; raises TypeError for a type that no control is known for."""
    found = _all_fields(model, prefix, optional)
    return tuple(field for field in found if field.name not in _NOT_ASKED)


def _all_fields(model: type[BaseModel], prefix: str, inside_optional: bool) -> Iterator[Field]:
    for name, info in model.model_fields.items():
        kind, limits, optional = _plain(info)
        optional = optional or inside_optional
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            yield from fields_of(kind, f"{prefix}{name}.", optional=optional)
        else:
            yield _field(f"{prefix}{name}", kind, info, limits, optional)


def _plain(info: FieldInfo) -> tuple[Any, list[Any], bool]:
    """The type without `| None` and Annotated, what limits it, and whether it may be left out."""
    kind, limits, optional = info.annotation, list(info.metadata), not info.is_required()
    if get_origin(kind) in (Union, UnionType):
        kind = next(part for part in get_args(kind) if part is not type(None))
    if get_origin(kind) is Annotated:
        kind, *more = get_args(kind)
        limits += [limit for each in more for limit in getattr(each, "metadata", [each])]
    return kind, limits, optional


def _field(name: str, kind: Any, info: FieldInfo, limits: list[Any], optional: bool) -> Field:
    longest = _limit(limits, MaxLen, "max_length")
    control, choices = _control(kind, longest, info)
    return Field(
        name,
        control,
        required=not optional,
        default=_as_text(info.get_default(), control),
        choices=choices,
        least=_limit(limits, Ge, "ge"),
        most=_limit(limits, Le, "le"),
        longest=int(longest) if longest and control in ("text", "line") else None,
    )


def _control(kind: Any, longest: float | None, info: FieldInfo) -> tuple[Kind, tuple[str | int, ...]]:
    if get_origin(kind) is tuple:
        return "lines", ()
    if get_origin(kind) is Literal:
        return "choice", get_args(kind)
    if isinstance(kind, type) and issubclass(kind, Enum):
        return "choice", tuple(str(each.value) for each in kind)
    if kind is bool:  # what has no answer of its own is asked; a box left empty would answer for the person
        return ("flag", ()) if isinstance(info.default, bool) else ("choice", (YES, NO))
    if kind is str:
        return ("text" if longest and longest > _LONGEST_LINE else "line"), ()
    simple: dict[Any, Kind] = {int: "whole", float: "number", UUID: "line"}
    if kind in simple:
        return simple[kind], ()
    if kind is datetime or getattr(kind, "__name__", "") == "AwareDatetime":
        return "moment", ()
    raise TypeError(f"no control for {kind!r}")


def _limit(limits: Iterable[Any], kind: type, name: str) -> float | None:
    return next((getattr(limit, name) for limit in limits if isinstance(limit, kind)), None)


def _as_text(default: Any, control: Kind) -> str:
    if control == "flag":
        return YES if default else ""
    if isinstance(default, bool | int | float | str):  # an Enum of ours is a str
        return str(getattr(default, "value", default))
    return ""


def read_form(fields: Iterable[Field], given: Mapping[str, str], zone: ZoneInfo) -> dict[str, Any]:
    """The command's `data`: what is left empty is left out, so that the model says what lacks."""
    data: dict[str, Any] = {}
    for field in fields:
        if (value := _read(field, given.get(field.name, "").strip(), zone)) is not None:
            *outer, last = field.name.split(".")
            inside = data
            for name in outer:
                inside = inside.setdefault(name, {})
            inside[last] = value
    return data


def _read(field: Field, text: str, zone: ZoneInfo) -> Any:
    if field.kind == "flag":
        return text == YES
    if not text:
        return None
    if field.kind == "lines":
        return [line.strip() for line in text.splitlines() if line.strip()]
    if field.kind == "moment":
        return in_zone(text, zone)
    if field.kind == "choice":
        return next((choice for choice in field.choices if str(choice) == text), text)
    return text


def field_at(pointer: str, fields: Iterable[Field]) -> str | None:
    """The name of the control that a finding points at; None when it is about the command as a whole."""
    steps = pointer.removeprefix("/data/").split("/") if pointer.startswith("/data/") else []
    named = {".".join(steps[:length]) for length in (1, 2) if len(steps) >= length}
    return next((field.name for field in fields if field.name in named), None)
