"""Kinds of field that requests are made of, each within what the database and the clock can hold."""

from datetime import UTC, datetime
from typing import Annotated, Any

from pydantic import AfterValidator, AwareDatetime, BeforeValidator, Field
from pydantic_core import PydanticCustomError

from delivery.number_readings import UNSEEN

PLAIN = r"^[^\x00]*$"
Plain = Annotated[str, Field(pattern=PLAIN)]
Code = Annotated[str, Field(pattern=r"^[A-Za-z0-9_.:-]{1,40}$")]
Integer = Annotated[int, Field(ge=-(2**31), lt=2**31)]
BigInteger = Annotated[int, Field(ge=-(2**63), lt=2**63)]


def says_something(text: str) -> str:
    """Without what surrounds it; what nobody sees says nothing."""
    if not UNSEEN.sub("", text).strip():
        raise PydanticCustomError("blank", "must say something")
    return text.strip()


def _in_utc(at: datetime) -> datetime:
    """As it came, with its zone; a few hours beside the first and the last year there is no such moment in UTC."""
    try:
        at.astimezone(UTC)
    except OverflowError:
        raise ValueError("must lie in the years 1 to 9999 of UTC") from None
    return at


Instant = Annotated[AwareDatetime, AfterValidator(_in_utc)]


def _in_writing(given: Any) -> Any:
    if isinstance(given, bool | int | float) or (isinstance(given, str) and "-" not in given.lstrip()[1:]):
        raise PydanticCustomError("not_in_writing", "must be a time as ISO 8601 writes it, with its zone")
    return given


# a bare number may count seconds or thousandths of them, and is more often a mistake than a time
Written = Annotated[AwareDatetime, BeforeValidator(_in_writing)]
Degrees = Annotated[float, Field(strict=True, allow_inf_nan=False)]
YesOrNo = Annotated[bool, Field(strict=True)]
