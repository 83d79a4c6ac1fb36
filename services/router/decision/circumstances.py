"""What lies near a report and hangs over it: how a decision takes it, and what it is called."""

from datetime import datetime
from typing import Any

from contracts.facts.reason import Circumstance
from contracts.facts.report import Place
from contracts.words import Table
from services.router.directory.places import PlaceKind
from services.router.rulesets.urgency_rules import WarningLevel
from services.router.workflow.situation import Rules

PLACE, WEATHER = "S2", "S5"
"""The soft points that they are counted by."""


def circumstances_of(place: Place, grid: str, at: datetime, rules: Rules) -> dict[str, Any]:
    """The fields of a question that the directory and the weather warnings answer."""
    near = rules.directory.sensitive_place_near(place.lon, place.lat)
    warning = rules.weather_warning(grid, at)
    about: dict[str, Circumstance] = {}
    if near is not None:
        about[PLACE] = Circumstance(kind=near.kind, name=near.name, name_en=near.name_en)
    if warning is not None:
        about[WEATHER] = Circumstance(kind=warning.kind, level=warning.level)
    points = rules.ruleset.urgency.soft.weather
    return {
        "near_sensitive_place": near is not None,
        "weather_points": points.get(warning.level, 0) if warning else 0,
        "about": about,
    }


def in_words(about: Circumstance | None, language: str) -> str:
    """In brackets, to stand behind the rule: （学校：梅园小学）,  (rainstorm, orange); nothing where it is unknown."""
    if about is None:
        return ""
    words = [_word(each, language) for each in (about.kind, about.level) if each]
    if language == "zh":
        said = "：".join(filter(None, ("".join(words), about.name)))
        return f"（{said}）" if said else ""
    said = ": ".join(filter(None, (", ".join(words), about.name_en or about.name)))
    return f" ({said})" if said else ""


def _word(said: str, language: str) -> str:
    """A forecaster names the kind in either language; what is in no table stands as it was said."""
    zh, en = _WORDS.get(said.strip().lower(), (said, said))
    return zh if language == "zh" else en


_PLACES: Table = {
    PlaceKind.SCHOOL: ("学校", "school"),
    PlaceKind.KINDERGARTEN: ("幼儿园", "kindergarten"),
    PlaceKind.HOSPITAL: ("医院", "hospital"),
    PlaceKind.CARE_HOME: ("养老机构", "care home"),
    PlaceKind.MARKET: ("市场", "market"),
    PlaceKind.METRO_ENTRANCE: ("地铁出入口", "metro entrance"),
}
_LEVELS: Table = {
    WarningLevel.BLUE: ("蓝色", "blue"),
    WarningLevel.YELLOW: ("黄色", "yellow"),
    WarningLevel.ORANGE: ("橙色", "orange"),
    WarningLevel.RED: ("红色", "red"),
}
# the kinds of the China Meteorological Administration
_WEATHER = (
    ("台风", "typhoon"),
    ("暴雨", "rainstorm"),
    ("暴雪", "snowstorm"),
    ("寒潮", "cold wave"),
    ("大风", "gale"),
    ("沙尘暴", "sandstorm"),
    ("高温", "heat wave"),
    ("干旱", "drought"),
    ("雷电", "lightning"),
    ("冰雹", "hail"),
    ("霜冻", "frost"),
    ("大雾", "heavy fog"),
    ("霾", "haze"),
    ("道路结冰", "icy roads"),
)
_WORDS: Table = _PLACES | _LEVELS | {word: both for both in _WEATHER for word in both}
