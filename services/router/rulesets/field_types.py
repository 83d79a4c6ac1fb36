"""The kinds of field that rulesets are made of, each with what makes a value of it sound."""

from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, PlainSerializer

from delivery.field_types import PLAIN
from services.router.clocks.limits import Limit, parse_limit


class Part(BaseModel):
    """Immutable; a stored ruleset of a newer release may hold more than this one knows."""

    model_config = ConfigDict(frozen=True, extra="ignore")


Text = Annotated[str, Field(min_length=1, max_length=400), PLAIN]


class Words(Part):
    """What people read, in both languages."""

    zh: Text
    en: Text


def _limit(value: Any) -> Any:
    if isinstance(value, str):
        return parse_limit(value)
    if isinstance(value, Limit):
        return value
    raise ValueError("a limit is text, such as `4 work_hour`")


LimitText = Annotated[
    Limit,
    BeforeValidator(_limit, json_schema_input_type=str),
    PlainSerializer(str, return_type=str),
]
Kinds = tuple[str, ...]
