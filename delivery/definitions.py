"""Models in the document of an interface: a reference where one is used, its definition once, where references look."""

from collections.abc import Iterator
from copy import deepcopy
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

Document = dict[str, Any]


def schema_of(model: type[BaseModel]) -> Document:
    """A reference to the model, which brings its definitions along until `with_definitions` puts them in place."""
    references, definitions = models_json_schema(
        [(model, "validation")], ref_template="#/components/schemas/{model}"
    )
    return references[model, "validation"] | definitions


def with_definitions(document: Document) -> Document:
    """What `schema_of` brought along stands with the components."""
    document = deepcopy(document)  # parts of it are those of the routes, which other documents have too
    schemas = document.setdefault("components", {}).setdefault("schemas", {})
    for name, schema in list(_taken_out(document)):
        if schemas.setdefault(name, schema) != schema:
            raise ValueError(f"two models are called {name}")
    return document


def _taken_out(part: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(part, dict):
        yield from part.pop("$defs", {}).items()
        part = list(part.values())
    if isinstance(part, list):
        for inner in part:
            yield from _taken_out(inner)
