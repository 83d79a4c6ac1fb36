"""What stands beside a case on its page: the other case of its report, cases that may be the same matter,
and what its reporters want."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from delivery.pages.times import on_the_wall
from services.router.cases.beside_store import Beside
from services.router.desk.names import category_name, unit_name
from services.router.desk.words import Voice
from services.router.workflow.situation import Rules

_PARTS = ("category", "distance", "similarity", "recency")


@dataclass(frozen=True)
class Part:
    """A part of the merge score, of a hundred."""

    label: str
    percent: int


@dataclass(frozen=True)
class Alike:
    """An open case that may be the same matter; nothing of its words, which may be another's."""

    case_id: UUID
    category: str
    lead: str
    reported: str
    percent: int
    parts: tuple[Part, ...]
    where: str


@dataclass(frozen=True)
class Linked:
    """The other case of the same report; without a category it may be known that it is there, and no more."""

    relation: str
    case_id: UUID
    category: str | None = None
    urgency: str | None = None
    state: str | None = None
    lead: str | None = None


@dataclass(frozen=True)
class Wish:
    said: str
    reason: str
    at: str


def alike_of(rows: Iterable[Mapping[str, Any]], rules: Rules, voice: Voice) -> list[Alike]:
    return [_alike(row, rules, voice) for row in rows]


def wishes_of(rows: Iterable[Mapping[str, Any]], rules: Rules, voice: Voice) -> list[Wish]:
    zone = rules.calendar.zone
    return [
        Wish(voice(f"wish_{row['wish']}"), row["reason"] or "", on_the_wall(row["wished_at"], zone))
        for row in rows
    ]


def linked_of(beside: Beside | None, rules: Rules, voice: Voice) -> Linked | None:
    if beside is None:
        return None
    title, case = voice(beside.relation), beside.case
    if case is None:
        return Linked(title, beside.case_id)
    return Linked(
        title,
        case.case_id,
        category_name(case, rules, voice),
        case.urgency,
        case.state,
        unit_name(case.lead, rules, voice),
    )


def _alike(row: Mapping[str, Any], rules: Rules, voice: Voice) -> Alike:
    found: Mapping[str, Any] = row["likeness"]
    category = rules.ruleset.category(row["category"])
    reported: datetime = row["reported_at"]
    return Alike(
        case_id=row["case_id"],
        category=voice.one((category.zh, category.en)),
        lead=unit_name(row["lead"], rules, voice),
        reported=on_the_wall(reported, rules.calendar.zone),
        percent=_percent(found["score"]),
        parts=tuple(Part(voice(f"alike_{name}"), _percent(found[name])) for name in _PARTS),
        where=_where(found, voice),
    )


def _where(found: Mapping[str, Any], voice: Voice) -> str:
    if found["same_component"]:
        return voice("same_component")
    return f"{found['metres']:.0f} {voice('metres')}" if found["metres"] is not None else voice("no_place")


def _percent(share: float) -> int:
    return round(share * 100)
