"""Which events a subscriber wants."""

from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from contracts import topics
from contracts.events import HOME
from contracts.likeness import class_of
from contracts.vocabulary import CATEGORY_CLASS, CATEGORY_CODE, Tier, Urgency
from delivery.field_types import shaped
from services.notifier.entry import Entry


def _known_type(name: str) -> str:
    if HOME.get(name) != topics.CASES:
        raise ValueError("no such type of case event")
    return name


Code = Annotated[
    str, Field(min_length=1, max_length=64), shaped(r"^[^\s\x00-\x1f\x7f]+$", "a code, without spaces")
]
Category = Annotated[
    str,
    shaped(
        f"^({CATEGORY_CODE}|{CATEGORY_CLASS})$",
        "a category, its group or its class, such as C01-02, C01 or C",
    ),
]
EventType = Annotated[str, AfterValidator(_known_type)]


def _restriction(**how: Any) -> Any:
    """Absent in, absent out."""
    return Field(default=None, exclude_if=lambda value: value is None, **how)


MOST_VALUES = 1000
# an empty list would leave open whether all or nothing is meant, so it is refused
_SOME = {"min_length": 1, "max_length": 500}


class Filter(BaseModel):
    """Each restriction that is present must hold, by one of its values; what an event does not state matches none."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    tiers: tuple[Tier, ...] | None = _restriction(**_SOME)
    units: tuple[Code, ...] | None = _restriction(
        **_SOME, description="leads, helps, is copied, or is named by the event"
    )
    categories: tuple[Category, ...] | None = _restriction(
        **_SOME, description="whole, or a beginning such as C or C01"
    )
    min_urgency: Urgency | None = _restriction()
    event_types: tuple[EventType, ...] | None = _restriction(**_SOME)
    grids: tuple[Code, ...] | None = _restriction(**_SOME)

    @model_validator(mode="after")
    def _is_bounded(self) -> "Filter":
        listed = (self.tiers, self.units, self.categories, self.event_types, self.grids)
        if (count := sum(len(values or ()) for values in listed)) > MOST_VALUES:
            raise ValueError(f"names {count} values; a filter may name {MOST_VALUES} in all")
        return self


def matches(wanted: Filter, entry: Entry) -> bool:
    return (
        (wanted.event_types is None or entry.event_type in wanted.event_types)
        and (wanted.tiers is None or entry.tier in wanted.tiers)
        and (wanted.grids is None or entry.grid in wanted.grids)
        and (wanted.categories is None or _is_of(entry.category or "", wanted.categories))
        and (wanted.units is None or not entry.units.isdisjoint(wanted.units))
        and (wanted.min_urgency is None or _at_least(entry.urgency, wanted.min_urgency))
    )


def _is_of(category: str, wanted: tuple[str, ...]) -> bool:
    """A code stands for itself (C01-05 is not C01-051), a class also for those that begin as it does."""
    return category in wanted or class_of(category).startswith(wanted)


def _at_least(urgency: Urgency | None, least: Urgency) -> bool:
    return urgency is not None and urgency.level >= least.level
