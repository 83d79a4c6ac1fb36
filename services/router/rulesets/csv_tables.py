"""A table of a ruleset as text that a spreadsheet edits: a row an entry, lists separated by `;`, flags yes and no."""

import csv
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from io import StringIO
from typing import Any, Protocol

from services.router.rulesets.finding import Finding, pointer_to
from services.router.rulesets.table_shape import Cells, Column, Item, Key, Path, Table

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
_EMPTY = "-"


class Lines(Iterator[list[str]], Protocol):
    """What csv.reader gives; `line_num` is the line it has read to."""

    line_num: int


@dataclass(frozen=True)
class Row:
    """An entry as it stands in a document, and the line it begins on; the header is line 1."""

    entry: Any
    line: int


@dataclass(frozen=True)
class Read:
    """The rows by the place of their entries, what is wrong with the table, and which columns it is without."""

    rows: dict[Path, Row] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)
    without: frozenset[str] = frozenset()


def read_table(text: str, table: Table) -> Read:
    """Whatever spreadsheets write: a byte order mark, any line ends, empty rows. A missing column is a finding, since
    what it held would be lost without a word; one that was added to the table leaves what is there."""
    reader = csv.reader(StringIO(text.removeprefix("\ufeff"), newline=""))
    try:
        return _read_rows(reader, table)
    except csv.Error as error:
        return Read(findings=[Finding(pointer_to(*table.root), f"not a table: {error}", row=reader.line_num)])


def write_table(rows: Iterable[tuple[Mapping[str, str], Any]], table: Table) -> str:
    """Of each row its keys and its entry."""
    out = StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(table.header)
    for keys, entry in rows:
        cells = (_cell(_value(entry, column.below), column) for column in table.columns.values())
        writer.writerow([*(keys[key.name] for key in table.keys), *cells])
    return out.getvalue()


def located(finding: Finding, read: Read, table: Table) -> Finding:
    """The finding with line and column, when it lies in an entry that was read from the table."""
    if finding.row is not None:
        return finding
    for end in range(len(finding.steps), 0, -1):
        at, inside = finding.steps[:end], finding.steps[end:]
        if row := read.rows.get(at):
            named = table.keys[-1].name if finding.of_a_key else table.column_at(inside)
            return replace(finding, row=row.line, column=named)
    return finding


def _read_rows(reader: Lines, table: Table) -> Read:
    header = [name.strip() for name in next(reader, [])]
    without = frozenset(table.header) - frozenset(header)
    read = Read(findings=[*_header_findings(header, table)], without=without)
    if read.findings:
        return read
    table = table.without(without)
    end, items = reader.line_num, Counter[Path]()
    for cells in reader:
        line, end = end + 1, reader.line_num
        if any(cell.strip() for cell in cells):
            given = dict(zip(header, (cell.strip() for cell in cells), strict=False))
            at = _place(given, table, items)
            findings = [*_row_findings(given, at, cells, table, read)]
            read.findings.extend(replace(finding, row=line) for finding in findings)
            if not findings:
                read.rows[at] = Row(_entry(given, table), line)
                items[at[:-1]] += 1
    return read


def _header_findings(header: list[str], table: Table) -> Iterator[Finding]:
    where = pointer_to(*table.root)
    for column in table.header:
        if column not in header and not (column in table.columns and table.columns[column].spared):
            yield Finding(where, "this column is missing", row=1, column=column)
    for index, column in enumerate(header):
        if column not in table.header or column in header[:index]:
            yield Finding(where, "there is no such column, or there are two", row=1, column=column)


def _place(given: Mapping[str, str], table: Table, items: Counter[Path]) -> Path:
    """Where the row's entry stands; an item comes after those of its list that have been read."""
    at: Path = ()
    for step in table.place:
        match step:
            case Key():
                at = (*at, given.get(step.name, ""))
            case Item():
                at = (*at, str(items[at]))
            case _:
                at = (*at, step)
    return at


def _row_findings(
    given: Mapping[str, str], at: Path, cells: list[str], table: Table, read: Read
) -> Iterator[Finding]:
    if any(cells[len(table.header) :]):
        yield Finding(pointer_to(*at), "more cells than columns")
    for key in table.keys:
        if not (name := given.get(key.name, "")):
            yield Finding(pointer_to(*at), "names no entry", column=key.name)
        elif key.among and name not in key.among:
            yield Finding(pointer_to(*at), f"one of {', '.join(key.among)}", column=key.name)
    if at in read.rows:
        key_name = table.keys[-1].name if table.keys else None
        yield Finding(pointer_to(*at), f"stands on line {read.rows[at].line} already", column=key_name)
    for name, column in table.columns.items():
        if column.cells is Cells.FLAG and given.get(name, "").lower() not in ("", *_FLAGS):
            yield Finding(pointer_to(*at, *column.below), "yes or no", column=name)


def _entry(given: Mapping[str, str], table: Table) -> Any:
    entry: Any = {}
    for name, column in table.columns.items():
        if (value := _read_cell(given.get(name, ""), column)) is not None:
            entry = _with(entry, column.below, value)
    return entry


def _read_cell(text: str, column: Column) -> Any:
    """None for a cell that says nothing."""
    match column.cells:
        case Cells.TEXT:
            return text or None
        case Cells.FLAG:
            return _FLAGS.get(text.lower(), False)
        case _ if column.open and not text:
            return None
        case Cells.PAIRS:
            return [item.split("=") for item in _items(text)]
        case _:
            return _items(text)


def _items(text: str) -> list[str]:
    return [item.strip() for item in _SEPARATOR.split(text) if item.strip() not in ("", _EMPTY)]


def _cell(value: Any, column: Column) -> str:
    match column.cells:
        case _ if value is None:
            return ""
        case Cells.FLAG:
            return "yes" if value else "no"
        case Cells.TEXT:
            return str(value)
        case Cells.PAIRS:
            items = [f"{first}={second}" for first, second in value]
        case Cells.SET:
            items = sorted(value)
        case Cells.LIST:
            items = value
    return ";".join(items) or (_EMPTY if column.open else "")


def _value(entry: Any, below: Path) -> Any:
    for step in below:
        entry = entry.get(step) if isinstance(entry, Mapping) else None
    return entry


def _with(entry: Any, below: Path, value: Any) -> Any:
    """The entry with a value below it."""
    if not below:
        return value
    return entry | {below[0]: _with(entry.get(below[0], {}), below[1:], value)}
