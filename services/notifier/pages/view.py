"""What the pages show of subscriptions, deliveries and trials: words already in one language."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import orjson

from contracts.vocabulary import DeliveryStatus
from delivery.pages.times import on_the_wall
from services.notifier import shapes
from services.notifier.filter import Filter
from services.notifier.pages.words import Voice

Facts = list[tuple[str, str]]
_GOOD = {"active", DeliveryStatus.DELIVERED}
_BAD = {"open", "half-open", "disabled", DeliveryStatus.PERMANENT_FAILURE, DeliveryStatus.EXPIRED}
_RETRIED = (DeliveryStatus.PERMANENT_FAILURE, DeliveryStatus.EXPIRED)


@dataclass(frozen=True)
class Tag:
    """A state: a colour, a sign and a word."""

    colour: str
    sign: str
    said: str


@dataclass(frozen=True)
class Row:
    """A subscription in the list."""

    id: str
    name: str
    channel: str
    target: str
    owner: str
    state: Tag
    filter: Facts


@dataclass(frozen=True)
class DeliveryRow:
    id: str
    event: str
    case_id: str
    status: Tag
    at: str
    attempts: int
    last: str


@dataclass(frozen=True)
class Match:
    """An event that a tried filter let through; `sent` is the CloudEvent as it would be sent."""

    event: str
    at: str
    said: Facts
    sent: str


def state_of(one: shapes.Subscription) -> str:
    if one.status != "active":
        return one.status
    if one.channel == "email" and one.confirmed_at is None:
        return "unconfirmed"
    if one.target_state is None or not one.target_state.failures:
        return "active"
    return "failing" if one.target_state.circuit == "closed" else one.target_state.circuit


def tag(table: str, key: str, voice: Voice) -> Tag:
    said = voice.of(table, key)
    if key in _GOOD:
        return Tag("good", "●", said)
    return Tag("bad", "▲", said) if key in _BAD else Tag("middling", "◐", said)


def rows_of(items: Iterable[shapes.Subscription], voice: Voice) -> list[Row]:
    return [
        Row(
            id=str(one.id),
            name=one.name,
            channel=voice.of("channel", one.channel),
            target=target_said(one),
            owner=one.owner or voice("house"),
            state=tag("state", state_of(one), voice),
            filter=filter_said(one.filter, voice),
        )
        for one in items
    ]


def target_said(one: shapes.Subscription) -> str:
    return (one.target.url or one.target.address or "") if one.target else ""


def filter_said(wanted: Filter, voice: Voice) -> Facts:
    """Label and text of each restriction; nothing when there is none."""
    held = wanted.model_dump(mode="json")
    tables = {"tiers": "tier", "event_types": "event", "min_urgency": "urgency"}
    found = []
    for name, value in held.items():
        values = value if isinstance(value, list) else [value]
        words = [voice.of(tables[name], each) if name in tables else each for each in values]
        found.append((voice(name), _listed(words, voice)))
    return found


def _listed(words: Iterable[str], voice: Voice) -> str:
    return ("、" if voice.lang == "zh" else ", ").join(words)


def about(one: shapes.Subscription, zone: ZoneInfo, voice: Voice) -> Facts:
    """What is known of it and of its target; what is not there is left out."""
    state = one.target_state
    failing = state is not None and state.failures > 0
    unwell = failing or one.status == "disabled"
    facts: list[tuple[str, str | None]] = [
        ("channel", voice.of("channel", one.channel)),
        ("target", target_said(one) or None),
        ("stream_at", f"/v1/stream?subscription={one.id}" if one.channel == "stream" else None),
        ("owner", one.owner or voice("house")),
        ("created_at", on_the_wall(one.created_at, zone)),
        ("confirmed_at", _when(one.confirmed_at, zone)),
        ("failures", str(state.failures) if state and failing else None),
        ("failing_since", _when(state.failing_since, zone) if state and unwell else None),
        ("probe_at", _when(state.probe_at, zone) if state else None),
        ("last_error", state.last_error if state and unwell else None),
    ]
    return [(voice(key), text) for key, text in facts if text is not None]


def why_disabled(one: shapes.Subscription) -> str | None:
    """The key of the words that say what ended it and how it goes on."""
    return {"webhook": "gone", "email": "left"}.get(one.channel) if one.status == "disabled" else None


def commands_of(one: shapes.Subscription) -> list[str]:
    """What may be done with it now."""
    if one.status == "disabled" and one.channel == "email":
        return ["delete"]
    turn = "pause" if one.status == "active" else "resume"
    again = ("probe",) if one.target_state and one.target_state.circuit != "closed" else ()
    sending = one.channel == "webhook" and one.status == "active"
    return [turn, *((*again, "test", "replay", "rotate") if sending else ()), "delete"]


def delivery_rows(items: Iterable[shapes.Delivery], zone: ZoneInfo, voice: Voice) -> list[DeliveryRow]:
    return [
        DeliveryRow(
            id=str(one.id),
            event=voice.of("event", one.event_type),
            case_id=str(one.case_id or ""),
            status=tag("status", one.status, voice),
            at=on_the_wall(one.created_at, zone),
            attempts=len(one.attempts),
            last=answer_said(one.attempts[-1]) if one.attempts else "",
        )
        for one in items
    ]


def answer_said(attempt: shapes.Attempt) -> str:
    """The status code, the error, or both."""
    return " ".join(part for part in (str(attempt.status_code or ""), attempt.error or "") if part)


def delivery_view(one: shapes.Delivery, zone: ZoneInfo, voice: Voice) -> dict[str, Any]:
    facts: list[tuple[str, str | None]] = [
        ("event", one.event_type),
        ("case", str(one.case_id) if one.case_id else None),
        ("relation", voice.of("relation", one.relation) if one.relation else None),
        ("cause", voice.of("cause", one.cause)),
        ("webhook_id", one.webhook_id),
        ("created_at", on_the_wall(one.created_at, zone)),
        ("due_at", None if one.status is DeliveryStatus.SENDING else _when(one.due_at, zone)),
        ("ended_at", _when(one.ended_at, zone)),
    ]
    return {
        "title": voice.of("event", one.event_type),
        "state": tag("status", one.status, voice),
        "facts": [(voice(key), text) for key, text in facts if text is not None],
        "attempts": [
            {
                "number": each.number,
                "at": on_the_wall(each.ended_at, zone),
                "seconds": f"{each.seconds:.2f}",
                "answer": answer_said(each),
            }
            for each in one.attempts
        ],
        "may_retry": one.status in _RETRIED,
        "has_ended": one.ended_at is not None,
    }


def trial_view(trial: shapes.Trial, zone: ZoneInfo, voice: Voice) -> dict[str, Any]:
    counts = [
        ("trial_read", trial.read),
        ("trial_examined", trial.examined),
        ("trial_matched", trial.matched),
    ]
    return {
        "counts": [(voice(key), f"{count:,}") for key, count in counts],
        "since": _when(trial.since, zone),
        "matches": [_match(item, zone, voice) for item in trial.items],
    }


def _match(item: shapes.TrialItem, zone: ZoneInfo, voice: Voice) -> Match:
    event = item.event
    body = event["data"]
    facts = [
        *[voice.of(name, body[name]) for name in ("urgency", "tier") if body.get(name)],
        *[body[name] for name in ("category", "grid") if body.get(name)],
    ]
    return Match(
        event=voice.of("event", event["type"]),
        at=on_the_wall(datetime.fromisoformat(event["time"]), zone),
        said=[
            (voice("case"), event["subject"]),
            (voice("relation"), voice.of("relation", item.relation)),
            (voice("said"), _listed(facts, voice)),
        ],
        sent=orjson.dumps(event, option=orjson.OPT_INDENT_2).decode(),
    )


def _when(moment: datetime | None, zone: ZoneInfo) -> str | None:
    return on_the_wall(moment, zone) if moment else None
