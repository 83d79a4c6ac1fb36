"""Who is to receive what: each event meets only the subscriptions of those who have to do with its case."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any
from uuid import UUID

from services.notifier.attempt import NewDelivery
from services.notifier.entry import Entry
from services.notifier.filter import Filter, matches
from services.notifier.hearing import heard_by
from services.notifier.scope import Related

Wishes = dict[str | None, list[tuple[UUID, Filter]]]


@lru_cache(4096)
def _filter_from(text: str) -> Filter:
    return Filter.model_validate_json(text)


def by_owner(wanted: Iterable[Mapping[str, Any]]) -> Wishes:
    """From rows of `id`, `owner` and `filter` as JSON."""
    found: Wishes = {}
    for row in wanted:
        found.setdefault(row["owner"], []).append((row["id"], _filter_from(row["filter"])))
    return found


def deliveries_of(
    lines: Sequence[tuple[int, Entry]], wishes: Wishes, related: Related, new_id: Callable[[], UUID]
) -> Iterator[NewDelivery]:
    """One for each event and each subscription that may see it and wants it, in the order of the events."""
    for position, entry in lines:
        relations = related(*entry.concerns)
        for owner in _owners(wishes, relations):
            heard = heard_by(owner, entry, relations)
            if heard is None:
                continue
            for subscription_id, wish in wishes[owner]:
                if matches(wish, entry):
                    yield NewDelivery(new_id(), subscription_id, position, entry, heard.relation)


def _owners(wishes: Wishes, relations: Mapping[str, Any]) -> Iterator[str | None]:
    """Those of few: an event is about a handful of units, however many subscribe; administrators see them all."""
    if None in wishes:
        yield None
    yield from (owner for owner in relations if owner in wishes)
