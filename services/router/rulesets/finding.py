"""What is wrong with a ruleset, and where exactly."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from delivery.field_types import detail_of


@dataclass(frozen=True)
class Finding:
    """`pointer` is a JSON pointer into the ruleset, whose last step is itself what is wrong where it is `of_a_key`;
    `row` and `column` are the line and the column's name in a CSV."""

    pointer: str
    detail: str
    row: int | None = None
    column: str | None = None
    of_a_key: bool = False

    @property
    def steps(self) -> tuple[str, ...]:
        """Those of the pointer."""
        return tuple(step.replace("~1", "/").replace("~0", "~") for step in self.pointer.split("/")[1:])

    def shown(self) -> dict[str, Any]:
        shown = {"pointer": self.pointer, "detail": self.detail, "row": self.row, "column": self.column}
        return {name: value for name, value in shown.items() if value is not None}


def pointer_to(*steps: str | int) -> str:
    """RFC 6901: `~` and `/` inside a step are written as `~0` and `~1`."""
    return "".join("/" + str(step).replace("~", "~0").replace("/", "~1") for step in steps)


def findings_of(error: ValidationError) -> Iterable[Finding]:
    """Pydantic's findings; the values themselves are not repeated."""
    for said in error.errors(include_input=False, include_url=False):
        steps = [step for step in said["loc"] if step != "[key]"]
        yield Finding(pointer_to(*steps), detail_of(said), of_a_key=said["loc"][-1:] == ("[key]",))
