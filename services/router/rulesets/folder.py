"""A ruleset as a folder of readable files: `ruleset.json`, and beside it a table for each part."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from services.router.rulesets.csv_tables import Read, read_table
from services.router.rulesets.laying_out import put_back
from services.router.rulesets.table_shape import Table


class FaultyFile(ValueError):
    """A file of a shipped ruleset cannot be read; says where."""


def read_folder(folder: Path, tables: Mapping[str, Table]) -> dict[str, Any]:
    """The document that the files make; a table that is not there has no rows. Raises FaultyFile."""
    document: dict[str, Any] = json.loads((folder / "ruleset.json").read_text("utf-8"))
    for name, table in tables.items():
        if (path := folder / f"{name}.csv").exists():
            document = put_back(document, table, _read(path, table))
    return document


def _read(path: Path, table: Table) -> Read:
    read = read_table(path.read_text("utf-8"), table)
    if read.findings:
        first = read.findings[0]
        raise FaultyFile(f"{path.name}, line {first.row}, {first.column}: {first.detail}")
    return read
