"""What a subscriber hears of an event: why, and how much of it."""

from typing import NamedTuple

from services.notifier.entry import Entry
from services.notifier.privacy import View, view_of
from services.notifier.scope import Related, Relation, relation_of


class Heard(NamedTuple):
    relation: Relation
    view: View


def heard_by(owner: str | None, entry: Entry, related: Related) -> Heard | None:
    """None: the owner of the subscription has nothing to do with the case, or may not be told of it."""
    relation = relation_of(owner, related(entry.acting, entry.told, entry.grid))
    view = view_of(entry.privacy, relation) if relation else None
    return Heard(relation, view) if relation and view else None
