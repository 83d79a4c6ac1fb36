"""What may not change in a published schema: whoever reads or replays the older events would misread or refuse them."""

import json
from collections.abc import Iterator
from typing import Any

Schema = dict[str, Any]

_LEAST = ("minimum", "exclusiveMinimum", "minLength", "minItems")
_MOST = ("maximum", "exclusiveMaximum", "maxLength", "maxItems")
_SHAPE = ("type", "format", "pattern", "multipleOf", "uniqueItems", "propertyNames")


def breaking_changes(old: Schema, new: Schema) -> list[str]:
    """Each change of `new` that breaks a reader or a record of `old`, by field; none when only optional fields came.

    An enumeration may grow and a range widen: readers go first, and a record that met a slower one waits among the
    dead letters.
    """
    return list(_object(_inlined(old, old), _inlined(new, new), ""))


def _inlined(node: Any, root: Schema) -> Any:
    """The schema without references, so that a moved or renamed definition is no change."""
    if isinstance(node, list):
        return [_inlined(item, root) for item in node]
    if not isinstance(node, dict):
        return node
    if reference := node.get("$ref"):
        return _inlined(root["$defs"][reference.removeprefix("#/$defs/")] | _without_ref(node), root)
    return {name: _inlined(value, root) for name, value in node.items() if name != "$defs"}


def _without_ref(node: Schema) -> Schema:
    return {name: value for name, value in node.items() if name != "$ref"}


def _object(old: Schema, new: Schema, at: str) -> Iterator[str]:
    before, after = old.get("properties", {}), new.get("properties", {})
    for name, schema in before.items():
        if name in after:
            yield from _field(schema, after[name], f"{at}{name}")
        else:
            yield f"{at}{name}: removed"
    yield from _presence(old, new, at)


def _presence(old: Schema, new: Schema, at: str) -> Iterator[str]:
    before, after = set(old.get("required", ())), set(new.get("required", ()))
    yield from (f"{at}{name}: newly required" for name in sorted(after - before))
    kept = before & set(new.get("properties", {}))
    yield from (f"{at}{name}: no longer always there" for name in sorted(kept - after))


def _field(old: Schema, new: Schema, at: str) -> Iterator[str]:
    if _shape(old) != _shape(new):
        yield f"{at}: retyped from {_shape(old)} to {_shape(new)}"
        return
    if old.get("default") != new.get("default"):
        yield f"{at}: default changed, so that its absence says something else"
    yield from _words(old, new, at)
    yield from _limits(old, new, at)
    yield from _object(old, new, f"{at}.")
    yield from _parts(old, new, at)


def _shape(schema: Schema) -> str:
    """What must stay as it is: type and format, and of alternatives and tuples the number."""
    kept = {name: schema[name] for name in _SHAPE if name in schema}
    counted = {name: len(schema[name]) for name in ("anyOf", "oneOf", "prefixItems") if name in schema}
    held = {name: True for name in ("items", "additionalProperties") if isinstance(schema.get(name), dict)}
    return json.dumps(kept | counted | held, sort_keys=True)


def _words(old: Schema, new: Schema, at: str) -> Iterator[str]:
    before, after = _allowed(old), _allowed(new)
    if before is None and after is not None:
        yield f"{at}: now a closed set"
    elif before is not None and after is None:
        yield f"{at}: no longer a closed set"
    elif gone := [word for word in before or () if word not in (after or ())]:
        yield f"{at}: no longer takes {', '.join(map(str, gone))}"


def _allowed(schema: Schema) -> list[Any] | None:
    if "const" in schema:
        return [schema["const"]]
    return schema.get("enum")


def _limits(old: Schema, new: Schema, at: str) -> Iterator[str]:
    for name in _LEAST:
        if name in new and (name not in old or new[name] > old[name]):
            yield f"{at}: {name} narrowed to {new[name]}"
    for name in _MOST:
        if name in new and (name not in old or new[name] < old[name]):
            yield f"{at}: {name} narrowed to {new[name]}"


def _parts(old: Schema, new: Schema, at: str) -> Iterator[str]:
    for name in ("items", "additionalProperties"):
        if isinstance(old.get(name), dict):
            yield from _field(old[name], new[name], f"{at}[]")
    for name in ("anyOf", "oneOf", "prefixItems"):
        for number, (before, after) in enumerate(zip(old.get(name, ()), new.get(name, ()), strict=True)):
            yield from _field(before, after, at if _is_null(after) else f"{at}[{number}]")


def _is_null(schema: Schema) -> bool:
    return schema.get("type") == "null"
