"""What a ruleset must be before it may be kept: every fault at once, each with the place where it stands."""

import json
from collections.abc import Iterable, Iterator
from copy import deepcopy
from itertools import takewhile
from typing import Any

from pydantic import ValidationError

from services.router.rulesets.finding import Finding, findings_of, pointer_to
from services.router.rulesets.ruleset import Ruleset, load_ruleset
from services.router.rulesets.soundness import RULES, Draft

_DEEPEST = 30  # no part of a ruleset has half as many levels


def read_document(body: bytes) -> tuple[dict[str, Any], list[Finding]]:
    """The document, and names that stand twice in one object: JSON itself would let the last one win in silence."""
    try:
        document = json.loads(body, object_pairs_hook=_Pairs)
        doubled = [*_doubled(document, ())]
    except (ValueError, RecursionError) as error:
        at = f"line {error.lineno} column {error.colno}: " if isinstance(error, json.JSONDecodeError) else ""
        return {}, [Finding("", f"not a JSON document: {at}{_message(error)}")]
    if not isinstance(document, dict):
        return {}, [Finding("", "a ruleset is a JSON object")]
    return document, doubled


def check_ruleset(document: dict[str, Any]) -> tuple[Ruleset | None, list[Finding]]:
    """The ruleset of a document, or all that keeps it from being one."""
    misshapen: list[Finding] = []
    try:
        ruleset = Ruleset.model_validate(document, extra="forbid")
    except ValidationError as error:
        misshapen = [*findings_of(error)]
        ruleset = _readable(document, error)
    named = {finding.pointer for finding in misshapen}
    misshapen += [each for each in _unwritable(document, ()) if each.pointer not in named]
    draft = Draft(ruleset, document)
    findings = misshapen + _not_said_by(misshapen, (finding for rule in RULES for finding in rule(draft)))
    return (None, findings) if findings else (ruleset, [])


def _readable(document: dict[str, Any], error: ValidationError) -> Ruleset:
    """The ruleset without what is faulty: first the fields, then the rows that need them, then the parts."""
    sound = deepcopy(document)
    for depth in (None, 2, 1):
        for said in error.errors(include_input=False, include_url=False, include_context=False):
            _take_out(sound, said["loc"][:depth])
        try:
            return Ruleset.model_validate(_stand_in() | sound)
        except ValidationError as again:
            error = again
    return load_ruleset()


def _stand_in() -> dict[str, Any]:
    """For the parts that cannot be read, so that the others are looked at all the same."""
    return load_ruleset().model_dump(mode="json")


def _take_out(document: dict[str, Any], location: tuple[int | str, ...]) -> None:
    """What stands there; a list goes whole, so that its other items keep no wrong numbers."""
    steps = [*takewhile(lambda step: isinstance(step, str) and step != "[key]", location)]
    place: Any = document
    for step in steps[:-1]:
        place = place.get(step) if isinstance(place, dict) else None
    if steps and isinstance(place, dict):
        place.pop(steps[-1], None)


def _not_said_by(misshapen: list[Finding], findings: Iterable[Finding]) -> list[Finding]:
    """Those that lie neither inside nor around what could not be read: there they may be no more than its shadow."""
    inner = {finding.pointer for finding in misshapen}
    outer = {around for pointer in inner for around in _around(pointer)}
    return [
        each for each in findings if each.pointer not in outer and inner.isdisjoint(_around(each.pointer))
    ]


def _around(pointer: str) -> list[str]:
    """The pointer and those to what it lies in: /a/b/c, /a/b, /a."""
    steps = pointer.split("/")
    return ["/".join(steps[:end]) for end in range(len(steps), 1, -1)]


class _Pairs(dict[str, Any]):
    """An object of a JSON document that remembers which of its names stood twice."""

    def __init__(self, pairs: list[tuple[str, Any]]) -> None:
        super().__init__(pairs)
        names = [name for name, _ in pairs]
        self.doubled = (
            sorted({name for name in names if names.count(name) > 1}) if len(names) > len(self) else []
        )


def _doubled(value: Any, where: tuple[str | int, ...]) -> Iterator[Finding]:
    if len(where) > _DEEPEST:
        raise RecursionError
    if isinstance(value, _Pairs):
        for name in value.doubled:
            yield Finding(pointer_to(*where, name), "stands twice")
    for step, inside in _entries(value):
        yield from _doubled(inside, (*where, step))


def _unwritable(value: Any, where: tuple[str | int, ...]) -> Iterator[Finding]:
    """Texts that no database keeps, whatever field they stand in."""
    if isinstance(value, str) and "\0" in value:
        yield Finding(pointer_to(*where), "holds a NUL character")
    for step, inside in _entries(value):
        yield from _unwritable(inside, (*where, step))


def _entries(value: Any) -> Iterable[tuple[str | int, Any]]:
    if isinstance(value, dict):
        return value.items()
    return enumerate(value) if isinstance(value, list) else ()


def _message(error: Exception) -> str:
    match error:
        case json.JSONDecodeError():
            return error.msg
        case RecursionError():
            return "nested too deeply"
        case UnicodeDecodeError():
            return "not UTF-8"
        case _:
            return "a number is too long"
