"""Reads 311 exports: any CSV, given a map that says which columns mean what."""

import re
from collections.abc import Iterable, Iterator
from datetime import datetime
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import orjson
from pydantic import BaseModel, ConfigDict, ValidationError

from delivery.field_types import detail_of
from services.intake.csv_records import records_of
from services.intake.report import GivenReport

_DEGREES = re.compile(r"[+-]?\d+(\.\d*)?([eE][+-]?\d+)?", re.ASCII)
_FOLDER = Path(__file__).parent / "column_maps"
Row = dict[str, str]


class ColumnMap(BaseModel):
    """What the columns of an export mean; `empty` are the words that stand for nothing.

    `text` are templates, each used when all its columns say something; `category` looks a value up, or a second one
    within it (`{"complaint": {"*": code, "detail": code}}`).
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    reference: str
    text: list[str]
    text_columns: list[str]
    longitude: str
    latitude: str
    address: list[str] = []
    occurred_at: str | None = None
    time_format: str = "iso"
    time_zone: str = "UTC"
    channel: str | None = None
    channels: dict[str, str] = {}
    default_channel: str = "open311"
    category: str | None = None
    detail: str | None = None
    categories: str | None = None
    empty: list[str] = ["", "N/A", "Unspecified"]

    @cached_property
    def columns(self) -> set[str]:
        named = (
            self.reference,
            self.longitude,
            self.latitude,
            self.occurred_at,
            self.channel,
            self.category,
            self.detail,
        )
        return {name for name in (*named, *self.address, *self.text_columns) if name}

    @cached_property
    def category_codes(self) -> dict[str, str | dict[str, str]]:
        codes: dict[str, str | dict[str, str]] = (
            orjson.loads(Path(self.categories).read_bytes()) if self.categories else {}
        )
        return codes


class Reason(BaseModel):
    column: str
    detail: str


class AcceptedRow(BaseModel):
    """`reference` is the row's own id, fit for an idempotency key; `report` the body of POST /v1/reports."""

    line: int
    reference: str
    report: dict[str, Any]


class RejectedRow(BaseModel):
    """Every reason, each with the column it is about."""

    line: int
    reference: str
    reasons: list[Reason]


class ColumnsMissing(ValueError):
    """The export lacks columns that the map names, or has one of them twice."""


class ColumnMapNotFound(ValueError):
    """Neither a name that the product knows nor a file."""


class _Wrong(Exception):
    def __init__(self, column: str, detail: str) -> None:
        super().__init__(detail)
        self.reason = Reason(column=column, detail=detail)


@lru_cache
def column_map(name: str) -> ColumnMap:
    """A map that the product has, by name, or one of your own, by path; its categories are a file beside it."""
    path = Path(name) if name.endswith(".json") else _FOLDER / f"{name}.json"
    if not path.is_file():
        raise ColumnMapNotFound(
            f"no column map {name}: give the path of a .json, or {', '.join(_known_maps())}"
        )
    read = ColumnMap.model_validate_json(path.read_bytes())
    beside = read.categories and str(path.parent / read.categories)
    return read.model_copy(update={"categories": beside})


def fitting_map(lines: Iterable[str]) -> str:
    """Which of the product's maps finds all its columns in the export, the one with most where several do."""
    present = _header(records_of(lines))
    lacking = {name: sorted(column_map(name).columns - set(present)) for name in _known_maps()}
    fitting = [name for name, missing in lacking.items() if not missing]
    if not fitting:
        said = "; ".join(f"{name} also wants {', '.join(missing)}" for name, missing in lacking.items())
        raise ColumnsMissing(f"no column map fits: {said}; the export has {', '.join(present)}"[:2000])
    return max(fitting, key=lambda name: len(column_map(name).columns))


def _known_maps() -> list[str]:
    return sorted(path.stem for path in _FOLDER.glob("*_311.json"))


def read_rows(lines: Iterable[str], columns: ColumnMap) -> Iterator[AcceptedRow | RejectedRow]:
    """Each data row as exactly one of the two; raises ColumnsMissing before the first."""
    records = records_of(lines)
    present = _header(records)
    if missing := sorted(columns.columns - set(present)):
        raise ColumnsMissing(
            f"the export has no column {', '.join(missing)}; it has {', '.join(present)}"[:2000]
        )
    if doubled := sorted(name for name in columns.columns if present.count(name) > 1):
        raise ColumnsMissing(f"the export has more than one column {', '.join(doubled)}"[:2000])
    accepted: set[str] = set()
    for line, fields in records:
        row = _read_row(fields, line, columns, present)
        if isinstance(row, AcceptedRow):
            row = _repeat(row, columns) if row.reference in accepted else row
            accepted.add(row.reference)
        yield row


def _header(records: Iterator[tuple[int, list[str] | None]]) -> list[str]:
    _, names = next(records, (1, []))
    if names is None:
        raise ColumnsMissing("the header of the export cannot be read: a quote in it is not closed")
    return [name.strip("\ufeff \t") for name in names]


def _repeat(row: AcceptedRow, columns: ColumnMap) -> RejectedRow:
    """Two rows of one reference would be one report, and nobody could say which of them it is."""
    reason = Reason(column=columns.reference, detail="an earlier row has this reference")
    return RejectedRow(line=row.line, reference=row.reference, reasons=[reason])


def _read_row(
    fields: list[str] | None, line: int, columns: ColumnMap, present: list[str]
) -> AcceptedRow | RejectedRow:
    if fields is None:
        reason = Reason(column="", detail="a quote is not closed, or something stands behind it")
        return RejectedRow(line=line, reference="", reasons=[reason])
    filled = [*fields, *[""] * (len(present) - len(fields))]
    said = {
        name: "" if value.strip() in columns.empty else value.strip()
        for name, value in zip(present, filled, strict=False)
    }
    reference = said[columns.reference]
    if len(fields) > len(present):
        reason = Reason(column="", detail=f"{len(fields)} fields instead of {len(present)}")
        return RejectedRow(line=line, reference=reference[:100], reasons=[reason])
    report, reasons = _report(said, columns)
    if not reference or len(reference) > 100 or not (reference.isascii() and reference.isprintable()):
        reasons.append(Reason(column=columns.reference, detail="no usable reference"))
    reasons = reasons or _refusals(report, columns)
    if reasons:
        return RejectedRow(line=line, reference=reference[:100], reasons=reasons)
    return AcceptedRow(line=line, reference=reference, report=report)


def _report(row: Row, columns: ColumnMap) -> tuple[dict[str, Any], list[Reason]]:
    parts = {"place": _place, "text": _text, "channel": _channel, "category": _category, "occurred_at": _time}
    report: dict[str, Any] = {}
    reasons: list[Reason] = []
    for name, read in parts.items():
        try:
            value = read(row, columns)
        except _Wrong as wrong:
            reasons.append(wrong.reason)
        else:
            if value is not None:
                report[name] = value
    return report, reasons


def _place(row: Row, columns: ColumnMap) -> dict[str, Any]:
    if not (row[columns.longitude] and row[columns.latitude]):
        raise _Wrong(columns.latitude, "no coordinates: nothing places the report on the map")
    place: dict[str, Any] = {"lon": _degrees(row, columns.longitude), "lat": _degrees(row, columns.latitude)}
    address = ", ".join(filter(None, (row[name] for name in columns.address)))
    return place | ({"address": address[:300]} if address else {})


def _degrees(row: Row, column: str) -> float:
    """Of a comma nobody can say whether it stands for the point: read as nothing, it moves the place."""
    said = row[column]
    if "," in said:
        raise _Wrong(column, "a comma among the figures: the decimals come after a point")
    if not _DEGREES.fullmatch(said):
        raise _Wrong(column, "not a number")
    return float(said)


def _text(row: Row, columns: ColumnMap) -> str:
    whole = (
        template
        for template in columns.text
        if all(row[name] for name in columns.text_columns if f"{{{name}}}" in template)
    )
    template = next(whole, None)
    if template is None:
        raise _Wrong(columns.text_columns[0], "says nothing")
    for name in columns.text_columns:
        template = template.replace(f"{{{name}}}", row[name])
    return template


def _channel(row: Row, columns: ColumnMap) -> str:
    said = row[columns.channel].lower() if columns.channel else ""
    return columns.channels.get(said, columns.default_channel)


def _category(row: Row, columns: ColumnMap) -> str | None:
    """None leaves it to the router; a code that stands in the export itself needs no table."""
    said = row[columns.category] if columns.category else ""
    if not columns.categories:
        return said or None
    found = columns.category_codes.get(said)
    if isinstance(found, dict):
        detail = row[columns.detail] if columns.detail else ""
        return found.get(detail, found.get("*"))
    return found


def _time(row: Row, columns: ColumnMap) -> str | None:
    said = row[columns.occurred_at] if columns.occurred_at else ""
    if not said or columns.occurred_at is None:
        return None
    try:
        at = (
            datetime.fromisoformat(said)
            if columns.time_format == "iso"
            else datetime.strptime(said, columns.time_format)
        )  # the zone follows
    except ValueError:
        raise _Wrong(columns.occurred_at, "not a time as the column map says") from None
    return (at if at.tzinfo else at.replace(tzinfo=ZoneInfo(columns.time_zone))).isoformat()


def _refusals(report: dict[str, Any], columns: ColumnMap) -> list[Reason]:
    """What intake would refuse, found here, so that a row's fate is known before it is sent."""
    try:
        GivenReport.model_validate(report)
    except ValidationError as error:
        names = {"lon": columns.longitude, "lat": columns.latitude, "text": columns.text_columns[0]}
        return [
            Reason(
                column=names.get(str(found["loc"][-1]), ".".join(map(str, found["loc"]))),
                detail=detail_of(found),
            )
            for found in error.errors(include_input=False, include_url=False)
        ]
    return []
