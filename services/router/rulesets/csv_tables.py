"""Parts of a ruleset as tables that a spreadsheet edits: a row an entry, lists separated by `;`, flags yes and no."""

import csv
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from io import StringIO
from typing import Any, Protocol, get_origin

from pydantic import BaseModel

from services.router.rulesets.finding import Finding, pointer_to

_FLAGS = {
    "yes": True,
    "no": False,
    "true": True,
    "false": False,
    "1": True,
    "0": False,
    "是": True,
    "否": False,
}
_SEPARATOR = re.compile("[;；]")  # the second is what a Chinese keyboard gives


class Rows(Iterator[list[str]], Protocol):
    """What csv.reader gives; `line_num` is the line it has read to."""

    line_num: int


@dataclass(frozen=True)
class Table:
    """What the columns are; `key` is the one that names the entry."""

    key: str
    columns: tuple[str, ...]
    lists: frozenset[str] = frozenset()
    flags: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Read:
    """Entries as they stand in a document, the line each begins on (the header is line 1), and what is wrong."""

    entries: dict[str, dict[str, Any]] = field(default_factory=dict)
    lines: dict[str, int] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)


def table_of(model: type[BaseModel], *, key: str) -> Table:
    """The table of a model: its fields are the columns, in their order, after the key."""
    annotations = {name: said.annotation for name, said in model.model_fields.items()}
    return Table(
        key,
        tuple(dict.fromkeys((key, *annotations))),
        frozenset(name for name, kind in annotations.items() if get_origin(kind) is tuple),
        frozenset(name for name, kind in annotations.items() if kind is bool),
    )


def read_table(text: str, table: Table, part: str) -> Read:
    """Whatever spreadsheets write: a byte order mark, any line ends, empty rows; a missing column is a finding, since
    what it held would be lost without a word."""
    reader = csv.reader(StringIO(text.removeprefix("\ufeff"), newline=""))
    try:
        return _read_rows(reader, table, part)
    except csv.Error as error:
        return Read(findings=[Finding(pointer_to(part), f"not a table: {error}", row=reader.line_num)])


def _read_rows(reader: Rows, table: Table, part: str) -> Read:
    header = [name.strip() for name in next(reader, [])]
    read = Read(findings=[*_header_findings(header, table, part)])
    if read.findings:
        return read
    end = reader.line_num
    for cells in reader:
        line, end = end + 1, reader.line_num
        if any(cell.strip() for cell in cells):
            _read_row(cells, line, header, table, part, read)
    return read


def write_table(entries: Mapping[str, Mapping[str, Any]], table: Table) -> str:
    out = StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(table.columns)
    for key, entry in entries.items():
        row = {table.key: key, **entry}
        writer.writerow([_cell(row.get(column)) for column in table.columns])
    return out.getvalue()


def located(finding: Finding, read: Read, part: str) -> Finding:
    """The finding with line and column, when it lies in an entry that was read from the table."""
    if finding.row is not None:
        return finding
    _, _, inside = finding.pointer.partition(f"/{part}/")
    key, _, column = inside.partition("/")
    key = key.replace("~1", "/").replace("~0", "~")
    if not finding.pointer.startswith(f"/{part}/") or key not in read.lines:
        return finding
    return replace(finding, row=read.lines[key], column=column.partition("/")[0] or None)


def _header_findings(header: list[str], table: Table, part: str) -> Iterable[Finding]:
    for column in table.columns:
        if column not in header:
            yield Finding(pointer_to(part), "this column is missing", row=1, column=column)
    for index, column in enumerate(header):
        if column not in table.columns or column in header[:index]:
            yield Finding(pointer_to(part), "there is no such column, or there are two", row=1, column=column)


def _read_row(cells: list[str], line: int, header: list[str], table: Table, part: str, read: Read) -> None:
    given = dict(zip(header, (cell.strip() for cell in cells), strict=False))
    key = given.get(table.key, "")
    where = pointer_to(part, key)
    if len(cells) > len(header) and any(cells[len(header) :]):
        read.findings.append(Finding(where, "more cells than columns", row=line, column=None))
    if not key or key in read.entries:
        detail = f"stands on line {read.lines[key]} already" if key else "names no entry"
        read.findings.append(Finding(where, detail, row=line, column=table.key))
        return
    flags = {name: _FLAGS.get(given.get(name, "").lower()) for name in table.flags if given.get(name)}
    for name, flag in flags.items():
        if flag is None:
            read.findings.append(Finding(pointer_to(part, key, name), "yes or no", row=line, column=name))
    read.lines[key] = line
    read.entries[key] = _entry(given, table) | {name: bool(flag) for name, flag in flags.items()}


def _entry(given: dict[str, str], table: Table) -> dict[str, Any]:
    """An empty cell says nothing; an empty list is a list."""
    texts = {name: text for name, text in given.items() if text and name != table.key}
    lists = {name: _items(given.get(name, "")) for name in table.lists}
    return texts | lists


def _items(text: str) -> list[str]:
    return [item.strip() for item in _SEPARATOR.split(text) if item.strip()]


def _cell(value: Any) -> str:
    match value:
        case None:
            return ""
        case bool():
            return "yes" if value else "no"
        case list() | tuple():
            return ";".join(value)
        case _:
            return str(value)
