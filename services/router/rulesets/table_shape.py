"""What the tables of a ruleset look like: where a row's entry stands in the document, and what its columns hold."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from enum import Enum
from itertools import takewhile
from types import NoneType, UnionType
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import BaseModel

Path = tuple[str, ...]


class Cells(Enum):
    """How a value is written in a cell: PAIRS as `2=10;3=20`, SET like a LIST whose order says nothing."""

    TEXT = "text"
    FLAG = "flag"
    LIST = "list"
    SET = "set"
    PAIRS = "pairs"


@dataclass(frozen=True)
class Column:
    """`below` is where its value stands below the entry. Where `open`, an empty cell is no value, and a list that is
    given and empty is written `-`. Of one that may be `spared` a table without it leaves what the entries hold."""

    below: Path
    cells: Cells = Cells.TEXT
    open: bool = False
    spared: bool = False


@dataclass(frozen=True)
class Key:
    """A step of a place that a column of this name gives; one of `among`, where other names are another table's."""

    name: str
    among: Path = ()


class Item:
    """The last step of a place whose entries are a list, in the order of the rows."""


Step = str | Key | Item


@dataclass(frozen=True)
class Table:
    """`place` leads from the document to a row's entry; what stands there and has no column is not the table's. One
    that `may_be_empty` adds to other tables: without rows, those hold."""

    place: tuple[Step, ...]
    columns: Mapping[str, Column]
    may_be_empty: bool = False

    @property
    def keys(self) -> list[Key]:
        return [step for step in self.place if isinstance(step, Key)]

    @property
    def header(self) -> list[str]:
        return [*(key.name for key in self.keys), *self.columns]

    def without(self, names: Collection[str]) -> "Table":
        """Where those columns are not there, what they would hold is not the table's."""
        return replace(self, columns={name: each for name, each in self.columns.items() if name not in names})

    def holds(self, name: str) -> bool:
        """Whether that field of an entry is the table's."""
        return any(column.below[:1] == (name,) for column in self.columns.values())

    def column_at(self, inside: Path) -> str | None:
        """The name of the column that holds that place inside an entry."""
        holding = (name for name, each in self.columns.items() if inside[: len(each.below)] == each.below)
        return next(holding, None)

    @property
    def root(self) -> Path:
        """Down to where the rows part."""
        steps = takewhile(lambda step: isinstance(step, str), self.place)
        return tuple(str(step) for step in steps)


def columns_of(
    model: type[BaseModel], *, without: tuple[str, ...] = (), added: tuple[str, ...] = ()
) -> dict[str, Column]:
    """A column for every field in its order, `fact.at_least` for one of a field's own fields. Those that were
    `added` tables from before do not have."""
    columns = (column for column in _columns(model, ()) if column.below[0] not in without)
    return {".".join(column.below): replace(column, spared=column.below[0] in added) for column in columns}


def _columns(kind: Any, below: Path) -> Iterator[Column]:
    kind, is_open = _required(kind)
    match get_origin(kind), get_args(kind):
        case None, _ if issubclass(kind, BaseModel):
            for name, field in kind.model_fields.items():
                yield from _columns(field.annotation, (*below, name))
        case origin, (name_of, value) if origin is dict:
            for name in name_of:
                yield from _columns(value, (*below, str(name)))
        case origin, (item, *_) if origin is tuple:
            yield Column(below, Cells.PAIRS if get_origin(item) is tuple else Cells.LIST, is_open)
        case origin, _ if origin is frozenset:
            yield Column(below, Cells.SET, is_open)
        case _:
            yield Column(below, Cells.FLAG if kind is bool else Cells.TEXT, is_open)


def _required(kind: Any) -> tuple[Any, bool]:
    """The kind itself, and whether nothing may stand in its place."""
    if get_origin(kind) is Annotated:
        return _required(get_args(kind)[0])
    if get_origin(kind) in (Union, UnionType):
        (inner,) = (each for each in get_args(kind) if each is not NoneType)
        return _required(inner)[0], True
    return kind, False
