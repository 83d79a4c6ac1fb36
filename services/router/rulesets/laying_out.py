"""A ruleset's document laid out in rows, and rows put back where they belong in it."""

from collections.abc import Iterator, Mapping
from typing import Any

from services.router.rulesets.csv_tables import Read
from services.router.rulesets.table_shape import Item, Key, Step, Table

Keys = dict[str, str]


def lay_out(document: Mapping[str, Any], table: Table) -> Iterator[tuple[Keys, Any]]:
    """The entries of a table in the document's order, each with the keys that lead to it."""
    return _entries(document, table.place, {})


def put_back(document: Mapping[str, Any], table: Table, read: Read) -> dict[str, Any]:
    """The document with the rows in place of what the table held; what is not the table's stays as it is, and
    what a column held that the table is without."""
    rows: dict[str, Any] = {}
    for (*steps, last), row in read.rows.items():
        place = rows
        for step in steps:
            place = place.setdefault(step, {})
        place[last] = row.entry
    put: dict[str, Any] = _put(document, rows, table.place, table.without(read.without))
    return put


def _entries(place: Any, steps: tuple[Step, ...], keys: Keys) -> Iterator[tuple[Keys, Any]]:
    if not steps:
        yield keys, place
    elif isinstance(step := steps[0], Item):
        yield from ((keys, item) for item in place)
    else:
        for name, inside in place.items():
            if _leads(step, name):
                found = keys | {step.name: name} if isinstance(step, Key) else keys
                yield from _entries(inside, steps[1:], found)


def _put(place: Mapping[str, Any], rows: Any, steps: tuple[Step, ...], table: Table) -> Any:
    """What stands at a place: an entry, the items of a list, or names with what stands there."""
    if not steps:
        return _kept(place, table) | rows if isinstance(rows, dict) and isinstance(place, Mapping) else rows
    step, rest = steps[0], steps[1:]
    if isinstance(step, Item):
        return list(rows.values())
    others = {name: inside for name, inside in place.items() if not _leads(step, name)}
    # an entry without a row is gone; what only lies on the way to entries stays, and loses those
    names = rows if not rest else dict.fromkeys([*(name for name in place if _leads(step, name)), *rows])
    return others | {name: _put(place.get(name) or {}, rows.get(name, {}), rest, table) for name in names}


def _kept(entry: Mapping[str, Any], table: Table) -> dict[str, Any]:
    return {name: value for name, value in entry.items() if not table.holds(name)}


def _leads(step: Step, name: str) -> bool:
    return not step.among or name in step.among if isinstance(step, Key) else step == name
