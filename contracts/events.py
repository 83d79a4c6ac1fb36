"""Every type of event: its fact, its envelope and its topic; and the way from bytes back to an event."""

import re
from inspect import getmembers, isclass
from typing import Any, get_args

from pydantic import ValidationError

from contracts import topics
from contracts.envelope import (
    CaseEnvelope,
    Envelope,
    Fact,
    Message,
    ReportEnvelope,
    SubjectEnvelope,
    Value,
    to_message,
)
from contracts.facts import approval, case, closing, confirmation, directory, notice, report, score
from contracts.topics import Topic

# an event belongs to the kind of thing that its facts' file is about
_KINDS: list[tuple[Any, type[Envelope[Any]], Topic]] = [
    (report, ReportEnvelope, topics.REPORTS),
    (case, CaseEnvelope, topics.CASES),
    (confirmation, CaseEnvelope, topics.CASES),
    (closing, CaseEnvelope, topics.CASES),
    (approval, CaseEnvelope, topics.CASES),
    (directory, SubjectEnvelope, topics.DIRECTORY),
    (notice, ReportEnvelope, topics.NOTICES),
    (score, SubjectEnvelope, topics.ASSESSMENTS),
]


class NotAnEvent(ValueError):
    """The record does not say one of our events; the message says why, without the record's content."""


def type_of(fact: type[Fact]) -> str:
    """`CaseVerifyRequested` is `case.verify_requested` on the wire."""
    subject, *rest = re.findall(r"[A-Z][a-z]*", fact.__name__)
    return f"{subject.lower()}.{'_'.join(rest).lower()}"


def _declared(module: Any) -> list[type[Fact]]:
    members = (value for _, value in getmembers(module, isclass))
    return [value for value in members if issubclass(value, Fact) and value.__module__ == module.__name__]


FACTS: dict[str, type[Fact]] = {type_of(fact): fact for module, _, _ in _KINDS for fact in _declared(module)}
TYPES: dict[type[Fact], str] = {fact: name for name, fact in FACTS.items()}
EVENTS: dict[str, type[Envelope[Any]]] = {
    type_of(fact): envelope[fact]  # type: ignore[index]  # a generic class, filled at run time
    for module, envelope, _ in _KINDS
    for fact in _declared(module)
}
HOME: dict[str, Topic] = {type_of(fact): topic for module, _, topic in _KINDS for fact in _declared(module)}


# facts that give a unit its turn: they also go to the dispatch topic of the tier that leads
ORDERS = frozenset(
    {
        *("case.dispatched", "case.designated", "case.escalated"),
        *map(type_of, get_args(approval.Turn)),
    }
)


def facts_on(topic: Topic) -> list[type[Fact]]:
    """All that may be said on a topic, whoever of its writers says it."""
    if topic in topics.DISPATCH.values():
        return [FACTS[name] for name in sorted(ORDERS)]
    return [FACTS[name] for name, home in HOME.items() if home == topic]


def topics_of(event: Envelope[Any]) -> list[Topic]:
    """Where an event is published."""
    if event.type in ORDERS and isinstance(event, CaseEnvelope) and event.tier is not None:
        return [HOME[event.type], topics.DISPATCH[event.tier]]
    return [HOME[event.type]]


def messages_of(source: str, event: Envelope[Any]) -> list[Message]:
    """The records that publish an event: the same bytes and the same id on each of its topics."""
    first, *others = topics_of(event)
    message = to_message(first.name, source, event)
    return [message, *(Message(topic.name, *message[1:]) for topic in others)]


def event_of(fact: Fact, **envelope: Any) -> Envelope[Any]:
    """The event that states `fact`; `envelope` holds the envelope's other fields."""
    name = TYPES[type(fact)]
    return EVENTS[name].model_validate({"type": name, "data": fact, **envelope})


def decode(event_type: str | None, value: bytes | None) -> Envelope[Any]:
    """The event in a record's value; `NotAnEvent` when there is none."""
    if event_type not in EVENTS:
        raise NotAnEvent(f"unknown event type {event_type!r}"[:200])
    try:
        event = EVENTS[event_type].model_validate_json(value or b"")
    except ValidationError as error:
        raise NotAnEvent(f"{event_type}: {_where(error)}") from None
    if event.type != event_type:
        raise NotAnEvent(f"header says {event_type}, body another type")
    return event


def _where(error: ValidationError) -> str:
    """Which fields are wrong and how; never their values, which might be somebody's data, nor the keys of a mapping."""
    details = error.errors(include_input=False, include_url=False, include_context=False)
    return "; ".join(f"{_path(item['loc'])}: {item['type']}" for item in details[:10])


def _path(location: tuple[int | str, ...]) -> str:
    return (
        ".".join(str(step) if step in _FIELDS or isinstance(step, int) else "*" for step in location)
        or "body"
    )


def _fields(model: type[Value]) -> set[str]:
    return set(model.model_fields).union(*map(_fields, model.__subclasses__()))


_FIELDS = _fields(Value)
