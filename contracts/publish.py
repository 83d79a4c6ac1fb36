"""`make schemas`: the JSON Schema of each event and the tables of contracts/README.md, made from the declarations."""

import json
import sys
from collections.abc import Iterator, Sequence
from inspect import getdoc
from pathlib import Path
from typing import Any

from contracts.compatibility import Schema, breaking_changes
from contracts.events import EVENTS, FACTS, HOME, ORDERS
from contracts.topics import KEPT_DAYS, TOPICS

HERE = Path(__file__).parent


class PublishedSchemaBroken(Exception):
    """A schema that readers may rely on would change under them."""


def schemas() -> dict[str, Schema]:
    """File name to schema, in the mode of validation: what is required there is always in a record, and what has a
    default may be left out, as our own writers do with nulls. The mode of serialization would call both required."""
    return {_file_name(name): _schema(name) for name in EVENTS}


def _file_name(name: str) -> str:
    return f"{name}.v{EVENTS[name].model_fields['schema_version'].default}.json"


def _schema(name: str) -> Schema:
    identity = {
        "$id": f"urn:casegrid:{name}:v{EVENTS[name].model_fields['schema_version'].default}",
        "title": name,
        "description": getdoc(FACTS[name]),  # the same text in every version of Python
    }
    return EVENTS[name].model_json_schema(mode="validation") | identity


def publish(folder: Path = HERE) -> None:
    """Write what is declared into `folder`; `PublishedSchemaBroken` and nothing written when it breaks a promise."""
    made = schemas()
    if refused := list(_refusals(folder / "schemas", made)):
        raise PublishedSchemaBroken("\n".join(refused))
    (folder / "schemas").mkdir(exist_ok=True)
    for name, schema in made.items():
        (folder / "schemas" / name).write_text(text_of(schema))
    readme = folder / "README.md"
    readme.write_text(with_tables(readme.read_text()))


def _refusals(folder: Path, made: dict[str, Schema]) -> Iterator[str]:
    for path in sorted(folder.glob("*.json")):
        if path.name not in made:
            yield f"{path.name}: no longer declared"
            continue
        changes = breaking_changes(json.loads(path.read_text()), made[path.name])
        yield from (f"{path.name}: {change}" for change in changes)


def text_of(schema: Schema) -> str:
    return json.dumps(schema, ensure_ascii=False, indent=2, sort_keys=True) + "\n"


def with_tables(readme: str) -> str:
    """The README with the tables between its markers made anew."""
    for name, table in (("topics", topics_table()), ("events", events_table())):
        begin, _, rest = readme.partition(f"<!-- {name}: made by `make schemas` -->\n")
        _, end, after = rest.partition(f"<!-- end of {name} -->")
        readme = f"{begin}<!-- {name}: made by `make schemas` -->\n{table}{end}{after}"
    return readme


def topics_table() -> str:
    rows = [
        (
            f"`{topic.name}`",
            topic.writer,
            topic.key,
            str(topic.partitions),
            _kept(topic.compacted),
            topic.holds,
        )
        for topic in TOPICS
    ]
    return _table(("topic", "who writes", "key", "partitions", "keeps", "holds"), rows)


def _kept(compacted: bool) -> str:
    return "the last of each key" if compacted else f"{KEPT_DAYS} days"


def events_table() -> str:
    rows = [(f"`{name}`", _topics(name), _says(name), _fields(name)) for name in sorted(EVENTS)]
    return _table(("type", "topic", "what it says", "`data` (`?`: may be left out)"), rows)


def _topics(name: str) -> str:
    return f"`{HOME[name].name}`{' `dispatch.<tier>.v1`' if name in ORDERS else ''}"


def _says(name: str) -> str:
    return " ".join((FACTS[name].__doc__ or "").split())


def _fields(name: str) -> str:
    declared: dict[str, Any] = FACTS[name].model_fields
    return " ".join(f"`{key}{'' if field.is_required() else '?'}`" for key, field in declared.items())


def _table(head: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> str:
    lines = [head, ("---",) * len(head), *rows]
    return "".join(f"| {' | '.join(cells)} |\n" for cells in lines)


_ADVICE = """
A published event keeps its shape. Add an optional field, or state a new fact beside the old one and write both until
nobody reads the old; then delete its fact, its schema and its records in tests/contracts/golden.jsonl. What nobody
outside has seen yet may be deleted from both and made anew."""


def main() -> None:
    try:
        publish()
    except PublishedSchemaBroken as broken:
        sys.exit(f"{broken}\n{_ADVICE}")


if __name__ == "__main__":
    main()
