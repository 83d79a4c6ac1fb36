"""Whoever answers an order to a unit that an import took out: the router takes his signature alone."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from contracts.vocabulary import Tier, Urgency
from services.notifier.directory import Directory
from services.notifier.people.parties import Post
from services.notifier.people.telling import NewNotice, Reachable, by_day, media_of
from services.notifier.people.told import BESIDE, PLANS, Kind

Order = Mapping[str, Any]


def stands_in(tier: Tier, ground: str, directory: Directory) -> str | None:
    """The general unit of that tier where it lies, or of the next above: as the router finds it."""
    levels = list(Tier)
    generals = {directory.units[code].tier: code for code in directory.generals(ground)}
    return next((generals[level] for level in levels[levels.index(tier) :] if level in generals), None)


def stands_in_for(order: Order, directory: Directory) -> str | None:
    """Where the case lies; of a sealed one the notice does not say it, and on a new map it may have another code."""
    grounds = (order["about"].get("grid"), order["area"])
    units = (stands_in(Tier(order["tier"]), ground, directory) for ground in grounds if ground)
    return next(filter(None, units), None)


def passed_on(unit: str, order: Order, where: Reachable, now: datetime, number: int) -> Iterator[NewNotice]:
    urgency = Urgency(order["urgency"])
    plan = PLANS[urgency]
    for medium in media_of(plan, Kind.ORDER, where.media):
        yield NewNotice(
            event_id=order["event_id"],
            event_type=order["event_type"],
            case_id=order["case_id"],
            correlation_id=order["correlation_id"],
            unit=unit,
            post=Post(order["post"]),
            kind=Kind.ORDER,
            urgency=urgency,
            medium=medium,
            due_at=by_day(now, plan, where.timetable),
            number=number,
            every=plan.every if medium not in BESIDE else None,
            about=order["about"],
        )
