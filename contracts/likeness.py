"""How alike two reports are: the merge score that intake shows and the router acts on, so that both say one number."""

import math
import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache

from contracts.width import in_plain_width

SUGGESTED = 0.65
"""From here on a person is asked whether two reports are one matter."""

_LEAST_WINDOW = timedelta(days=7)
_COMPARED_CHARACTERS = 500
METRES_A_DEGREE = 111_195.0  # of a great circle on a sphere of 6,371 km


@dataclass(frozen=True)
class Kind:
    """How far a matter reaches, in metres; whether it may be one with another's, without a person, and come back."""

    radius: float
    shared: bool = True
    automatic: bool = True
    recurs: bool = True
    widespread: bool = False
    """An outage: everybody in the district may mean the same one."""


_COMPONENT = Kind(30)
_EVENT = Kind(100)
_AIRBORNE = Kind(1000)  # smells and noise are reported from where they reach
_OUTAGE = Kind(1000, widespread=True)
_DISPUTE = Kind(100, automatic=False)
_PERSONAL = Kind(100, automatic=False, recurs=False)  # of the same house, and still each one's own
_APPLICATION = Kind(0, shared=False, automatic=False, recurs=False)

# by the beginning of the category's code; the longest that fits decides
KINDS: dict[str, Kind] = {
    "": _EVENT,
    "C": _COMPONENT,
    "P01-03": _OUTAGE,
    "P02-05": _DISPUTE,
    "P02-06": _DISPUTE,
    "E01-13": _AIRBORNE,
    "E01-14": _AIRBORNE,
    "E01-15": _AIRBORNE,
    "E03-01": _AIRBORNE,
    "E03-04": _AIRBORNE,
    "E05-12": _OUTAGE,
    "G01": _DISPUTE,
    "G02": _PERSONAL,
    "V": _PERSONAL,
    "V03": _APPLICATION,
    "X": _PERSONAL,
}


@dataclass(frozen=True)
class Matter:
    """What a report is about; degrees are WGS 84, `at` is when it was last reported, `limit` its handle limit."""

    category: str
    text: str
    at: datetime
    lon: float | None = None
    lat: float | None = None
    component_id: str | None = None
    limit: timedelta = timedelta()


@dataclass(frozen=True)
class Likeness:
    """The score and its four parts, each 0..1; `metres` None when one of the places is not known as a point."""

    score: float
    category: float
    distance: float
    similarity: float
    recency: float
    metres: float | None
    same_component: bool


@lru_cache(1024)
def kind_of(category: str) -> Kind:
    return KINDS[max((prefix for prefix in KINDS if category.startswith(prefix)), key=len)]


def class_of(category: str) -> str:
    """`C01` of `C01-05`."""
    return category.split("-")[0]


def likeness(one: Matter, other: Matter) -> Likeness:
    """How alike two matters are, whichever is named first."""
    metres = metres_between(one, other)
    parts = (
        _same_category(one.category, other.category),
        _nearness(metres, radius_of(one, other)),
        similarity(one.text, other.text),
        _recency(abs(one.at - other.at), max(window_of(one), window_of(other))),
    )
    same_component = one.component_id is not None and one.component_id == other.component_id
    certain = same_component and class_of(one.category) == class_of(other.category)
    shared = kind_of(one.category).shared and kind_of(other.category).shared
    score = (1.0 if certain else weighted(*parts)) if shared else 0.0
    return Likeness(score, *parts, metres=metres, same_component=same_component)


def weighted(category: float, distance: float, similarity: float, recency: float) -> float:
    """The score of the four parts (domain: merge score)."""
    return 0.35 * category + 0.35 * distance + 0.20 * similarity + 0.10 * recency


def radius_of(one: Matter, other: Matter) -> float:
    return max(kind_of(one.category).radius, kind_of(other.category).radius)


def window_of(matter: Matter) -> timedelta:
    """How long a matter stays fresh: seven days or twice its limit, the longer."""
    return max(_LEAST_WINDOW, 2 * matter.limit)


def metres_between(one: Matter, other: Matter) -> float | None:
    if one.lon is None or one.lat is None or other.lon is None or other.lat is None:
        return None
    east = _turned(other.lon - one.lon) * math.cos(math.radians((one.lat + other.lat) / 2))
    return METRES_A_DEGREE * math.hypot(east, other.lat - one.lat)


def degrees_around(metres: float, lat: float) -> tuple[float, float]:
    """Half the width and half the height, in degrees, of a box that holds everything within `metres`."""
    height = metres / METRES_A_DEGREE
    return min(180.0, height / max(math.cos(math.radians(min(90.0, abs(lat) + height))), 1e-6)), height


def similarity(one: str, other: str) -> float:
    """Jaccard of the character trigrams that are left without place names and numbers."""
    first, second = _trigrams(one), _trigrams(other)
    either = len(first | second)
    return len(first & second) / either if either else 0.0


def _turned(degrees: float) -> float:
    """The shorter way round the earth."""
    return (degrees + 180) % 360 - 180


def _same_category(one: str, other: str) -> float:
    if one == other:
        return 1.0
    return 0.5 if class_of(one) == class_of(other) else 0.0


def _nearness(metres: float | None, radius: float) -> float:
    return max(0.0, 1 - metres / radius) if metres is not None and radius > 0 else 0.0


def _recency(age: timedelta, window: timedelta) -> float:
    return max(0.0, 1 - age / window)


# marks of redaction; places by the word they end in, unless the word goes on (路灯, 街面); Western streets; numbers
_NOT_COMPARED = re.compile(
    r"［[^］]{1,4}］"
    r"|[\u4e00-\u9fff]{2,3}(?:大道|大街|路(?![灯面障况段口])|街(?![道面])|巷|弄(?!脏|坏|得)|小区|花园|家园|新村|社区|大厦|公寓|广场(?!舞))"
    r"|\b[a-z0-9-]{2,20} (?:street|st|avenue|ave|road|rd|boulevard|blvd|drive|lane|place)\b"
    r"|[0-9]+(?:号楼|单元|号|栋|幢|室|楼|层)?"
    r"|[\s\W_]"
)


@lru_cache(4096)
def _trigrams(text: str) -> frozenset[str]:
    plain = _NOT_COMPARED.sub("", in_plain_width(text[:_COMPARED_CHARACTERS]).lower())
    if len(plain) < 3:
        return frozenset((plain,)) if plain else frozenset()
    return frozenset(plain[start : start + 3] for start in range(len(plain) - 2))
