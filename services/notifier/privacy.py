"""What of a case may leave the house, by its level and by what the subscriber has to do with it (domain §8.3)."""

from dataclasses import dataclass
from typing import Any

import orjson

from contracts.vocabulary import Privacy
from services.notifier.scope import Relation

WITHHELD = "［保密 withheld］"
NEAR_DIGITS = 3  # of a degree: about a hundred metres, the building and not the door


@dataclass(frozen=True, slots=True)
class View:
    """`said`: the redacted words of the report; `words`: what units wrote; `point`: decimals of the place, None is
    none beyond its grid; `bare`: nothing at all but what happened when, class group, urgency and tier."""

    said: bool = False
    words: bool = False
    point: int | None = None
    bare: bool = False


EXACT = 9
WHOLE = View(said=True, words=True, point=EXACT)
UNSAID = View(words=True, point=EXACT)
NEARBY = View(point=NEAR_DIGITS)
CODES = View()
BARE = View(bare=True)

_R = Relation
# who is not named in a row is told nothing
VIEWS: dict[Privacy | None, dict[Relation, View]] = {
    Privacy.OPEN: dict.fromkeys(Relation, WHOLE),
    Privacy.RESTRICTED: {_R.ACTS: WHOLE, _R.ABOVE: WHOLE, _R.TOLD: UNSAID, _R.AREA: UNSAID, _R.HOUSE: WHOLE},
    Privacy.CONFIDENTIAL: dict.fromkeys((_R.ACTS, _R.ABOVE), NEARBY)
    | dict.fromkeys((_R.TOLD, _R.AREA, _R.HOUSE), CODES),
    Privacy.SEALED: {_R.ACTS: BARE, _R.HOUSE: BARE},
    # not classified yet: it may turn out to be anything
    None: dict.fromkeys(Relation, CODES),
}

# fields of facts that hold people's own words; tests/notifier/test_what_is_shown.py knows what the others hold
FREE_TEXT = frozenset(
    {
        *("text", "note", "reason", "result", "opinion", "materials"),
        *("legal_channel", "way_to_object", "receiver", "receipt"),
    }
)
_SAID = "text"  # no schema asks for it
_IN_PLACE = ("lon", "lat")
_BARE_FIELDS = ("event_id", "type", "schema_version", "case_id", "case_version", "occurred_at", "recorded_at")


def view_of(privacy: Privacy | None, relation: Relation) -> View | None:
    """None: that subscriber may not be told of the case at all."""
    return VIEWS[privacy].get(relation)


def kept(body: bytes, privacy: Privacy | None) -> bytes:
    """What may be stored of an event: what whoever acts may see."""
    return body if privacy is None else shown(body, VIEWS[privacy][Relation.ACTS])


def shown(body: bytes, view: View) -> bytes:
    """The event's body as `view` lets it be seen.

    Its shape stays, except when nothing but bare facts is left: a word that the event's schema asks for is replaced.
    What was kept bare stays bare, however open the case has become since.
    """
    if view == WHOLE or is_bare(body):
        return body
    event = orjson.loads(body)
    return orjson.dumps(_bare(event) if view.bare else event | {"data": _data(event["data"], view)})


def is_bare(body: bytes) -> bool:
    """Whether nothing but bare facts is left of the event."""
    return b'"data":' not in body  # a quotation mark within a value is escaped, and bare facts nest nothing


def _bare(event: dict[str, Any]) -> dict[str, Any]:
    left = {name: event[name] for name in (*_BARE_FIELDS, "tier", "urgency") if name in event}
    return left | ({"category": class_group(event["category"])} if event.get("category") else {})


def class_group(category: str) -> str:
    """`G02` of `G02-01`."""
    return category.partition("-")[0]


def _data(data: dict[str, Any], view: View) -> dict[str, Any]:
    left = {name: value for name, value in data.items() if view.said or name != _SAID}
    return {name: _seen(name, value, view) for name, value in left.items()}


def _seen(name: str, value: Any, view: View) -> Any:
    if name == "place" and value is not None:
        return _place(value, view.point)
    if name == "reasons" and view.point != EXACT:  # the place that it lies near says where it is
        return [{part: said for part, said in reason.items() if part != "about"} for reason in value]
    if name in FREE_TEXT and name != _SAID and not view.words:
        return [WITHHELD for _ in value] if isinstance(value, list) else WITHHELD
    return value


def _place(place: dict[str, Any], point: int | None) -> dict[str, Any]:
    """A component is a point, so it goes where the exact point goes."""
    if point == EXACT:
        return place
    rest = {name: value for name, value in place.items() if name not in (*_IN_PLACE, "component_id")}
    near = {name: place[name] for name in _IN_PLACE if place.get(name) is not None}
    return rest | ({} if point is None else {name: round(value, point) for name, value in near.items()})
