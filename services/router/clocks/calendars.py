"""The calendars that limits can be counted in: built in, read from a document, or a unit's own hours on one of them."""

from dataclasses import replace
from datetime import date
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from typing import Annotated, Literal
from zoneinfo import ZoneInfo, available_timezones

from holidays import country_holidays
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from delivery.field_types import shaped
from services.router.clocks.limits import Calendar
from services.router.clocks.opening_hours import OpeningHours, as_minutes, as_text
from services.router.directory.directory import Unit

Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
CalendarName = Annotated[
    str, shaped(r"^[a-z][a-z0-9_-]{0,39}$", "a name: up to 40 small letters, digits and _ -, a letter first")
]
# as answers and events name it: cn/Asia/Shanghai, harbour@0123456789/Asia/Shanghai
CalendarVersion = Annotated[
    str,
    shaped(
        r"^[a-z][a-z0-9_-]{0,39}(@[0-9a-f]{10})?(/[A-Za-z0-9_+/-]{1,60})?$",
        "a calendar as events name it, such as cn/Asia/Shanghai",
    ),
]
_CHINA = country_holidays("CN")
_WEEK: tuple[Weekday, ...] = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def _works_in_china(day: date) -> bool:
    """Holidays and make-up days as announced; of a year that is not announced yet, the holidays of the law."""
    return _CHINA.is_working_day(day)


def _is_weekday(day: date) -> bool:
    return day.weekday() < 5


BUILT_IN = {"cn": _works_in_china, "weekdays": _is_weekday}


def _known_zone(zone: str) -> str:
    if zone not in available_timezones():
        raise ValueError("not a time zone of the IANA database, such as Asia/Shanghai")
    return zone


def _own_name(name: str) -> str:
    if name in BUILT_IN:
        raise ValueError(f"the name of a built-in calendar: {', '.join(BUILT_IN)}")
    return name


class CalendarDocument(BaseModel):
    """A calendar as a file or as the body of POST /v1/calendars; `holidays` and `extra_working_days` beat the week."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: Annotated[CalendarName, AfterValidator(_own_name)]
    zone: Annotated[str, AfterValidator(_known_zone)]
    working_days: Annotated[tuple[Weekday, ...], Field(min_length=1)] = _WEEK[:5]
    windows: Annotated[OpeningHours, Field(min_length=1)] = (("08:00", "12:00"), ("14:00", "18:00"))
    holidays: frozenset[date] = frozenset()
    extra_working_days: frozenset[date] = frozenset()

    @model_validator(mode="after")
    def _one_or_the_other(self) -> "CalendarDocument":
        if both := self.holidays & self.extra_working_days:
            raise ValueError(f"both a holiday and a working day: {', '.join(map(str, sorted(both)))}")
        return self

    def works_on(self, day: date) -> bool:
        if day in self.extra_working_days:
            return True
        return _WEEK[day.weekday()] in self.working_days and day not in self.holidays

    @property
    def text(self) -> str:
        """The same for the same content, in whatever order it was written."""
        ordered = {name: sorted(getattr(self, name)) for name in ("holidays", "extra_working_days")}
        week = tuple(day for day in _WEEK if day in self.working_days)
        return self.model_copy(update=ordered | {"working_days": week}).model_dump_json(warnings=False)

    @property
    def version(self) -> str:
        """Name and content: another content is another version, wherever it was read from."""
        return f"{self.name}@{sha256(self.text.encode()).hexdigest()[:10]}/{self.zone}"


@lru_cache
def calendar_named(name: str, zone: str) -> Calendar:
    """`cn`: Chinese public holidays, and make-up days where they are announced; `weekdays`: Monday to Friday."""
    if name not in BUILT_IN:
        raise ValueError(f"no calendar {name!r}; there are {', '.join(BUILT_IN)}")
    _known_zone(zone)
    return _ready(Calendar(version=f"{name}/{zone}", zone=ZoneInfo(zone), works_on=BUILT_IN[name]))


@lru_cache(maxsize=64)
def calendar_from(document: CalendarDocument) -> Calendar:
    return _ready(
        Calendar(document.version, ZoneInfo(document.zone), document.works_on, as_minutes(document.windows))
    )


def read_calendar(path: Path) -> Calendar:
    """Raises pydantic's ValidationError, which names what is wrong with the file."""
    return calendar_from(CalendarDocument.model_validate_json(path.read_bytes()))


def calendar_of(unit: Unit | None, calendar: Calendar) -> Calendar:
    """The calendar for clocks that run on `unit`: the same days, and its own hours where it has some."""
    return _staggered(calendar, unit.hours) if unit is not None and unit.hours else calendar


@lru_cache(maxsize=256)
def _staggered(calendar: Calendar, hours: OpeningHours) -> Calendar:
    version = f"{calendar.version} {as_text(hours)}"
    return _ready(replace(calendar, version=version, windows=as_minutes(hours)))


def _ready(calendar: Calendar) -> Calendar:
    _ = calendar.hours  # computed once, at start and not in the first report
    return calendar
