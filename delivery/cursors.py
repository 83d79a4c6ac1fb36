"""The opaque `next` of lists: where the following page begins."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import Annotated, TypeVar

from fastapi import Query
from pydantic import BaseModel, ValidationError

from delivery.problems import invalid_field

Cursor = str
After = Annotated[Cursor | None, Query(description="`next` of the page before", max_length=500)]
Limit = Annotated[int, Query(ge=1, le=500)]

P = TypeVar("P", bound=BaseModel)


def to_cursor(position: BaseModel) -> Cursor:
    return urlsafe_b64encode(position.model_dump_json().encode()).decode().rstrip("=")


def from_cursor(kind: type[P], cursor: Cursor) -> P:
    """The position in a cursor; a problem that names `after` when it is none of ours."""
    try:
        return kind.model_validate_json(urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except (ValueError, ValidationError):
        raise invalid_field("/after", "not a cursor that this list gave") from None
