"""What the pages show of cases, and clocks: pure view models, words already in one language."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from shapely.geometry import mapping

from delivery.pages.times import on_the_wall
from services.router.cases.visibility import Reach
from services.router.clocks.ticking import Ticking
from services.router.decision.explanation import Explained
from services.router.desk.map import Drawing, draw
from services.router.desk.names import category_name, category_named, unit_name, unit_names
from services.router.desk.telling import history_of, sentences
from services.router.desk.times import from_now, limit_in_words
from services.router.desk.words import Voice
from services.router.rulesets.ruleset import UNCLASSIFIED
from services.router.workflow.case import Case
from services.router.workflow.situation import Rules

Colour = Literal["green", "yellow", "red", "paused"]
_YELLOW_FROM = 0.8


@dataclass(frozen=True)
class Due:
    """When something is due, from now and on the wall; `colour` says how near it is."""

    colour: Colour
    relative: str
    absolute: str
    percent: int


@dataclass(frozen=True)
class ClockBar:
    name: str
    limit: str
    due: Due


@dataclass(frozen=True)
class Row:
    """A case in the queue; `said` are the words of its report, or why they are not there; `first` is the clock that is
    due first, which may be long before the matter itself is."""

    case: Case
    said: str
    category: str
    lead: str
    first: ClockBar | None
    reported: str


def colour_of(share: float) -> Colour:
    """Green up to four fifths of a limit, yellow up to all of it, red beyond."""
    if share > 1:
        return "red"
    return "yellow" if share > _YELLOW_FROM else "green"


def share_used(ticking: Ticking, now: datetime, rules: Rules) -> float:
    """Of the limit, in time of its own kind; above one when it is late."""
    if ticking.due is not None and ticking.due < now:
        return 1.01
    whole = max(ticking.limit.minutes, ticking.left.minutes)
    left = ticking.left_at(now, rules.calendar).minutes
    return min(max(1 - left / whole, 0.0), 1.0) if whole else 1.0


def due_of(ticking: Ticking, now: datetime, rules: Rules, voice: Voice) -> Due:
    share = share_used(ticking, now, rules)
    percent = min(round(share * 100), 100)
    if ticking.due is None:
        left = limit_in_words(ticking.left, voice.lang)
        return Due("paused", f"{voice('paused')} · {voice('left')} {left}", "", percent)
    wall = on_the_wall(ticking.due, rules.calendar.zone)
    return Due(colour_of(share), from_now(ticking.due, now, voice.lang), wall, percent)


def clock_bars(case: Case, now: datetime, rules: Rules, voice: Voice) -> list[ClockBar]:
    """What is due first comes first, what stands still last."""
    running = sorted(case.clocks.items(), key=lambda item: (item[1].due is None, item[1].due or now))
    return [
        ClockBar(
            voice.of("clock", clock),
            limit_in_words(ticking.limit, voice.lang),
            due_of(ticking, now, rules, voice),
        )
        for clock, ticking in running
    ]


def rows_of(cases: Iterable[Case], now: datetime, read: Reach, rules: Rules, voice: Voice) -> list[Row]:
    return [
        Row(
            case,
            (case.text or voice("no_text")) if read.sees(case, rules.directory) else voice("in_outline"),
            category_name(case, rules, voice),
            unit_name(case.lead, rules, voice),
            next(iter(clock_bars(case, now, rules, voice)), None),
            on_the_wall(case.reported_at, rules.calendar.zone),
        )
        for case in cases
    ]


def units_of(case: Case, rules: Rules, voice: Voice) -> list[tuple[str, list[str]]]:
    """Label and names of all who have to do with it; who is not there is left out, but for the lead."""
    parts: list[tuple[str, Sequence[str]]] = [
        ("lead", (case.lead,) if case.lead else ()),
        ("co_handlers", case.co_handlers),
        ("awaited", (*case.awaited, *case.to_report)),
        ("copies", case.copies),
        ("tracker", (case.tracker,) if case.tracker else ()),
        ("superior", (case.superior,) if case.superior else ()),
    ]
    named = [(voice(key), unit_names(codes, rules, voice)) for key, codes in parts if codes or key == "lead"]
    return [*named, (voice("handler"), [case.handler])] if case.handler else named


def proposed(case: Case, rules: Rules, voice: Voice) -> list[str]:
    """What a case that nobody has classified may be about, as the classifier sees it: the likeliest, and the next."""
    if case.category != UNCLASSIFIED:
        return []
    first, _, second = rules.classify(case.text)
    return [category_named(code, rules, voice) for code in (first, second) if code is not None]


def suggestions(case: Case, rules: Rules, voice: Voice) -> dict[str, list[tuple[str, str]]]:
    """Codes with names for the fields that ask for one: units about the place, and all categories."""
    chain = set(rules.directory.chain(case.grid or "").values())
    near = [unit for unit in rules.directory.units.values() if unit.area in chain]
    categories = rules.ruleset.categories.values()
    return {
        "units": [(unit.code, voice.name(unit.name, unit.name_en)) for unit in near],
        "categories": [(row.code, voice.one((row.zh, row.en))) for row in categories],
    }


def case_view(
    case: Case,
    events: list[dict[str, Any]],
    explained: list[Explained],
    rules: Rules,
    now: datetime,
    voice: Voice,
) -> dict[str, Any]:
    """All that the page of a case shows, by the names that its template uses."""
    zone = rules.calendar.zone
    closing = rules.ruleset.closing_condition_of(rules.ruleset.category(case.category))
    return {
        "case": case,
        "category": category_name(case, rules, voice),
        "closes_when": voice.one((closing.zh, closing.en)),
        "proposed": proposed(case, rules, voice),
        "units": units_of(case, rules, voice),
        "clocks": clock_bars(case, now, rules, voice),
        "reported": on_the_wall(case.reported_at, zone),
        "drawing": drawing_of(case, rules, voice),
        "reasons": sentences(explained, voice),
        "history": history_of(events, rules, voice),
        "suggestions": suggestions(case, rules, voice),
        "zone": str(zone),
    }


def drawing_of(case: Case, rules: Rules, voice: Voice) -> Drawing | None:
    """The grids of the case's community, around its own."""
    areas = rules.directory.areas
    own = areas.get(case.grid or "")
    around = [area for area in areas.values() if own and (area.tier, area.parent) == (own.tier, own.parent)]
    features = [
        {
            "properties": {"code": area.code, "name": voice.name(area.name, area.name_en)},
            "geometry": mapping(area.boundary),
        }
        for area in around
    ]
    lon, lat = case.place.lon, case.place.lat
    mark = (lon, lat) if lon is not None and lat is not None else None
    return draw({"features": features}, case.grid, mark)
