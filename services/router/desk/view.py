"""What the pages show of cases, clocks, decisions and history: pure view models, words already in one language."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from contracts.facts.case import Reason
from contracts.vocabulary import Clock
from services.router.clocks.remaining import left_at
from services.router.clocks.ticking import Ticking
from services.router.desk.times import from_now, limit_in_words, on_the_wall
from services.router.desk.words import Lang, Voice
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
    """A case in the queue."""

    case: Case
    category: str
    lead: str
    due: Due | None
    reported: str


@dataclass(frozen=True)
class Entry:
    """One event of the history; `said` are pairs of label and text."""

    title: str
    at: str
    who: str
    said: tuple[tuple[str, str], ...]


def colour_of(share: float) -> Colour:
    """Green up to four fifths of a limit, yellow up to all of it, red beyond."""
    if share > 1:
        return "red"
    return "yellow" if share > _YELLOW_FROM else "green"


def share_used(ticking: Ticking, now: datetime, rules: Rules) -> float:
    """Of the limit, in time of its own kind; above one when it is late."""
    if ticking.due is not None and ticking.due < now:
        return 1.01
    whole = max(ticking.limit.part(1.0).amount, ticking.left.part(1.0).amount)
    left = left_at(ticking, now, rules.calendar).part(1.0).amount
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


def rows_of(cases: Iterable[Case], now: datetime, rules: Rules, voice: Voice) -> list[Row]:
    return [
        Row(
            case,
            category_name(case, rules, voice),
            unit_name(case.lead, rules, voice),
            due_of(ticking, now, rules, voice) if (ticking := _leading(case)) else None,
            on_the_wall(case.reported_at, rules.calendar.zone),
        )
        for case in cases
    ]


def _leading(case: Case) -> Ticking | None:
    """The clock that the queue is ordered by: handling, or what is due first."""
    handle = case.clocks.get(Clock.HANDLE)
    if handle is not None and handle.due is not None:
        return handle
    due = [ticking for ticking in case.clocks.values() if ticking.due is not None]
    return min(due, key=lambda ticking: ticking.due or case.reported_at) if due else handle


def category_name(case: Case, rules: Rules, voice: Voice) -> str:
    code = case.category or case.wanted_category
    row = rules.ruleset.category(code)
    return f"{row.code} {voice.one((row.zh, row.en))}"


def unit_name(code: str | None, rules: Rules, voice: Voice) -> str:
    unit = rules.directory.units.get(code or "")
    if unit is None:
        return code or voice("nobody")
    name = voice.name(unit.name, unit.name_en)
    return (
        name
        if name == unit.code
        else f"{name}（{unit.code}）"
        if voice.lang == "zh"
        else f"{name} ({unit.code})"
    )


def unit_names(codes: Sequence[str], rules: Rules, voice: Voice) -> list[str]:
    return [unit_name(code, rules, voice) for code in codes]


# in the history: what is said in words of ours, what is the code of a unit; anything else stands as it was said
_TABLES = {
    "procedure": "procedure",
    "privacy": "privacy",
    "check": "check",
    "clock": "clock",
    "card": "card",
    "urgency": "urgency",
    "received_by": "tier",
}
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
}
_NOT_TOLD = {"text", "place", "report_id", "reported_at", "reasons", "round", "public"}


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
        yield voice.of("field", name), "、".join(words) if voice.lang == "zh" else ", ".join(words)


def _in_words(name: str, kind: str, value: Any, rules: Rules, voice: Voice) -> str:
    if name in _UNITS:
        return unit_name(str(value), rules, voice)
    if name in ("before", "after"):
        return voice.of("privacy" if kind == "case.privacy_changed" else "urgency", str(value))
    if name in _TABLES:
        return voice.of(_TABLES[name], str(value))
    if isinstance(value, bool):
        return voice("yes") if value else voice("no")
    if name == "until":
        return on_the_wall(datetime.fromisoformat(str(value)), rules.calendar.zone)
    return voice.choice(name, str(value))


def reasons_of(events: Iterable[dict[str, Any]]) -> list[Reason]:
    """Those of the decision in force: of the last filing, and of what changed the urgency since."""
    found: list[Reason] = []
    for event in events:
        given = [Reason.model_validate(each) for each in event.get("data", {}).get("reasons", ())]
        found = given if event["type"] == "case.filed" else [*found, *given]
    return found


_SENTENCES = {
    "base": ("类别的基本紧急程度：{effect}。", "The category itself is {effect}."),
    "category.given": ("上报时选定的类别：{effect}。", "The report named the category {effect}."),
    "category.unclassified": (
        "未能归类，暂按 {effect} 办理。",
        "Nobody has classified it: it is filed as {effect}.",
    ),
    "lead": ("该层级应由 {effect} 主办。", "At this tier {effect} must lead."),
    "F04": ("有人被困，至少为{effect}。", "Somebody is trapped: at least {effect}."),
    "F06": ("人群聚集，至少为{effect}。", "A crowd has gathered: at least {effect}."),
    "F07": ("有人受伤，至少为{effect}。", "Somebody is injured: at least {effect}."),
}
_ANY_SENTENCE = ("规则 {rule}：{effect}。", "Rule {rule}: {effect}.")


def sentences(reasons: Iterable[Reason], lang: Lang) -> list[str]:
    """Each rule that spoke, as a sentence."""
    voice = Voice(lang)
    return [_sentence(reason, voice) for reason in reasons]


def _sentence(reason: Reason, voice: Voice) -> str:
    pattern = _SENTENCES.get(reason.rule) or _SENTENCES.get(reason.rule.split(".")[0], _ANY_SENTENCE)
    return voice.one(pattern).format(rule=reason.rule, effect=voice.of("urgency", reason.effect))


def units_of(case: Case, rules: Rules, voice: Voice) -> list[tuple[str, list[str]]]:
    """Label and names of all who have to do with it; who is not there is left out, but for the lead."""
    parts: list[tuple[str, Sequence[str]]] = [
        ("lead", (case.lead,) if case.lead else ()),
        ("co_handlers", case.co_handlers),
        ("awaited", case.awaited),
        ("copies", case.copies),
        ("tracker", (case.tracker,) if case.tracker else ()),
        ("superior", (case.superior,) if case.superior else ()),
    ]
    named = [(voice(key), unit_names(codes, rules, voice)) for key, codes in parts if codes or key == "lead"]
    return [*named, (voice("handler"), [case.handler])] if case.handler else named


def suggestions(case: Case, rules: Rules, voice: Voice) -> dict[str, list[tuple[str, str]]]:
    """Codes with names for the fields that ask for one: units about the place, and all categories."""
    chain = set(rules.directory.chain(case.grid or "").values())
    near = [unit for unit in rules.directory.units.values() if unit.area in chain]
    categories = rules.ruleset.categories.values()
    return {
        "units": [(unit.code, voice.name(unit.name, unit.name_en)) for unit in near],
        "categories": [(row.code, voice.one((row.zh, row.en))) for row in categories],
    }
