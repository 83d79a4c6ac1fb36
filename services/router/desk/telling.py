"""What has happened to a case and why, told from its events: the history and the reasons of its decision."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from contracts.words import ROLES
from delivery.pages.times import on_the_wall
from services.router.decision.explanation import Explained
from services.router.desk.names import unit_name
from services.router.desk.words import Voice
from services.router.workflow.situation import Rules


@dataclass(frozen=True)
class Entry:
    """One event of the history; `said` are pairs of label and text."""

    title: str
    at: str
    who: str
    said: tuple[tuple[str, str], ...]


# in the history: the codes of units, and what is told elsewhere on the page or to nobody
_UNITS = {
    "lead",
    "co_handlers",
    "copies",
    "tracker",
    "units",
    "unit",
    "former_lead",
    "superior",
    "supervisor",
    "late",
    "publicised_by",
}
_NOT_TOLD = {
    "text",
    "place",
    "report_id",
    "reported_at",
    "reasons",
    "floors",
    "round",
    "public",
    "name",
    "name_en",
}


def history_of(events: Iterable[dict[str, Any]], rules: Rules, voice: Voice) -> list[Entry]:
    """The newest first."""
    return [_entry(event, rules, voice) for event in reversed(list(events))]


def _entry(event: dict[str, Any], rules: Rules, voice: Voice) -> Entry:
    actor, kind = event["actor"], event["type"]
    role = voice.of("role", actor["role"])
    unit = f" · {unit_name(actor['unit'], rules, voice)}" if actor.get("unit") else ""
    return Entry(
        title=voice.of("event", kind),
        at=on_the_wall(datetime.fromisoformat(event["occurred_at"]), rules.calendar.zone),
        who=f"{role}{unit}",
        said=tuple(_said(event.get("data", {}), kind, rules, voice)),
    )


def _said(data: dict[str, Any], kind: str, rules: Rules, voice: Voice) -> Iterator[tuple[str, str]]:
    for name, value in data.items():
        if name in _NOT_TOLD or value in (None, "", [], 0, False):
            continue
        values = value if isinstance(value, list) else [value]
        words = [_in_words(name, kind, each, rules, voice) for each in values]
        if name == "line" and (own := data.get("name")):
            words = [voice.name(own, data.get("name_en"))]
        yield voice.of("told", name), "、".join(words) if voice.lang == "zh" else ", ".join(words)


def _in_words(name: str, kind: str, value: Any, rules: Rules, voice: Voice) -> str:
    if name in _UNITS:
        return unit_name(str(value), rules, voice)
    if name in ("before", "after"):
        return voice.of("privacy" if kind == "case.privacy_changed" else "urgency", str(value))
    if isinstance(value, bool):
        return voice("yes") if value else voice("no")
    if name == "first_responsible":
        return voice.of("role", value) if value in ROLES else unit_name(str(value), rules, voice)
    if name == "share":
        return f"{value:.0%}"
    if name == "until":
        return on_the_wall(datetime.fromisoformat(str(value)), rules.calendar.zone)
    return voice.choice(name, str(value))


def sentences(explained: Iterable[Explained], voice: Voice) -> list[str]:
    """Each rule that spoke, as a sentence."""
    return [voice.one((each.text_zh, each.text_en)) for each in explained]
