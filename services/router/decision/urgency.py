"""How soon somebody must act: the category's level, floors from text and form, then soft points (domain §11.2)."""

from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from typing import NamedTuple

from contracts.facts.reason import Reason
from contracts.vocabulary import Urgency
from services.router.decision.question import Question
from services.router.decision.wording import Force, Mention, Reader, stronger
from services.router.rulesets.for_area import words_of
from services.router.rulesets.ruleset import Category, Ruleset
from services.router.rulesets.urgency_rules import Floor, SoftPoints, Steps

_LEVELS = tuple(Urgency)
_LEVEL = {urgency: level for level, urgency in enumerate(Urgency)}


class Assessed(NamedTuple):
    """`call_lines` are those to call at once, in the order of the rules; the reasons hold offsets, never words."""

    base: Urgency
    urgency: Urgency
    points: int
    confirm_by_phone: bool
    call_lines: tuple[str, ...]
    reasons: tuple[Reason, ...]


def urgency_of(
    question: Question, category: Category, ruleset: Ruleset, areas: Iterable[str] = ()
) -> Assessed:
    """The highest of the category's level and the floors that hold; enough soft points lift it by one level.
    `areas` are those whose own words count too. What is filed as a danger of a floor calls its lines without its words,
    unless they are there and mean less: then a person asks first."""
    rules = ruleset.urgency
    mentions = mentioned(question.text, ruleset, areas)
    reasons, urgency, lowered = [_base(category.urgency)], category.urgency, question.lowered
    if lowered is not None and lowered.category == category.code:
        urgency = lowered.to
    lines: list[str] = []
    confirm = False
    for name, floor in rules.floors.items():
        stated = floor.fact is not None and getattr(question.facts, floor.fact.field) >= floor.fact.at_least
        mention = mentions.get(name)
        if not stated and mention is None and floor.category == category.code and lowered is None:
            lines += floor.call  # it is filed as that very danger, whoever said so in which words
        if (not stated and mention is None) or (lowered is not None and name in lowered.floors):
            continue
        reasons.append(reason := _spoken(name, floor, mention, stated))
        if (level := _level(floor, mention, stated)) is None:
            confirm = confirm or reason.effect == CONFIRM_BY_PHONE
        else:
            urgency = _higher(urgency, level)
            lines += floor.call
    soft = list(_soft_points(question, category, rules.soft))
    points = sum(reason.points or 0 for reason in soft)
    known = lowered is not None and points <= lowered.points
    lifted = urgency if known else _lifted(urgency, points, rules.soft)
    raised = [Reason(rule="lowered", effect=lowered.to)] if lowered is not None else []
    if lifted is not urgency:
        raised.append(Reason(rule="points", effect=lifted, points=points))
    if _LEVEL[question.at_least] > _LEVEL[lifted]:
        lifted = question.at_least
        raised.append(Reason(rule="kept", effect=lifted))
    return Assessed(
        category.urgency,
        lifted,
        points,
        confirm,
        tuple(dict.fromkeys(lines)),
        (*reasons, *soft, *raised),
    )


CONFIRM_BY_PHONE = "confirm_by_phone"
POINTS = "points"


def floors_that_hold(reasons: Iterable[Reason], ruleset: Ruleset) -> tuple[str, ...]:
    """Those of a decision that made it as urgent as they say."""
    floors = ((reason.rule.partition(".")[0], reason.effect) for reason in reasons)
    return tuple(name for name, effect in floors if name in ruleset.urgency.floors and effect in _LEVELS)


def mentioned(text: str, ruleset: Ruleset, areas: Iterable[str] = ()) -> Mapping[str, Mention]:
    """The floors that a text speaks of, in the words of the ruleset and of the areas."""
    found = _reader_of(ruleset).read(text)
    for area in areas if ruleset.overrides else ():
        if (reader := _reader_of_area(ruleset, area)) is not None:
            own = reader.read(text)
            found = {**found, **{name: stronger(found.get(name), said) for name, said in own.items()}}
    return found


@lru_cache(maxsize=8)
def _reader_of(ruleset: Ruleset) -> Reader:
    """Compiled once for a ruleset; takes some ten milliseconds."""
    return Reader(ruleset.urgency)


@lru_cache(maxsize=4096)
def _reader_of_area(ruleset: Ruleset, area: str) -> Reader | None:
    words = words_of(ruleset, area)
    return Reader(words) if words is not None else None


@lru_cache(maxsize=len(Urgency))
def _base(urgency: Urgency) -> Reason:
    return Reason(rule="base", effect=urgency)


def _level(floor: Floor, mention: Mention | None, stated: bool) -> Urgency | None:
    """What the form states beats the text."""
    if stated or (mention is not None and mention.force is Force.HOLDS):
        return floor.level
    return floor.once_ended if mention is not None and mention.force is Force.ENDED else None


def _spoken(name: str, floor: Floor, mention: Mention | None, stated: bool) -> Reason:
    level = _level(floor, mention, stated)
    if mention is None or stated:
        return Reason(rule=name, effect=floor.level)
    rule = name if mention.force is Force.HOLDS else f"{name}.{mention.force}"
    silenced = CONFIRM_BY_PHONE if floor.level is Urgency.CRITICAL else "none"
    return Reason(rule=rule, effect=level or silenced, at=mention.at)


def _higher(one: Urgency, other: Urgency) -> Urgency:
    return one if _LEVEL[one] >= _LEVEL[other] else other


def _lifted(urgency: Urgency, points: int, soft: SoftPoints) -> Urgency:
    """One level up, never beyond `at_most`: soft points alone make nothing critical."""
    if points < soft.threshold or _LEVEL[urgency] >= _LEVEL[soft.at_most]:
        return urgency
    return _LEVELS[_LEVEL[urgency] + 1]


def _soft_points(question: Question, category: Category, soft: SoftPoints) -> Iterator[Reason]:
    given = (
        ("S1", soft.vulnerable.get(question.facts.vulnerable, 0)),
        ("S2", soft.near_sensitive_place if question.near_sensitive_place else 0),
        ("S3", _step(soft.same_reporter, question.same_reporter)),
        ("S4", _step(soft.distinct_reporters, question.distinct_reporters)),
        ("S5", question.weather_points if category.weather_sensitive else 0),
        ("S6", soft.night.points if category.night_sensitive and _is_night(question, soft) else 0),
        ("S7", soft.raised_by.points if question.channel in soft.raised_by.channels else 0),
        ("S8", soft.recent_same_component if question.recent_same_component else 0),
    )
    about = question.about
    return (
        Reason(rule=rule, effect=POINTS, points=points, about=about.get(rule))
        for rule, points in given
        if points
    )


def _step(steps: Steps, count: int) -> int:
    return max((points for least, points in steps if count >= least), default=0)


def _is_night(question: Question, soft: SoftPoints) -> bool:
    begins, ends, hour = soft.night.begins, soft.night.ends, question.at.hour
    return begins <= hour < ends if begins <= ends else hour >= begins or hour < ends
