"""Kinds of field that requests are made of, each within what the database and the clock can hold."""

from datetime import UTC, datetime
from typing import Annotated

from pydantic import AfterValidator, AwareDatetime, Field

PLAIN = r"^[^\x00]*$"
Plain = Annotated[str, Field(pattern=PLAIN)]
Integer = Annotated[int, Field(ge=-(2**31), lt=2**31)]
BigInteger = Annotated[int, Field(ge=-(2**63), lt=2**63)]


def _in_utc(at: datetime) -> datetime:
    """As it came, with its zone; a few hours beside the first and the last year there is no such moment in UTC."""
    try:
        at.astimezone(UTC)
    except OverflowError:
        raise ValueError("must lie in the years 1 to 9999 of UTC") from None
    return at


Instant = Annotated[AwareDatetime, AfterValidator(_in_utc)]
