"""What a report may say: the body of POST /v1/reports, every field checked."""

import re
import unicodedata
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, Literal, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationInfo,
    model_validator,
)
from pydantic_core import PydanticCustomError

from contracts.vocabulary import Channel, Vulnerability
from delivery.field_types import CategoryCode, Code, Degrees, OrNull, Written, YesOrNo, says_something, shaped
from delivery.number_readings import UNSEEN
from services.intake.somebodys_number import is_somebodys

_EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)
_CLOCK_SKEW = timedelta(minutes=5)
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]")
SOMEBODYS = (
    "looks like somebody's telephone or identity number, which stays out of codes: give it as reporter.phone"
)
_TURNING = re.compile("[\u202a-\u202e\u2066-\u2069]")


def readable(text: str) -> str:
    """`text` without the marks that turn the direction of writing, which can make it read as something else and come
    along with numbers copied from a telephone; all other characters are kept, and control characters refused."""
    if (found := _CONTROL.search(text)) is not None:
        detail = "must hold no control characters (position {position}, U+{code})"
        raise PydanticCustomError(
            "control_character", detail, {"position": found.start(), "code": f"{ord(found[0]):04X}"}
        )
    return _TURNING.sub("", text)


def _in_time(at: datetime, info: ValidationInfo) -> datetime:
    """`now` comes with the validation; without it only the past is checked."""
    now = (info.context or {}).get("now")
    if at < _EARLIEST:
        raise PydanticCustomError("too_early", "must not be before the year 2000")
    if now is not None and at > now + _CLOCK_SKEW:
        raise PydanticCustomError("in_future", "must not be more than five minutes in the future")
    return at


def _if_seen(text: str) -> str | None:
    """What nobody sees says nothing."""
    return text if UNSEEN.sub("", text).strip() else None


def _of_nobody(code: str) -> str:
    if is_somebodys(code):
        raise PydanticCustomError("somebodys_number", SOMEBODYS)
    return code


def _as_dialled(given: Any) -> Any:
    """As a Chinese keyboard writes it (１３８, ＋86), or copied from a telephone with marks that nobody sees."""
    return UNSEEN.sub("", unicodedata.normalize("NFKC", given)) if isinstance(given, str) else given


Text = Annotated[
    str, Field(min_length=1, max_length=4000), AfterValidator(readable), AfterValidator(says_something)
]
Short = Annotated[str, Field(min_length=1, max_length=100), AfterValidator(readable)]
Line = Annotated[str, Field(min_length=1, max_length=300), AfterValidator(readable)]
Phone = Annotated[
    str,
    BeforeValidator(_as_dialled),
    shaped(r"^[0-9+()# .-]{3,30}$", "a telephone number: 3 to 30 digits, spaces and + ( ) # . -"),
]
Email = Annotated[
    str,
    Field(max_length=254),
    shaped(r"^[^@\s\x00-\x1f]{1,64}@[^@\s\x00-\x1f]+\.[^@\s\x00-\x1f]+$", "an e-mail address"),
]
MediaType = Annotated[str, shaped(r"^[a-z]+/[A-Za-z0-9.+-]{1,80}$", "a media type, such as image/jpeg")]
Count = Annotated[int, Field(ge=0, le=100_000, strict=True)]


class _Given(BaseModel):
    """A misspelt field is an error and not a silence."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class GivenPlace(_Given):
    """Several may stand together; degrees are WGS 84."""

    lon: Degrees | None = Field(None, ge=-180, le=180)
    lat: Degrees | None = Field(None, ge=-90, le=90)
    address: Annotated[Line, AfterValidator(_if_seen)] | None = None
    grid: Code | None = None
    component_id: Code | None = None

    @model_validator(mode="after")
    def _somewhere(self) -> Self:
        if (self.lon is None) != (self.lat is None):
            raise PydanticCustomError("half_a_point", "lon and lat stand together")
        if self.lon == 0 and self.lat == 0:
            raise PydanticCustomError(
                "null_island", "lon and lat are both zero: a place that no device meant"
            )
        if self.lon is None and not (self.address or self.grid or self.component_id):
            raise PydanticCustomError("nowhere", "needs lon and lat, an address, a grid or a component_id")
        return self


class GivenReporter(_Given):
    name: Short | None = None
    phone: Phone | None = None
    email: Email | None = None
    confidential: OrNull[YesOrNo] = False


class GivenFacts(_Given):
    injured: OrNull[Count] = 0
    trapped: OrNull[Count] = 0
    crowd: OrNull[Count] = 0
    vulnerable: OrNull[Vulnerability] = Vulnerability.NONE


class GivenOnSpot(_Given):
    """A grid worker reports a matter that he has settled: it is registered in the same request."""

    result: Annotated[Text, Field(max_length=2000)]
    evidence_method: Literal["photo", "visit", "document", "call", "other"]
    evidence: OrNull[Annotated[int, Field(ge=0, le=100, strict=True)]] = 0


class GivenAttachment(_Given):
    """A reference into the store of attachments; the file itself is not sent here."""

    ref: Annotated[str, Field(min_length=1, max_length=500), AfterValidator(readable)]
    name: Line | None = None
    media_type: MediaType | None = None


class GivenReport(_Given):
    """The body of POST /v1/reports."""

    channel: Channel
    kind: Annotated[Code, AfterValidator(_of_nobody)] | None = None
    text: Text
    category: CategoryCode | None = None
    place: GivenPlace
    reporter: OrNull[GivenReporter] = GivenReporter()
    facts: OrNull[GivenFacts] = GivenFacts()
    occurred_at: Annotated[Written, AfterValidator(_in_time)] | None = None
    attachments: OrNull[Annotated[list[GivenAttachment], Field(max_length=20)]] = []
    on_spot: GivenOnSpot | None = None
