"""A ruleset as a folder of readable files: `ruleset.json`, and beside it each part as a table or as JSON."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from services.router.rulesets.csv_tables import Table, read_table

_WHOLE = "ruleset"


class FaultyFile(ValueError):
    """A file of a shipped ruleset cannot be read; says where."""


def read_folder(folder: Path, tables: Mapping[str, Table]) -> dict[str, Any]:
    """The document that the files make: each part under the name of its file. Raises FaultyFile."""
    document: dict[str, Any] = json.loads((folder / f"{_WHOLE}.json").read_text("utf-8"))
    for path in sorted(folder.iterdir()):
        if path.suffix == ".json" and path.stem != _WHOLE:
            document[path.stem] = json.loads(path.read_text("utf-8"))
        elif path.suffix == ".csv":
            document[path.stem] = _read(path, tables[path.stem])
    return document


def _read(path: Path, table: Table) -> dict[str, dict[str, Any]]:
    read = read_table(path.read_text("utf-8"), table, path.stem)
    if read.findings:
        first = read.findings[0]
        raise FaultyFile(f"{path.name}, line {first.row}, {first.column}: {first.detail}")
    return read.entries
