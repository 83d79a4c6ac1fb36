"""From a fact of a case to the notices it asks for: by whom it concerns, how urgent it is, and what hour it is."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from contracts.envelope import CaseEnvelope, Fact
from contracts.facts.case import CaseLineCalled, CaseUrgencyChanged
from contracts.vocabulary import Clock, Medium, Privacy, Urgency
from delivery.channels.timing import Timetable
from services.notifier.people.parties import NOBODY, ORDERS, Parties, Post, may_be_told
from services.notifier.people.told import (
    BESIDE,
    ELSE_THE_DESK,
    INSTEAD,
    LATE,
    NEWS_MEDIA,
    PLANS,
    TOLD,
    Kind,
    Plan,
)

_NAMED = ("unit", "units")
_MUST_KNOW = ("copies",)
_SUPERIOR = ("superior", "supervisor")
_WITHHELD_WHEN_SEALED = ("grid", "category")


@dataclass(frozen=True)
class Reachable:
    """What of a unit's contact telling depends on; where it is reached is looked up when a message is sent."""

    timetable: Timetable
    media: frozenset[Medium] = frozenset()


@dataclass(frozen=True)
class NewNotice:
    """`medium` None: the unit has given no contact at all, so nothing can be sent; `about` holds no personal data."""

    event_id: UUID
    event_type: str
    case_id: UUID
    correlation_id: UUID
    unit: str
    post: Post
    kind: Kind
    urgency: Urgency
    medium: Medium | None
    due_at: datetime
    number: int = 1
    digest: bool = False
    every: timedelta | None = None
    about: Mapping[str, Any] | None = None


@dataclass(frozen=True)
class Defaults:
    """What holds for units that have said nothing else; `desk` is the unit that dispatches, if one is named."""

    timetable: Timetable
    desk: str = ""


class ToldUnit(NamedTuple):
    unit: str
    post: Post
    kind: Kind


def notices_of(
    event: CaseEnvelope[Any],
    parties: Parties,
    master: Parties,
    reachable: Mapping[str, Reachable],
    defaults: Defaults,
) -> Iterator[NewNotice]:
    for told in told_units(event, parties, master, defaults):
        where = reachable.get(told.unit, Reachable(defaults.timetable))
        yield from _to_unit(event, parties, told, where)


def told_units(
    event: CaseEnvelope[Any], parties: Parties, master: Parties, defaults: Defaults
) -> Iterator[ToldUnit]:
    """Each unit once, in the first post that names it; nobody of an order that a newer one has overtaken."""
    if event.type in ORDERS and event.case_version < parties.order_version:
        return
    seen: set[str] = set()
    for row in TOLD.get(event.type, ()):
        kind = _kind(row.kind, event, parties)
        for post in (each for each in row.posts if may_be_told(each, parties.privacy)):
            for unit in _units(post, event, parties, master, defaults):
                if unit not in seen:
                    seen.add(unit)
                    yield ToldUnit(unit, post, kind)
    if not seen and event.type in ELSE_THE_DESK and defaults.desk:
        yield ToldUnit(defaults.desk, Post.DISPATCHER, Kind.ALARM)


def _units(
    post: Post, event: CaseEnvelope[Any], parties: Parties, master: Parties, defaults: Defaults
) -> tuple[str, ...]:
    match post:
        case Post.NAMED:
            return _fields(event.data, _NAMED)
        case Post.MUST_KNOW:
            return _fields(event.data, _MUST_KNOW)
        case Post.SUPERIOR:
            return _fields(event.data, _SUPERIOR)
        case Post.DISPATCHER:
            return (defaults.desk,) if defaults.desk else ()
        case Post.MASTER_LEAD:
            return master.at(Post.LEAD)
        case Post.LATE:
            # a leader's own instruction names no clock: it is for who leads
            clock = event.data.said("clock")
            late = LATE.get(clock, Post.DISPATCHER) if clock else Post.LEAD
            known = _units(late, event, parties, NOBODY, defaults)
            return known or _units(Post.DISPATCHER, event, parties, NOBODY, defaults)
    return parties.at(post)


def _fields(fact: Fact, names: tuple[str, ...]) -> tuple[str, ...]:
    found = [fact.said(name) for name in names]
    flat = [unit for said in found for unit in (said if isinstance(said, tuple) else [said])]
    return tuple(unit for unit in flat if unit)


def _kind(kind: Kind, event: CaseEnvelope[Any], parties: Parties) -> Kind:
    """A change of urgency repeats as the order does, while that waits for its signature; whoever is at work already is
    told of a rise as loudly, and once."""
    if (
        kind is not Kind.ORDER
        or not isinstance(event.data, CaseUrgencyChanged)
        or parties.waits_for_signature
    ):
        return kind
    rises = event.urgency is not None and event.urgency.level > event.data.before.level
    return Kind.ALARM if rises else Kind.NEWS


def _to_unit(
    event: CaseEnvelope[Any], parties: Parties, told: ToldUnit, reachable: Reachable
) -> Iterator[NewNotice]:
    urgency = Urgency.CRITICAL if _is_about_a_call(event, parties) else event.urgency or Urgency.GENERAL
    plan, timetable = PLANS[urgency], reachable.timetable
    digest = plan.digest and told.kind is Kind.NEWS
    for medium in media_of(plan, told.kind, reachable.media):
        first = NewNotice(
            event_id=event.event_id,
            event_type=event.type,
            case_id=event.case_id,
            correlation_id=event.correlation_id,
            unit=told.unit,
            post=told.post,
            kind=told.kind,
            urgency=urgency,
            medium=medium,
            due_at=_due(event.recorded_at, plan, timetable, digest=digest),
            digest=digest,
            every=plan.every if told.kind is Kind.ORDER and medium not in BESIDE else None,
            about=about(event, parties),
        )
        yield first
        if medium is not None and (reminder := _reminder(first, event, plan, timetable)):
            yield reminder


def _is_about_a_call(event: CaseEnvelope[Any], parties: Parties) -> bool:
    """Somebody has to ask the reporter about danger: the case may be more urgent than it is so far. The accept clock of
    a case that has a lead runs for nothing else."""
    late = event.type == "case.supervised" and event.data.said("clock") == Clock.ACCEPT
    return event.type == "case.confirm_requested" or (late and bool(parties.at(Post.LEAD)))


def media_of(plan: Plan, kind: Kind, has: Collection[Medium]) -> list[Medium | None]:
    if not has:
        return [None]
    media = NEWS_MEDIA if kind is Kind.NEWS else plan.media
    if not any(medium in has for medium in media):
        media = tuple(medium for medium in INSTEAD if medium in has)
    return [*media, *(medium for medium in BESIDE if medium in has)]


def _due(at: datetime, plan: Plan, timetable: Timetable, *, digest: bool) -> datetime:
    if digest:
        return timetable.next_digest(at)
    return by_day(at, plan, timetable)


def by_day(at: datetime, plan: Plan, timetable: Timetable) -> datetime:
    """`at`, or the end of the quiet hours where the plan waits for it."""
    return timetable.after_quiet(at) if plan.waits else at


def _reminder(
    first: NewNotice, event: CaseEnvelope[Any], plan: Plan, timetable: Timetable
) -> NewNotice | None:
    limit = sign_limit(event)
    if not plan.half_of_limit or first.kind is not Kind.ORDER or first.medium in BESIDE or limit is None:
        return None
    half = event.occurred_at + (limit - event.occurred_at) / 2
    due = max(timetable.after_quiet(half), first.due_at)
    return NewNotice(**(vars(first) | {"number": 2, "due_at": due}))


def sign_limit(event: CaseEnvelope[Any]) -> datetime | None:
    return next((clock.limit_at for clock in event.clocks if clock.name is Clock.SIGN), None)


def about(event: CaseEnvelope[Any], parties: Parties) -> dict[str, Any]:
    """What the words are made of: codes and times, never what somebody wrote; of a sealed case not even where."""
    limit = sign_limit(event)
    said = {
        "grid": event.grid,
        "category": event.category,
        "tier": event.tier,
        "sign_by": limit.isoformat() if limit else None,
        "stage": event.data.said("stage"),
        "clock": event.data.said("clock"),
        "line": event.data.said("line"),
        **_line_in_words(event.data),
    }
    return seen({name: value for name, value in said.items() if value is not None}, parties.privacy)


def _line_in_words(fact: Fact) -> dict[str, str | None]:
    """What the ruleset calls it: it may name lines that we have no words for."""
    if not isinstance(fact, CaseLineCalled):
        return {}
    return {"line_zh": fact.name, "line_en": fact.name_en or fact.name}


def seen(about: Mapping[str, Any], privacy: Privacy | None) -> dict[str, Any]:
    """When it was written, and again when it is sent: the case may have been sealed while it waited."""
    withheld = _WITHHELD_WHEN_SEALED if privacy is Privacy.SEALED else ()
    return {name: value for name, value in about.items() if name not in withheld}
