"""A record as a published schema allows it: the smallest, and one with everything in it."""

from typing import Any

_FORMATS = {"uuid": "0192f000-0000-7000-8000-000000000001", "date-time": "2026-03-02T08:00:00+08:00"}


def smallest(schema: dict[str, Any]) -> Any:
    """Only what is required: what a writer said before the optional fields came."""
    return _Samples(schema, whole=False).of(schema)


def whole(schema: dict[str, Any]) -> Any:
    return _Samples(schema, whole=True).of(schema)


class _Samples:
    def __init__(self, root: dict[str, Any], *, whole: bool) -> None:
        self.root = root
        self.whole = whole

    def of(self, schema: dict[str, Any]) -> Any:
        if reference := schema.get("$ref"):
            return self.of(self.root["$defs"][reference.removeprefix("#/$defs/")])
        if "const" in schema or "enum" in schema:
            return schema.get("const", schema.get("enum", [None])[0])
        if "anyOf" in schema:
            return self.of(schema["anyOf"][0])
        return getattr(self, f"_{schema['type']}")(schema)

    def _object(self, schema: dict[str, Any]) -> Any:
        properties = schema.get("properties", {})
        wanted = properties if self.whole else schema.get("required", ())
        said = {name: self.of(properties[name]) for name in wanted}
        more = schema.get("additionalProperties")
        return said | ({"anything": self.of(more)} if self.whole and isinstance(more, dict) else {})

    def _array(self, schema: dict[str, Any]) -> Any:
        if "prefixItems" in schema:
            return [self.of(item) for item in schema["prefixItems"]]
        return [self.of(schema["items"])] if self.whole else []

    def _string(self, schema: dict[str, Any]) -> str:
        return _FORMATS.get(schema.get("format", ""), "x")

    def _integer(self, schema: dict[str, Any]) -> int:
        return schema.get("minimum", 1)

    _number = _integer

    def _boolean(self, schema: dict[str, Any]) -> bool:
        return True

    def _null(self, schema: dict[str, Any]) -> None:
        return None
