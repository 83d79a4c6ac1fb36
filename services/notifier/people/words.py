"""The words of notices, in Chinese and English: made of codes and times alone."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from contracts.vocabulary import Language, Urgency
from delivery.local_time import local
from services.notifier.people.parties import Post
from services.notifier.people.phrases import (
    CLOCKS,
    DIGEST,
    FACTS,
    LINES,
    PHRASES,
    POSTS,
    REPEATED,
    STAGES,
    URGENCIES,
    WHY,
)

LONGEST_DIGEST = 50
_CODES = {"stage": STAGES, "clock": CLOCKS, "line": LINES}


@dataclass(frozen=True)
class Said:
    """`lines` are the paragraphs of a letter; `short` is what fits an SMS or a call."""

    subject: str
    lines: list[str]
    short: str
    link: str | None
    why: str


@dataclass(frozen=True)
class Notified:
    """What the words of one notice are made of."""

    event_type: str
    case_id: UUID
    post: Post
    urgency: Urgency
    number: int
    about: Mapping[str, Any]


@dataclass(frozen=True)
class Style:
    """Zone and links are the same for all; the language is each reader's own."""

    zone: ZoneInfo
    desk_url: str = ""
    language: Language = Language.ZH


def said(notified: Notified, style: Style) -> Said:
    language, facts = style.language, _facts(notified, style)
    head = f"{_urgency(notified, style)}{PHRASES[notified.event_type][language]}"
    post = POSTS[notified.post][language]
    subject = f"{head}{post}"
    if notified.number > 1:
        subject += REPEATED[language].format(number=notified.number)
    link = _link(notified.case_id, style)
    case = FACTS["case"][language].format(value=notified.case_id)
    short = _joined(
        [f"{subject}{_colon(language)}{_joined(facts, language)}", link or case], language, ends=True
    )
    return Said(subject, [*facts, case], short, link, WHY[language])


def digest(notified: Sequence[Notified], style: Style) -> Said:
    """Several notices as one message: the first fifty by line, and how many more there are."""
    language = style.language
    subject = DIGEST["subject"][language].format(number=len(notified))
    lines = [_line(one, style) for one in notified[:LONGEST_DIGEST]]
    if (more := len(notified) - LONGEST_DIGEST) > 0:
        lines.append(DIGEST["more"][language].format(number=more))
    link = style.desk_url or None
    short = _joined([subject, *([link] if link else [])], language, ends=True)
    return Said(subject, lines, short, link, WHY[language])


def _line(notified: Notified, style: Style) -> str:
    head = f"{PHRASES[notified.event_type][style.language]}{POSTS[notified.post][style.language]}"
    case = FACTS["case"][style.language].format(value=notified.case_id)
    facts = _joined([*_facts(notified, style), case], style.language)
    return f"{_urgency(notified, style)}{head}{_colon(style.language)}{facts}"


def _facts(notified: Notified, style: Style) -> list[str]:
    """In the order of FACTS; stages, clocks and lines are said in words."""
    values = {name: _value(name, notified.about, style) for name in FACTS if name in notified.about}
    return [FACTS[name][style.language].format(value=value) for name, value in values.items()]


def _value(name: str, about: Mapping[str, Any], style: Style) -> Any:
    """A code without a phrase is said as the fact calls it, or as it stands."""
    value = about[name]
    if name == "sign_by":
        return local(datetime.fromisoformat(value), style.zone).strftime("%m-%d %H:%M")
    phrase = _CODES.get(name, {}).get(value)
    return phrase[style.language] if phrase else about.get(f"{name}_{style.language}", value)


def _urgency(notified: Notified, style: Style) -> str:
    word = URGENCIES[notified.urgency][style.language]
    return f"【{word}】" if style.language is Language.ZH else f"[{word}] "


def _link(case_id: UUID, style: Style) -> str | None:
    return f"{style.desk_url.rstrip('/')}/cases/{case_id}" if style.desk_url else None


def _colon(language: Language) -> str:
    return "：" if language is Language.ZH else ": "


def _joined(parts: Sequence[str], language: Language, *, ends: bool = False) -> str:
    if ends:
        return ("。" if language is Language.ZH else ". ").join(parts)
    return ("，" if language is Language.ZH else ", ").join(parts)
